import { isIPv6 } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { NodeDef } from 'node-red';
import { ACCESS_LEVELS, type AccessLevel } from '../active-backup/methods';
import { normalizeFingerprint } from '../dsm/certificate';
import type { DiskStationOptions } from '../dsm/diskstation';
import { DsmError } from '../dsm/errors';
import { Properties, type Range } from './properties';

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
  port: { default: 5001, min: 1, max: 65535, whole: true },
  pollInterval: { default: 60, min: 5, max: 86400 },
  activePollInterval: { default: 5, min: 1, max: 3600 },
  overdueHours: { default: 0, min: 0, max: 24 * 366 },
  timeout: { default: 30, min: 1, max: 600 },
} as const satisfies Record<string, Range>;

/**
 * Checks the properties of a NAS config node.
 * @param tls options of the chosen `tls-config` node, if any
 * @throws DsmError ECONFIG naming the property that is wrong
 */
export function nasSettings(def: NasDef, credentials: NasCredentials, tls?: ConnectionOptions): NasSettings {
  const properties = propertiesOf(def);
  const url = nasUrlOf(def);
  const deviceId = properties.credential(credentials, 'deviceId', nameOf(def));
  const seconds = (property: keyof typeof NUMBERS): number => properties.number(property, NUMBERS[property]) * 1000;
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
        fingerprint: fingerprint(properties),
        ...(tls !== undefined && { tls }),
      },
      timeoutMs: seconds('timeout'),
    },
    access: properties.oneOf('access', ACCESS_LEVELS, 'operate'),
    pollIntervalMs: seconds('pollInterval'),
    activePollIntervalMs: seconds('activePollInterval'),
    overdueHours: properties.number('overdueHours', NUMBERS.overdueHours),
  };
}

/** The address that the properties of a NAS config node name. @throws DsmError ECONFIG */
export function nasUrlOf(def: NasDef): URL {
  const properties = propertiesOf(def);
  return nasUrl(properties.string('host'), properties.boolean('https', true), properties.number('port', NUMBERS.port));
}

/**
 * The address of a NAS: a host name, an IP address, or a full URL, which wins over port and protocol.
 * @throws DsmError ECONFIG
 */
export function nasUrl(host: string, https: boolean, port: number): URL {
  const wrong = (why: string): DsmError =>
    new DsmError('ECONFIG', `The host of the NAS node ${why}. Enter a host name, an IP address or https://name:port`);
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

function propertiesOf(def: NasDef): Properties {
  return new Properties(def, 'NAS node');
}

function fingerprint(properties: Properties): string | null {
  const written = properties.string('fingerprint');
  if (written === '') return null;
  const normal = normalizeFingerprint(written);
  if (normal !== null) return normal;
  throw properties.wrong('fingerprint', 'is not a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons');
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
