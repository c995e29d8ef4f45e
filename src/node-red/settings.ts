import { DsmError } from '../dsm/errors';
import { parseBoolean, Problem, VARIABLE, type Rule } from '../settings/rules';
import type { ConnectionOptions } from 'node:tls';
import type { NodeDef } from 'node-red';
import type { NasSettings } from '../client/nas-connection';
import { NAS_RULES, parseNasAddress } from '../settings/nas-settings';

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

/** Properties of the NAS config node (docs/interface.md §2.1) as the flow file has them; imports and `${VAR}` may bring other types. */
export interface NasDef extends NodeDef {
  host?: unknown;
  port?: unknown;
  https?: unknown;
  verifyCertificate?: unknown;
  fingerprint?: unknown;
  tls?: string;
  access?: unknown;
  pollInterval?: unknown;
  activePollInterval?: unknown;
  overdueHours?: unknown;
  quietHours?: unknown;
  timeout?: unknown;
}

/** Credentials of the NAS config node. */
export interface NasCredentials {
  username?: string;
  password?: string;
  deviceId?: string;
}

/**
 * Parses the properties of a NAS config node.
 * @param tls options of the chosen `tls-config` node, if any
 * @throws DsmError ECONFIG naming the property that is wrong
 */
export function nasSettings(def: NasDef, credentials: NasCredentials, tls?: ConnectionOptions): NasSettings {
  const properties = propertiesOf(def);
  const url = nasUrlOf(def);
  const deviceId = properties.credential(credentials, 'deviceId', nameOf(def));
  const milliseconds = (property: 'timeout' | 'pollInterval' | 'activePollInterval'): number =>
    properties.parse(property, NAS_RULES[property]) * 1000;
  return {
    diskStation: {
      url,
      account: {
        name: required(def, credentials, 'username'),
        password: required(def, credentials, 'password'),
        ...(deviceId !== '' && { deviceId }),
      },
      certificate: {
        verify: properties.boolean('verifyCertificate', true),
        fingerprint: properties.parse('fingerprint', NAS_RULES.fingerprint),
        ...(tls !== undefined && { tls }),
      },
      timeoutMs: milliseconds('timeout'),
    },
    access: properties.parse('access', NAS_RULES.access),
    pollIntervalMs: milliseconds('pollInterval'),
    activePollIntervalMs: milliseconds('activePollInterval'),
    overdueHours: properties.parse('overdueHours', NAS_RULES.overdueHours),
    quietHours: properties.parse('quietHours', NAS_RULES.quietHours),
  };
}

/** The address in the properties of a NAS config node. @throws DsmError ECONFIG */
export function nasUrlOf(def: NasDef): URL {
  const properties = propertiesOf(def);
  const host = properties.string('host');
  const url = parseNasAddress(host, properties.boolean('https', true), properties.parse('port', NAS_RULES.port));
  if (url instanceof Problem) throw hostError(url);
  return url;
}

function hostError({ key, reason }: Problem): DsmError {
  if (key === 'problem.required') {
    return new DsmError('ECONFIG', 'The NAS node has no host: enter the name or address of the NAS');
  }
  const advice = key === 'problem.accountInUrl' ? '' : '. Enter a host name, an IP address or https://name:port';
  return new DsmError('ECONFIG', `The host of the NAS node ${reason}${advice}`);
}

function propertiesOf(def: NasDef): Properties {
  return new Properties(def, 'NAS node');
}

function required(def: NasDef, credentials: NasCredentials, name: 'username' | 'password'): string {
  const label = nameOf(def);
  const value = propertiesOf(def).credential(credentials, name, label);
  if (value !== '') return value;
  throw new DsmError(
    'ECONFIG',
    `The NAS node ${label} has no ${name}: open it and enter one (credentials do not travel with an exported flow)`,
    undefined,
    name,
  );
}

function nameOf(def: NasDef): string {
  return `"${def.name || nasUrlOf(def).host}"`;
}
