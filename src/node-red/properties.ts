import { DsmError } from '../dsm/errors';
import { parseBoolean, Problem, VARIABLE, type Rule } from '../settings/rules';

/** A wrong value that an error message may show: any other text may be a secret in the wrong field. */
const SHOWN_NUMBER = /^[-+]?\d{1,12}(?:\.\d{1,6})?$/;

/**
 * The properties of one node as the flow file has them: imports and `${VAR}` bring numbers and booleans as texts, or leave
 * properties out. A wrong property is an ECONFIG that names the property and the kind of node.
 */
export class Properties {
  readonly #def: Readonly<Record<string, unknown>>;
  readonly #kind: string;

  /** @param kind the kind of node, for error messages: `NAS node` */
  constructor(def: object, kind: string) {
    this.#def = { ...def };
    this.#kind = kind;
  }

  /** The value of a property by its rule. @throws DsmError ECONFIG */
  parse<T>(property: string, rule: Rule<T>): T {
    const text = this.string(property);
    const value = rule(text);
    if (!(value instanceof Problem)) return value;
    const isShown = value.key === 'problem.number' && SHOWN_NUMBER.test(text);
    throw this.wrong(property, isShown ? `${value.reason}, not ${text}` : value.reason);
  }

  /** A text without surrounding blanks; `''` for a missing one. @throws DsmError ECONFIG for a value of another type */
  string(property: string): string {
    const value = this.#def[property];
    if (value === undefined || value === null) return '';
    if (typeof value !== 'string' && typeof value !== 'number') throw this.wrong(property, 'is not a text');
    return this.#resolved(property, String(value).trim());
  }

  /** @throws DsmError ECONFIG */
  boolean(property: string, preset: boolean): boolean {
    const value = parseBoolean(this.#def[property], preset);
    if (value !== null) return value;
    throw this.wrong(property, 'must be true or false');
  }

  /**
   * A credential, which Node-RED keeps apart from the properties; `''` for a missing one.
   * @param label name of the node, for the error message
   * @throws DsmError ECONFIG
   */
  credential<T extends object>(credentials: T | undefined, name: keyof T & string, label = ''): string {
    const value = credentials?.[name];
    return typeof value === 'string' ? this.#resolved(name, value, label) : '';
  }

  /** The error for a wrong property. @param reason follows the kind of node in the message */
  wrong(property: string, reason: string): DsmError {
    return new DsmError('ECONFIG', `Property "${property}" of the ${this.#kind} ${reason}`);
  }

  /** Node-RED leaves `${VAR}` in place if the variable does not exist. */
  #resolved(property: string, value: string, label = ''): string {
    const variable = VARIABLE.exec(value);
    if (variable === null) return value;
    const name = variable[1] ?? variable[2] ?? '';
    const where = label === '' ? `the ${this.#kind}` : `the ${this.#kind} ${label}`;
    throw new DsmError(
      'ECONFIG',
      `Property "${property}" of ${where} uses the environment variable ${name}, which is not set`,
    );
  }
}
