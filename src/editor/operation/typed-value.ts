import type { Parameter } from '../../active-backup/methods';
import { BACKUP_TYPE } from '../../active-backup/codes';
import { isVariable, type Problem } from '../nas/problems';

/** A value as Node-RED's typed input stores it (INTERFACE 2.2). */
export interface TypedValue {
  readonly value: unknown;
  readonly type: string;
}

/** Parameter name → what a person filled in. */
export type Params = Readonly<Record<string, TypedValue>>;

/** Types whose value is only known when a message comes. */
export const RUNTIME_TYPES = ['msg', 'flow', 'global', 'env', 'jsonata'] as const;

/** Words a parameter's numbers stand for, by the name the catalogue gives their table. */
export const CODE_WORDS: Readonly<Record<NonNullable<Parameter['codes']>, readonly string[]>> = {
  BACKUP_TYPE: Object.values(BACKUP_TYPE),
};

/** As seconds it would lie after the year 5000: somebody took milliseconds. */
const LAST_PLAUSIBLE_SECOND = 1e11;

/** Whether each type of parameter can take a value, by the rules the runtime reads it with (`parameters.ts`). */
const TAKES: Readonly<Record<Parameter['type'], (value: unknown, parameter: Parameter) => boolean>> = {
  boolean: (value) => ['true', 'false'].includes(String(value).trim().toLowerCase()),
  integer: isInteger,
  integers: (value) => {
    const list = typeof value === 'string' && !value.trim().startsWith('[') ? value.split(',') : listOf(value);
    return list.length > 0 && list.every((entry) => isInteger(entry, { type: 'integer' }));
  },
  string: (value) => typeof value === 'string' || typeof value === 'number',
  strings: (value) => {
    const list = listOf(value);
    return list.length > 0 && list.every((entry) => typeof entry === 'string' && entry !== '');
  },
  object: (value) => typeof parsed(value) === 'object' && parsed(value) !== null && !Array.isArray(parsed(value)),
  array: (value) => Array.isArray(parsed(value)),
  any: () => true,
};

/** The parameters of a flow file, whatever it holds: what is no typed value is left out. */
export function paramsOf(saved: unknown): Params {
  if (typeof saved !== 'object' || saved === null) return {};
  return Object.fromEntries(Object.entries(saved).filter((entry): entry is [string, TypedValue] => isTyped(entry[1])));
}

function isTyped(value: unknown): value is TypedValue {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** What a typed value looks like in its field: one line of text. */
export function fieldText({ value }: TypedValue): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) as string | undefined);
  return (text ?? '').replace(/[\r\n]/g, '');
}

/** Whether a person filled the row in; an empty row is not sent. */
export function isFilled(typed: TypedValue): boolean {
  return fieldText(typed).trim() !== '';
}

/**
 * What is wrong with a row of the parameter form, as far as that can be known before a message comes.
 * @param parameter undefined for a parameter the catalogue does not list: it takes any value
 * @param typed undefined for a row that was not stored
 */
export function parameterProblem(parameter: Parameter | undefined, typed: TypedValue | undefined): Problem | null {
  if (typed === undefined || !isFilled(typed)) return parameter?.required === true ? { key: 'problem.required' } : null;
  if (isRuntimeType(typed.type) || isVariable(typed.value)) return null;
  const value = literal(typed);
  if (value === undefined) return { key: typed.type === 'json' ? 'problem.json' : 'problem.expected.any' };
  if (parameter === undefined || TAKES[parameter.type](value, parameter)) return null;
  return { key: expectedKey(parameter) };
}

/** Whether only a message brings the value. */
export function isRuntimeType(type: string): boolean {
  return (RUNTIME_TYPES as readonly string[]).includes(type);
}

/** The value Node-RED will make of it; undefined when it cannot. */
function literal({ value, type }: TypedValue): unknown {
  if (typeof value !== 'string') return value;
  if (type === 'num') return Number.isNaN(Number(value)) ? undefined : Number(value);
  if (type === 'bool') return /^true$/i.test(value);
  return type === 'json' ? parsed(value) : value;
}

function expectedKey({ type, codes, unit }: Parameter): string {
  if (codes !== undefined) return 'problem.expected.code';
  return unit === 'epochSeconds' ? 'problem.expected.epochSeconds' : `problem.expected.${type}`;
}

function isInteger(value: unknown, { codes, unit }: Parameter): boolean {
  const text = typeof value === 'string' ? value.trim() : null;
  if (text !== null && codes !== undefined && CODE_WORDS[codes].includes(text.toLowerCase())) return true;
  const number = text === null ? value : /^\d+$/.test(text) ? Number(text) : undefined;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) return false;
  return unit !== 'epochSeconds' || number <= LAST_PLAUSIBLE_SECOND;
}

/** A list as it is or as JSON text; anything else is a list of one. */
function listOf(value: unknown): readonly unknown[] {
  const list = typeof value === 'string' && value.trim().startsWith('[') ? parsed(value) : value;
  return Array.isArray(list) ? list : [value];
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
