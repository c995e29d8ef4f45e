/**
 * Copies a text. The Clipboard API needs HTTPS and a permission; Node-RED's own function only a click.
 * @returns whether the browser allowed it
 */
export async function copyToClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return RED.clipboard.copyText(text);
  }
}
