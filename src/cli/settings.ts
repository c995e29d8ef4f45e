import { readFileSync, statSync } from 'node:fs';
import type { NasClientOptions } from '../client/nas-client';
import { isJsonObject } from '../dsm/json';
import { UsageError, type CommandOptions } from './arguments';

/** The variables of the environment that are read. */
const VARIABLES = {
  host: 'SYNOLOGY_HOST',
  username: 'SYNOLOGY_USERNAME',
  password: 'SYNOLOGY_PASSWORD',
  deviceId: 'SYNOLOGY_DEVICE_ID',
  fingerprint: 'SYNOLOGY_FINGERPRINT',
} as const satisfies Partial<Record<keyof NasClientOptions, string>>;

/** Names that a configuration file may have. */
const KEYS: ReadonlySet<string> = new Set<keyof NasClientOptions>([
  'host',
  'port',
  'https',
  'username',
  'password',
  'deviceId',
  'verifyCertificate',
  'fingerprint',
  'name',
  'pollInterval',
  'activePollInterval',
  'overdueHours',
  'quietHours',
  'timeout',
]);

/** Rights of others than the owner of a file. */
const OTHERS_MODE = 0o077;

/**
 * The NAS of a command: options win over the environment, which wins over the file. Values are checked when the NAS is opened.
 * @param warn receives a line when other users may read the file
 * @throws UsageError when the file cannot be read, or no host, account or password is set
 */
export function nasOptionsOf(
  options: CommandOptions,
  env: Readonly<Record<string, string | undefined>>,
  warn: (line: string) => void,
): NasClientOptions {
  const path = options.config ?? env['ACTIVE_BACKUP_CONFIG'];
  const file = path ? configuration(path, warn) : {};
  const variables = Object.entries(VARIABLES).flatMap(([key, name]) => (env[name] ? [[key, env[name]] as const] : []));
  const given = (['host', 'username', 'fingerprint', 'name'] as const).flatMap((key) =>
    options[key] ? [[key, options[key]] as const] : [],
  );
  const {
    host = '',
    username = '',
    password = '',
    ...others
  }: Partial<NasClientOptions> = {
    ...file,
    ...Object.fromEntries(variables),
    ...Object.fromEntries(given),
  };
  const missing = Object.entries({ host, username, password }).find(([, value]) => value === '');
  if (missing !== undefined) throw new UsageError(`The ${missing[0]} of the NAS is not set: see --help`);
  return { ...others, host, username, password, access: 'read' };
}

/** The content of a configuration file; its values have any type until they are checked. @throws UsageError */
function configuration(path: string, warn: (line: string) => void): Partial<NasClientOptions> {
  const content = parsedFile(path);
  if (!isJsonObject(content)) throw new UsageError('The configuration file contains no JSON object');
  const unknown = Object.keys(content).find((key) => !KEYS.has(key));
  if (unknown !== undefined)
    throw new UsageError(`The configuration file has an unknown key; there are ${[...KEYS].join(', ')}`);
  if (process.platform !== 'win32' && (statSync(path).mode & OTHERS_MODE) !== 0)
    warn('The configuration file may be read by other users: chmod 600 prevents that');
  return content;
}

function parsedFile(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new UsageError(`The configuration file cannot be read (${code})`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UsageError('The configuration file is not JSON'); // the original message quotes the content
  }
}
