import { methodName, type Method } from '../../active-backup/methods';
import type { Problem } from '../../settings/rules';

/** Looks up a text of one catalogue in the language of the editor. `__name__` in the text is replaced by `values.name`. */
export type Text = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/** The texts of one node's own catalogue. @param set the folder of the node */
export function textsOf(set: string): Text {
  return (key, values) => RED._(`node-red-contrib-synology-active-backup/${set}:${key}`, values);
}

/** A text of the catalogue that all nodes share: that of the set `nas`, which every working flow has loaded. */
export const shared: Text = textsOf('nas');

/** The text of a problem. */
export function problemText({ key, values }: Problem): string {
  return shared(key, values);
}

/** `label`: name of a method; `explain`: its purpose; `loses`, of level `delete` alone: the data that it deletes. */
export function operationText(method: Method, part: 'label' | 'explain' | 'loses'): string {
  return shared(`operations.${methodName(method)}.${part}`);
}

/** `label`: name of a parameter; `hint`: the value to enter. */
export function parameterText(name: string, part: 'label' | 'hint'): string {
  return shared(`parameters.${name}.${part}`);
}

/** The display name of a word of the data model (docs/interface.md §4). */
export function wordText(kind: 'type' | 'state' | 'result', word: string): string {
  return shared(`word.${kind}.${word}`);
}

/** Date and time in the language of the editor. @param at ISO 8601 */
export function dateTimeText(at: string): string {
  const format = new Intl.DateTimeFormat(RED.i18n.lang(), { dateStyle: 'medium', timeStyle: 'short' });
  return format.format(new Date(at));
}

/** A date in the language of the editor. @param at ISO 8601 */
export function dateText(at: string): string {
  return new Intl.DateTimeFormat(RED.i18n.lang(), { dateStyle: 'long' }).format(new Date(at));
}
