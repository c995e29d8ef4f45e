import { find } from './elements';
import type { NumberFields } from './nas-numbers';

/** Shows the default where a new node has nothing: the editor leaves out defaults that are 0. */
export function showNumbers(fields: NumberFields): void {
  for (const [property, field] of Object.entries(fields)) {
    const input = inputOf(property);
    if (input.value.trim() === '') input.value = String(field.default);
  }
}

/**
 * Stores numbers as numbers. Node-RED reads the inputs afterwards and keeps what is equal to their text, so the text is
 * made to say the same; `${VAR}` and nonsense stay text. A number an import brought as text stays as it is, untouched.
 */
export function saveNumbers(node: object, fields: NumberFields): void {
  const properties = node as Record<string, unknown>;
  for (const [property, field] of Object.entries(fields)) {
    const input = inputOf(property);
    const text = input.value.trim();
    const number = text === '' ? field.default : Number(text);
    if (!Number.isFinite(number) || properties[property] === text) continue;
    properties[property] = number;
    input.value = String(number);
  }
}

function inputOf(property: string): HTMLInputElement {
  return find(`#node-config-input-${property}`, HTMLInputElement);
}
