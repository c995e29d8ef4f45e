import { isIPv6 } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { NodeDef } from 'node-red';
import { ACCESS_LEVELS, type AccessLevel } from '../active-backup/catalogue';
import { normalFingerprint } from '../dsm/certificate';
import type { DiskStationOptions } from '../dsm/diskstation';
import { DsmError } from '../dsm/errors';

/** Properties of the NAS config node (INTERFACE 2.1) as the flow file has them; imports and `${VAR}` may bring other types. */
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
  timeout?: unknown;
}

/** Credentials of the NAS config node. */
export interface NasCredentials {
  username?: string;
  password?: string;
  deviceId?: string;
}

/** The NAS config node's properties, checked. */
export interface NasSettings {
  readonly diskStation: DiskStationOptions;
  readonly access: AccessLevel;
  readonly pollIntervalMs: number;
  readonly activePollIntervalMs: number;
  /** 0: derived from each task's schedule. */
  readonly overdueHours: number;
}

/** Ranges and defaults of the numbers; INTERFACE 2.1. */
const NUMBERS = {
  port: { default: 5001, min: 1, max: 65535 },
  pollInterval: { default: 60, min: 5, max: 86400 },
  activePollInterval: { default: 5, min: 1, max: 3600 },
  overdueHours: { default: 0, min: 0, max: 24 * 366 },
  timeout: { default: 30, min: 1, max: 600 },
} as const;

/** A text that is wholly one `${VAR}` or `$(VAR)`: only these does Node-RED replace. */
export const VARIABLE = /^\$(?:\{([^}]+)\}|\(([^)]+)\))$/;

/**
 * Checks the properties of a NAS config node.
 * @param tls options of the chosen `tls-config` node, if any
 * @throws DsmError ECONFIG naming the property that is wrong
 */
export function nasSettings(def: NasDef, credentials: NasCredentials, tls?: ConnectionOptions): NasSettings {
  const url = nasUrlOf(def);
  const deviceId = credential(def, credentials, 'deviceId');
  return {
    diskStation: {
      url,
      account: {
        name: required(def, credentials, 'username'),
        password: required(def, credentials, 'password'),
        ...(deviceId !== '' && { deviceId }),
      },
      certificate: {
        verify: flag(def, 'verifyCertificate', true),
        fingerprint: fingerprint(def),
        ...(tls !== undefined && { tls }),
      },
      timeoutMs: count(def, 'timeout') * 1000,
    },
    access: access(def),
    pollIntervalMs: count(def, 'pollInterval') * 1000,
    activePollIntervalMs: count(def, 'activePollInterval') * 1000,
    overdueHours: count(def, 'overdueHours'),
  };
}

/** The address that the properties of a NAS config node name. @throws DsmError ECONFIG */
export function nasUrlOf(def: NasDef): URL {
  return nasUrl(text(def, 'host'), flag(def, 'https', true), count(def, 'port'));
}

/**
 * The address of a NAS: a host name, an IP address, or a full URL, which wins over port and protocol.
 * @throws DsmError ECONFIG
 */
export function nasUrl(host: string, https: boolean, port: number): URL {
  const wrong = (why: string): DsmError =>
    new DsmError(
      'ECONFIG',
      `Host "${host}" of the NAS node ${why}. Enter a host name, an IP address or https://name:port`,
    );
  if (host === '') throw new DsmError('ECONFIG', 'The NAS node has no host: enter the name or address of the NAS');
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(host)) {
    if (!URL.canParse(host)) throw wrong('is no valid URL');
    const url = new URL(host);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw wrong('is no http or https address');
    // A name and password in it would be shown wherever the address is.
    if (url.username !== '' || url.password !== '') {
      throw new DsmError(
        'ECONFIG',
        'The host of the NAS node holds a user name: account and password have fields of their own',
      );
    }
    url.search = url.hash = '';
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url;
  }
  const name = isIPv6(host) ? `[${host}]` : host;
  const plain = /^(?:\[[0-9a-f:.]+\]|[\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}.])?)$/iu;
  const address = `${https ? 'https' : 'http'}://${name}:${port}/`;
  if (!plain.test(name) || !URL.canParse(address)) throw wrong('is not a host name or address');
  return new URL(address);
}

/** A string property; Node-RED leaves `${VAR}` as it is when the variable does not exist. */
function text(def: NasDef, property: keyof NasDef): string {
  const value: unknown = def[property];
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string' && typeof value !== 'number') throw invalid(property, 'is not a text');
  return resolved(property, String(value).trim());
}

function count(def: NasDef, property: keyof typeof NUMBERS): number {
  const { default: preset, min, max } = NUMBERS[property];
  const written = text(def, property);
  const value = written === '' ? preset : Number(written);
  const whole = property === 'port' ? Number.isInteger(value) : Number.isFinite(value);
  if (!whole || value < min || value > max)
    throw invalid(property, `must be a number from ${min} to ${max}, not "${written}"`);
  return value;
}

function flag(def: NasDef, property: 'https' | 'verifyCertificate', preset: boolean): boolean {
  const value = readFlag(def[property], preset);
  if (value !== null) return value;
  throw invalid(property, `must be true or false, not "${text(def, property)}"`);
}

/** A yes or no as imports and `${VAR}` bring it; null when it is neither. */
export function readFlag(value: unknown, preset: boolean): boolean | null {
  if (typeof value === 'boolean') return value;
  const written = typeof value === 'string' || typeof value === 'number' ? String(value).trim().toLowerCase() : '';
  if (written === '') return value === undefined || value === null || value === '' ? preset : null;
  if (['true', '1', 'yes', 'on'].includes(written)) return true;
  return ['false', '0', 'no', 'off'].includes(written) ? false : null;
}

function fingerprint(def: NasDef): string | null {
  const written = text(def, 'fingerprint');
  if (written === '') return null;
  const normal = normalFingerprint(written);
  if (normal === null)
    throw invalid('fingerprint', 'is not a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons');
  return normal;
}

function access(def: NasDef): AccessLevel {
  const written = text(def, 'access') || 'operate';
  const level = ACCESS_LEVELS.find((known) => known === written);
  if (level === undefined) throw invalid('access', `must be one of ${ACCESS_LEVELS.join(', ')}, not "${written}"`);
  return level;
}

function required(def: NasDef, credentials: NasCredentials, name: 'username' | 'password'): string {
  const value = credential(def, credentials, name);
  if (value !== '') return value;
  const label = nameOf(def);
  throw new DsmError(
    'ECONFIG',
    `The NAS node ${label} has no ${name}: open it and enter one (credentials do not travel with an exported flow)`,
    undefined,
    name,
  );
}

function credential(def: NasDef, credentials: NasCredentials, name: keyof NasCredentials): string {
  const value = credentials[name];
  return value === undefined ? '' : resolved(name, value, nameOf(def));
}

/** @throws DsmError ECONFIG for a `${VAR}` that Node-RED could not replace */
function resolved(property: string, value: string, label = ''): string {
  const variable = VARIABLE.exec(value);
  if (variable === null) return value;
  const name = variable[1] ?? variable[2] ?? '';
  const where = label === '' ? 'the NAS node' : `the NAS node ${label}`;
  throw new DsmError(
    'ECONFIG',
    `Property "${property}" of ${where} uses the environment variable ${name}, which is not set`,
  );
}

function invalid(property: string, why: string): DsmError {
  return new DsmError('ECONFIG', `Property "${property}" of the NAS node ${why}`);
}

function nameOf(def: NasDef): string {
  return `"${def.name || text(def, 'host')}"`;
}
