import type { Parameter } from '../../active-backup/methods';
import { readParameterValue } from '../../active-backup/parameter-values';
import type { TypedValue } from '../../settings/operations';
import { isVariable, Problem } from '../../settings/rules';

/** The parameters of a node: name → typed value (docs/interface.md §2.2). */
export type Params = Readonly<Record<string, TypedValue>>;

/** Types whose value comes from a message or the environment at run time. */
export const RUNTIME_TYPES = ['msg', 'flow', 'global', 'env', 'jsonata'] as const;

/** Whether a type's value comes from a message or the environment at run time. */
export function isRuntimeType(type: string): boolean {
  return RUNTIME_TYPES.some((known) => known === type);
}

/** The parameters in a flow file, which may hold anything; entries that are no typed value are left out. */
export function paramsOf(saved: unknown): Params {
  if (typeof saved !== 'object' || saved === null) return {};
  return Object.fromEntries(Object.entries(saved).filter((entry): entry is [string, TypedValue] => isTyped(entry[1])));
}

function isTyped(value: unknown): value is TypedValue {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** A value as its field shows it: one line of text. */
export function fieldText({ value }: Pick<TypedValue, 'value'>): string {
  if (value === undefined) return '';
  return (typeof value === 'string' ? value : JSON.stringify(value)).replace(/[\r\n]/g, '');
}

/** Whether a row has a value; an empty row is not sent. */
export function isFilled(typed: TypedValue): boolean {
  return fieldText(typed).trim() !== '';
}

/**
 * The problem with a row of the parameter form that can be found before a message arrives; null without one.
 * @param parameter undefined for a parameter that the method table does not list: it takes any value
 * @param typed undefined for a row that was not stored
 */
export function parameterProblem(parameter: Parameter | undefined, typed: TypedValue | undefined): Problem | null {
  if (typed === undefined || !isFilled(typed)) {
    return parameter?.required === true ? new Problem('problem.required') : null;
  }
  if (isRuntimeType(typed.type) || isVariable(typed.value)) return null;
  const value = literalValue(typed);
  if (value === undefined) return new Problem(typed.type === 'json' ? 'problem.json' : 'problem.expected.any');
  if (parameter === undefined || readParameterValue(parameter, value) !== undefined) return null;
  return new Problem(expectedKey(parameter));
}

/** The value that Node-RED makes of it; undefined if it cannot. */
function literalValue({ value, type }: TypedValue): unknown {
  if (typeof value !== 'string') return value;
  if (type === 'num') return Number.isNaN(Number(value)) ? undefined : Number(value);
  if (type === 'bool') return /^true$/i.test(value);
  return type === 'json' ? parsedJson(value) : value;
}

function expectedKey({ type, codes, unit }: Parameter): string {
  if (codes !== undefined) return 'problem.expected.code';
  return unit === 'epochSeconds' ? 'problem.expected.epochSeconds' : `problem.expected.${type}`;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
