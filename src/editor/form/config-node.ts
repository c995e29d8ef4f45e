/** The value of Node-RED's select for a config node while none is chosen. */
export const NONE_CHOSEN = '_ADD_';

/**
 * Completes credentials that were never stored with empty values: without them, Node-RED would see a change when the dialog
 * is closed.
 * @param passwords names of the credentials that the editor never receives
 */
export function normalizeCredentials(credentials: EditorCredentials | undefined, passwords: readonly string[]): void {
  if (credentials === undefined) return;
  credentials['username'] ??= '';
  for (const name of passwords) if (!credentials[name]) credentials[`has_${name}`] ??= false;
}
