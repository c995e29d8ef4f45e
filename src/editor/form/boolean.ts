/** What a flag of the flow means, as the runtime reads it; null for `${VAR}` and nonsense. A missing one is its default. */
export function parseBoolean(saved: unknown, preset: boolean): boolean | null {
  if (saved === undefined || saved === null || saved === '') return preset;
  const word = (typeof saved === 'string' ? saved : JSON.stringify(saved)).toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(word)) return true;
  return ['false', '0', 'no', 'off'].includes(word) ? false : null;
}
