import { methodName, type Method } from '../../active-backup/methods';
import type { Problem } from '../nas/problems';

/** Looks up a text of one catalogue, in the language of whoever looks at it. */
export type Text = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/** The catalogue all nodes of this package share: that of the set `nas`, which every flow that works has loaded. */
const SHARED = 'node-red-contrib-synology-active-backup/nas';

/** A text of the shared catalogue in the language of whoever looks at it. */
export function shared(key: string, values?: Readonly<Record<string, string | number>>): string {
  return RED._(`${SHARED}:${key}`, values);
}

/** The texts of one node's own catalogue. @param set the folder of the node */
export function textsOf(set: string): Text {
  return (key, values) => RED._(`node-red-contrib-synology-active-backup/${set}:${key}`, values);
}

/** A problem in words. */
export function problemText({ key, values }: Problem): string {
  return shared(key, values);
}

/** `label`: what a method is called; `explain`: what it does; `loses`, of level `delete` alone: what is gone afterwards. */
export function operationText(method: Method, part: 'label' | 'explain' | 'loses'): string {
  return shared(`operations.${methodName(method)}.${part}`);
}

/** `label`: what a parameter is called; `hint`: what to enter. */
export function parameterText(name: string, part: 'label' | 'hint'): string {
  return shared(`parameters.${name}.${part}`);
}

/** A word of the data model (INTERFACE 4) as people say it. */
export function wordText(kind: 'type' | 'state' | 'result', word: string): string {
  return shared(`word.${kind}.${word}`);
}

/** A day and a time of day, in the language of the editor. @param at ISO 8601 */
export function momentText(at: string): string {
  const format = new Intl.DateTimeFormat(RED.i18n.lang(), { dateStyle: 'medium', timeStyle: 'short' });
  return format.format(new Date(at));
}

/** A day as people write it, in the language of the editor. @param at ISO 8601 */
export function dateText(at: string): string {
  return new Intl.DateTimeFormat(RED.i18n.lang(), { dateStyle: 'long' }).format(new Date(at));
}
