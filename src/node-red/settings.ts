import type { ConnectionOptions } from 'node:tls';
import type { NodeDef } from 'node-red';
import type { AccessLevel } from '../active-backup/methods';
import type { DiskStationOptions } from '../dsm/diskstation';
import { DsmError } from '../dsm/errors';
import { NAS_RULES, parseNasAddress } from '../settings/nas-settings';
import { Problem } from '../settings/rules';
import { Properties } from './properties';

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
  timeout?: unknown;
}

/** Credentials of the NAS config node. */
export interface NasCredentials {
  username?: string;
  password?: string;
  deviceId?: string;
}

/** The parsed properties of a NAS config node. */
export interface NasSettings {
  readonly diskStation: DiskStationOptions;
  readonly access: AccessLevel;
  readonly pollIntervalMs: number;
  readonly activePollIntervalMs: number;
  /** 0: derived from the schedule of each task. */
  readonly overdueHours: number;
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
