import type { JsonValue, ReadonlyJsonObject } from './types';

/** Texts that need no quotes; all others are quoted as in JSON, which is valid YAML. */
const PLAIN = /^[a-z][a-z0-9_]*(?:[.:-][a-z0-9_]+)*$/;
/** Words that YAML 1.1 reads as a boolean or null. */
const SPECIAL: ReadonlySet<string> = new Set(['true', 'false', 'yes', 'no', 'on', 'off', 'null', 'y', 'n']);

/** Texts of several lines that a literal block keeps as they are: without odd line ends or spaces at the beginning or end. */
const LITERAL =
  /^(?! )(?:[\x20-\x7e\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe]|[\ud800-\udbff][\udc00-\udfff]|\n(?!$))*\n(?!$)[^\n]*$/;

/** A value as YAML: block style, two spaces, quotes only where needed. */
export function toYaml(value: ReadonlyJsonObject): string {
  return `${linesOf(value).join('\n')}\n`;
}

function linesOf(value: JsonValue): string[] {
  if (isList(value)) return value.flatMap((item) => itemLines(item));
  if (isObject(value)) return Object.entries(value).flatMap(([key, item]) => entryLines(key, item));
  return [scalarOf(value)];
}

function entryLines(key: string, item: JsonValue): string[] {
  const name = scalarOf(key);
  if (typeof item === 'string' && LITERAL.test(item))
    return [`${name}: |-`, ...item.split('\n').map((line) => (line === '' ? '' : `  ${line}`))];
  return isBlock(item) ? [`${name}:`, ...linesOf(item).map((line) => `  ${line}`)] : [`${name}: ${scalarOf(item)}`];
}

function itemLines(item: JsonValue): string[] {
  const [first = '', ...others] = isBlock(item) ? linesOf(item) : [scalarOf(item)];
  return [`- ${first}`, ...others.map((line) => `  ${line}`)];
}

function scalarOf(value: JsonValue): string {
  if (typeof value === 'string' && PLAIN.test(value) && !SPECIAL.has(value)) return value;
  return JSON.stringify(value);
}

/** Whether a value needs lines of its own; an empty list or object is written as in JSON. */
function isBlock(value: JsonValue): boolean {
  return (isList(value) && value.length > 0) || (isObject(value) && Object.keys(value).length > 0);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue): value is ReadonlyJsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}
