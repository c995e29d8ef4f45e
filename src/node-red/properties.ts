import { DsmError } from '../dsm/errors';

/** A text that is wholly one `${VAR}` or `$(VAR)`: only these does Node-RED replace. */
export const VARIABLE = /^\$(?:\{([^}]+)\}|\(([^)]+)\))$/;

/** What may be shown of a value that is no number in its range: anything else may be a secret in the wrong field. */
const NUMBER = /^[-+]?\d{1,12}(?:\.\d{1,6})?$/;

/** What a number may be, and what it is when nothing is said. */
export interface Range {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

/**
 * The properties of one node as the flow file has them: imports and `${VAR}` bring numbers and booleans as texts, or leave
 * properties out. Whatever is wrong is an ECONFIG that names the property and the node.
 */
export class Properties {
  readonly #def: Readonly<Record<string, unknown>>;
  readonly #what: string;

  /** @param what the kind of node, for messages: `NAS node` */
  constructor(def: object, what: string) {
    this.#def = def as Readonly<Record<string, unknown>>;
    this.#what = what;
  }

  /** A text without the blanks around it; `''` when there is none. @throws DsmError ECONFIG */
  string(property: string): string {
    const value = this.#def[property];
    if (value === undefined || value === null) return '';
    if (typeof value !== 'string' && typeof value !== 'number') throw this.wrong(property, 'is not a text');
    return this.#resolved(property, String(value).trim());
  }

  /** @throws DsmError ECONFIG when it is none, or out of its range */
  number(property: string, { default: preset, min, max, whole = false }: Range): number {
    const written = this.string(property);
    const value = written === '' ? preset : Number(written);
    const isNumber = whole ? Number.isInteger(value) : Number.isFinite(value);
    if (isNumber && value >= min && value <= max) return value;
    throw this.wrong(
      property,
      `must be a number from ${min} to ${max}${NUMBER.test(written) ? `, not ${written}` : ''}`,
    );
  }

  /** @throws DsmError ECONFIG */
  boolean(property: string, preset: boolean): boolean {
    const value = parseBoolean(this.#def[property], preset);
    if (value !== null) return value;
    throw this.wrong(property, `must be true or false`);
  }

  /** One of `words`; `preset` when nothing is said. @throws DsmError ECONFIG */
  oneOf<T extends string>(property: string, words: readonly T[], preset: T): T {
    const written = this.string(property) || preset;
    const word = words.find((known) => known === written);
    if (word !== undefined) return word;
    throw this.wrong(property, `must be one of ${words.join(', ')}`);
  }

  /** A credential, which Node-RED keeps apart from the properties; `''` when there is none. @throws DsmError ECONFIG */
  credential<T extends object>(credentials: T | undefined, name: keyof T & string, label = ''): string {
    const value = credentials?.[name];
    return typeof value === 'string' ? this.#resolved(name, value, label) : '';
  }

  /** The error of a property that is wrong. @param why follows the name of the node */
  wrong(property: string, why: string): DsmError {
    return new DsmError('ECONFIG', `Property "${property}" of the ${this.#what} ${why}`);
  }

  /** Node-RED leaves `${VAR}` as it is when the variable does not exist. */
  #resolved(property: string, value: string, label = ''): string {
    const variable = VARIABLE.exec(value);
    if (variable === null) return value;
    const name = variable[1] ?? variable[2] ?? '';
    const where = label === '' ? `the ${this.#what}` : `the ${this.#what} ${label}`;
    throw new DsmError(
      'ECONFIG',
      `Property "${property}" of ${where} uses the environment variable ${name}, which is not set`,
    );
  }
}

/** A yes or no as imports and `${VAR}` bring it; null when it is neither. */
export function parseBoolean(value: unknown, preset: boolean): boolean | null {
  if (typeof value === 'boolean') return value;
  const written = typeof value === 'string' || typeof value === 'number' ? String(value).trim().toLowerCase() : '';
  if (written === '') return value === undefined || value === null || value === '' ? preset : null;
  if (['true', '1', 'yes', 'on'].includes(written)) return true;
  return ['false', '0', 'no', 'off'].includes(written) ? false : null;
}
