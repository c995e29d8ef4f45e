/**
 * The rules for the values that a user enters. Each rule stands here once: the runtime turns a {@link Problem} into an error,
 * the editor into a red border. Pure: no Node-RED, no DOM, no I/O.
 */

/** Why a value is rejected. */
export class Problem {
  /**
   * @param key text of the editor's shared catalogue (`problem.number`); @param values inserted into that text
   * @param reason the same in English, as the predicate of the runtime's error: `must be a number from 5 to 60`;
   *   `''` for a problem that only the editor reports
   */
  constructor(
    readonly key: string,
    readonly values: Readonly<Record<string, string | number>> = {},
    readonly reason = '',
  ) {}
}

/** Parses one value of a form or a flow file, which may have any type. A missing value is the default, if there is one. */
export type Rule<T> = (value: unknown) => T | Problem;

/** One `${VAR}` or `$(VAR)`. Node-RED replaces only a text that consists of one variable, when the flow starts. */
export const VARIABLE = /^\$(?:\{([^}]+)\}|\(([^)]+)\))$/;

/** Whether a value is one environment variable, which is resolved at run time. */
export function isVariable(value: unknown): boolean {
  return typeof value === 'string' && VARIABLE.test(value.trim());
}

/** The problem with a value before the flow runs; null without one, and for an environment variable. */
export function problemOf(rule: Rule<unknown>, value: unknown): Problem | null {
  if (isVariable(value)) return null;
  const result = rule(value);
  return result instanceof Problem ? result : null;
}

/** A value as a user would type it; `''` for a missing one. A message may contain what nobody can type: that is its type. */
export function trimmedText(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (value === undefined || value === null) return '';
  try {
    const text: unknown = JSON.stringify(value);
    return typeof text === 'string' ? text : typeof value;
  } catch {
    return typeof value; // cyclic, or with a BigInt
  }
}

/** A number's default and range, both ends included. */
export interface NumberRange {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

/** A number in a range. */
export function numberIn({ default: preset, min, max, whole = false }: NumberRange): Rule<number> {
  const problem = new Problem('problem.number', { min, max }, `must be a number from ${min} to ${max}`);
  return (value) => {
    const text = trimmedText(value);
    const number = text === '' ? preset : Number(text);
    const isNumber = whole ? Number.isInteger(number) : Number.isFinite(number);
    return isNumber && number >= min && number <= max ? number : problem;
  };
}

/** One of a few words. */
export function oneOf<T extends string>(words: readonly T[], preset: T): Rule<T> {
  return (value) => {
    const text = trimmedText(value);
    const word = text === '' ? preset : words.find((known) => known === text);
    return word ?? new Problem('problem.word', { word: text }, `must be one of ${words.join(', ')}`);
  };
}

/** Some of a few words: an array, or a single one. An entry that is an environment variable passes. */
export function someOf(words: readonly string[]): Rule<string[]> {
  return (value) => {
    const entries: unknown[] = Array.isArray(value) ? value : [value];
    const texts = entries.map(trimmedText).filter((text) => text !== '');
    const wrong = texts.find((text) => !words.includes(text) && !isVariable(text));
    if (wrong === undefined) return texts;
    return new Problem('problem.word', { word: wrong }, `must be some of ${words.join(', ')}`);
  };
}

/** A boolean as imports and environment variables bring it (`'true'`, `1`, `'off'` …); null for anything else. */
export function parseBoolean(value: unknown, preset: boolean): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value === undefined || value === null || value === '') return preset;
  const word = typeof value === 'string' || typeof value === 'number' ? String(value).trim().toLowerCase() : '';
  if (['true', '1', 'yes', 'on'].includes(word)) return true;
  return ['false', '0', 'no', 'off'].includes(word) ? false : null;
}
