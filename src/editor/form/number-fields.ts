import { query } from './dom';

/** Numbers a node stores, by property. */
type NumberFields = Readonly<Record<string, { readonly default: number }>>;

/** How Node-RED begins the id of an input: of a config node's property, or of any other's. */
type Inputs = 'node-config-input' | 'node-input';

/** Shows the default where a new node has nothing: the editor leaves out defaults that are 0. */
export function showNumbers(fields: NumberFields, inputs: Inputs): void {
  for (const [property, field] of Object.entries(fields)) {
    const input = inputOf(property, inputs);
    if (input.value.trim() === '') input.value = String(field.default);
  }
}

/**
 * Stores numbers as numbers. Node-RED reads the inputs afterwards and keeps what is equal to their text, so the text is
 * made to say the same; `${VAR}` and nonsense stay text. A number an import brought as text stays as it is, untouched.
 */
export function saveNumbers(node: object, fields: NumberFields, inputs: Inputs): void {
  const properties = node as Record<string, unknown>;
  for (const [property, field] of Object.entries(fields)) {
    const input = inputOf(property, inputs);
    const text = input.value.trim();
    const number = text === '' ? field.default : Number(text);
    if (!Number.isFinite(number) || properties[property] === text) continue;
    properties[property] = number;
    input.value = String(number);
  }
}

function inputOf(property: string, inputs: Inputs): HTMLInputElement {
  return query(`#${inputs}-${property}`, HTMLInputElement);
}
