/**
 * Makes credentials that were never stored empty ones: else closing the dialog would count as entering nothing.
 * @param passwords names of those that the editor never gets to see
 */
export function normalizeCredentials(credentials: EditorCredentials | undefined, passwords: readonly string[]): void {
  if (credentials === undefined) return;
  credentials['username'] ??= '';
  for (const name of passwords) if (!credentials[name]) credentials[`has_${name}`] ??= false;
}
