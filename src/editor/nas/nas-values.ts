import { ACCESS_LEVELS } from '../../active-backup/methods';
import { parseBoolean } from '../form/boolean';
import { NAS_NUMBERS } from './nas-numbers';
import { fingerprintProblem, hostProblem, inRange, isUrl, oneOf, type Check, type Problem } from './problems';

/** What Node-RED's editor shows, and sends, in place of a stored password. */
export const STORED = '__PWRD__';

/** The NAS dialog's form, as texts; the flags as they would be stored. */
export interface NasValues {
  readonly id: string;
  readonly host: string;
  readonly port: string;
  readonly https: unknown;
  readonly verifyCertificate: unknown;
  readonly fingerprint: string;
  readonly tls: string;
  readonly access: string;
  readonly pollInterval: string;
  readonly activePollInterval: string;
  readonly overdueHours: string;
  readonly timeout: string;
  readonly credentials: NasSecrets;
}

/** The account in the form. A stored secret that nobody touched is {@link STORED}. */
export interface NasSecrets {
  readonly username: string;
  readonly password: string;
  readonly deviceId: string;
}

/** What each property of a NAS node may be. */
export const NAS_CHECKS = {
  host: hostProblem,
  port: inRange(NAS_NUMBERS.port),
  timeout: inRange(NAS_NUMBERS.timeout),
  fingerprint: fingerprintProblem,
  access: oneOf(ACCESS_LEVELS),
  pollInterval: inRange(NAS_NUMBERS.pollInterval),
  activePollInterval: inRange(NAS_NUMBERS.activePollInterval),
  overdueHours: inRange(NAS_NUMBERS.overdueHours),
} as const satisfies Record<string, Check>;

/** A field of the form, by its property or credential. */
export type Field = keyof typeof NAS_CHECKS | 'username' | 'password';

/** A field that keeps the NAS from being asked. */
export interface FieldProblem {
  readonly field: Field;
  readonly problem: Problem;
}

const REQUIRED: Problem = { key: 'problem.required' };

/** What is wrong with the form, from its top down; also a stored password that would go to another address. */
export function formProblems(values: NasValues, openedAddress: string): FieldProblem[] {
  const { username, password } = values.credentials;
  const again = needsPassword(values, openedAddress) ? { key: 'problem.again' } : null;
  return present({
    ...checked(values, ['host', 'port', 'timeout']),
    username: username.trim() === '' ? REQUIRED : null,
    password: password === '' ? REQUIRED : again,
    ...checked(values, ['fingerprint', 'access', 'pollInterval', 'activePollInterval', 'overdueHours']),
  });
}

/** What is wrong with the address in the form: all that matters for a look at the certificate. */
export function addressProblems(values: NasValues): FieldProblem[] {
  return present(checked(values, ['host', 'port']));
}

type Verdicts = Readonly<Partial<Record<Field, Problem | null>>>;

function checked(values: NasValues, fields: readonly (keyof typeof NAS_CHECKS)[]): Verdicts {
  return Object.fromEntries(fields.map((field) => [field, NAS_CHECKS[field](values[field])]));
}

function present(verdicts: Verdicts): FieldProblem[] {
  return Object.entries(verdicts).flatMap(([field, problem]) =>
    problem === null ? [] : [{ field: field as Field, problem }],
  );
}

/** Where the values lead, to be compared; for `${VAR}` the variable's name, which leads to the same place. */
export function addressOf({ host, port, https }: Pick<NasValues, 'host' | 'port' | 'https'>): string {
  const flag = parseBoolean(https, true);
  const protocol = flag === null ? String(https) : flag ? 'https' : 'http';
  const name = host.trim();
  const text = isUrl(name) ? name : `${protocol}://${/^[^[].*:/.test(name) ? `[${name}]` : name}:${port.trim()}/`;
  try {
    return new URL(text).href;
  } catch {
    return text;
  }
}

/** Whether the stored password would go elsewhere than it was stored for: the runtime refuses to send it there. */
export function needsPassword(values: NasValues, openedAddress: string): boolean {
  return values.credentials.password === STORED && addressOf(values) !== openedAddress;
}

/** The values to ask the runtime with. A stored device token belongs to the NAS it was stored for, and to no other. */
export function requestValues(values: NasValues, openedAddress: string): NasValues {
  const { credentials } = values;
  const isElsewhere = addressOf(values) !== openedAddress;
  if (credentials.deviceId !== STORED || !isElsewhere) return values;
  return { ...values, credentials: { ...credentials, deviceId: '' } };
}
