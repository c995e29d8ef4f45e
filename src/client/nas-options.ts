import type { ConnectionOptions } from 'node:tls';
import type { AccessLevel } from '../active-backup/methods';
import { DsmError } from '../dsm/errors';
import { NAS_RULES, parseNasAddress } from '../settings/nas-settings';
import { parseBoolean, Problem, type Rule } from '../settings/rules';
import type { NasSettings } from './nas-connection';

/** A NAS and the account on it. What is missing has the default of the NAS node (docs/interface.md §2.1), `access` but `read`. */
export interface NasOptions {
  /** Host name, IP address, or a URL, which wins over `port` and `https`. */
  readonly host: string;
  /** Default: 5001. */
  readonly port?: number | undefined;
  /** Default: true. */
  readonly https?: boolean | undefined;
  /** The account. */
  readonly username: string;
  readonly password: string;
  /** The token of a trusted device, for an account with 2-factor authentication. */
  readonly deviceId?: string | undefined;
  /** Whether the certificate must be trusted by this machine. Default: true. */
  readonly verifyCertificate?: boolean | undefined;
  /** SHA-256 of the certificate of the NAS: exactly that one is accepted then, self-signed or not. */
  readonly fingerprint?: string | undefined;
  /** TLS options of Node: own CA, client certificate. */
  readonly tls?: ConnectionOptions | undefined;
  /** The highest access level of methods that may be sent (docs/interface.md §3). Default: `read`. */
  readonly access?: AccessLevel | undefined;
  /** Seconds between two polls while nothing runs; default: 60. */
  readonly pollInterval?: number | undefined;
  /** Seconds between two polls while a backup runs or waits; default: 5. */
  readonly activePollInterval?: number | undefined;
  /** Hours after which a task is overdue; default: 0, by its schedule. */
  readonly overdueHours?: number | undefined;
  /** Times in which the NAS may be off: `23:00-06:30`, in the time zone of this process. */
  readonly quietHours?: string | undefined;
  /** Time limit of one request in seconds; default: 30. */
  readonly timeout?: number | undefined;
}

/** Parses the options of a NAS, which may come from a file. @throws DsmError ECONFIG naming the option that is wrong; never its value */
export function nasSettingsOf(options: NasOptions): NasSettings {
  const milliseconds = (name: 'timeout' | 'pollInterval' | 'activePollInterval'): number =>
    1000 * parsed(options, name, NAS_RULES[name]);
  const { tls } = options;
  const deviceId = textIn(options, 'deviceId');
  return {
    diskStation: {
      url: parsed(options, 'host', (host) =>
        parseNasAddress(host, flagIn(options, 'https'), parsed(options, 'port', NAS_RULES.port)),
      ),
      account: {
        name: requiredText(options, 'username'),
        password: requiredText(options, 'password'),
        ...(deviceId !== '' && { deviceId }),
      },
      certificate: {
        verify: flagIn(options, 'verifyCertificate'),
        fingerprint: parsed(options, 'fingerprint', NAS_RULES.fingerprint),
        ...(tls !== undefined && { tls }),
      },
      timeoutMs: milliseconds('timeout'),
    },
    access: parsed(options, 'access', (value) => (value === undefined ? 'read' : NAS_RULES.access(value))),
    pollIntervalMs: milliseconds('pollInterval'),
    activePollIntervalMs: milliseconds('activePollInterval'),
    overdueHours: parsed(options, 'overdueHours', NAS_RULES.overdueHours),
    quietHours: parsed(options, 'quietHours', NAS_RULES.quietHours),
  };
}

/** The option by its rule. @throws DsmError ECONFIG */
function parsed<T>(options: NasOptions, name: keyof NasOptions, rule: Rule<T>): T {
  const value = rule(options[name]);
  if (!(value instanceof Problem)) return value;
  throw wrong(name, value.reason);
}

function flagIn(options: NasOptions, name: 'https' | 'verifyCertificate'): boolean {
  const value = parseBoolean(options[name], true);
  if (value !== null) return value;
  throw wrong(name, 'must be true or false');
}

function textIn(options: NasOptions, name: 'username' | 'password' | 'deviceId'): string {
  const value: unknown = options[name];
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw wrong(name, 'is not a text');
}

function requiredText(options: NasOptions, name: 'username' | 'password'): string {
  const value = textIn(options, name);
  if (value !== '') return value;
  throw wrong(name, 'is missing');
}

function wrong(name: keyof NasOptions, reason: string): DsmError {
  return new DsmError('ECONFIG', `The option "${name}" ${reason}`, undefined, name);
}
