import { parseBoolean } from './boolean';

/**
 * A checkbox for a flag. Node-RED's own handling would check it for the text `false` and turn `${VAR}` into true, so its id
 * is none of Node-RED's; a value only the runtime knows shows as neither checked nor not.
 * @returns reads what to store: `saved` itself as long as nobody touched it
 */
export function checkboxField(checkbox: HTMLInputElement, saved: unknown, preset: boolean): () => unknown {
  const meaning = parseBoolean(saved, preset);
  checkbox.checked = meaning ?? preset;
  checkbox.indeterminate = meaning === null;
  if (meaning === null) checkbox.title = String(saved);
  return () =>
    checkbox.indeterminate || (checkbox.checked === meaning && saved !== undefined) ? saved : checkbox.checked;
}
