import { STORED_PASSWORD, isUrl, NAS_RULES } from '../../settings/nas-settings';
import { parseBoolean, Problem, problemOf } from '../../settings/rules';

/** The form of the NAS dialog: texts, and the booleans as they would be stored. Sent to the runtime by a test. */
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
  readonly quietHours: string;
  readonly timeout: string;
  /** The account. A stored secret that the user did not change is {@link STORED_PASSWORD}. */
  readonly credentials: { readonly username: string; readonly password: string; readonly deviceId: string };
}

/** The result of a successful connection test. Null: visible to administrators only. */
export interface ConnectionInfo {
  readonly model: string | null;
  /** `DSM 7.2.1-69057`. */
  readonly dsmVersion: string | null;
  readonly activeBackupVersion: string | null;
  readonly taskCount: number;
  readonly rights: 'administrator' | 'delegated';
  readonly roundTripMs: number;
}

/** A field of the form, by its property or credential. */
export type NasField = keyof typeof NAS_RULES | 'username' | 'password';

/** A wrong field, which prevents a request to the NAS. */
export interface FieldProblem {
  readonly field: NasField;
  readonly problem: Problem;
}

const REQUIRED = new Problem('problem.required');

/** The wrong fields of the form, from top to bottom; among them a stored password for another address. */
export function formProblems(values: NasValues, openedAddress: string): FieldProblem[] {
  const { username, password } = values.credentials;
  const passwordAgain = needsPassword(values, openedAddress) ? new Problem('problem.again') : null;
  return [
    ...propertyProblems(values, ['host', 'port', 'timeout']),
    ...fieldProblem('username', username.trim() === '' ? REQUIRED : null),
    ...fieldProblem('password', password === '' ? REQUIRED : passwordAgain),
    ...propertyProblems(values, ['fingerprint', 'access', 'pollInterval', 'activePollInterval']),
    ...propertyProblems(values, ['overdueHours', 'quietHours']),
  ];
}

/** The wrong fields of the address, which is all that reading the certificate needs. */
export function addressProblems(values: NasValues): FieldProblem[] {
  return propertyProblems(values, ['host', 'port']);
}

function propertyProblems(values: NasValues, fields: readonly (keyof typeof NAS_RULES)[]): FieldProblem[] {
  return fields.flatMap((field) => fieldProblem(field, problemOf(NAS_RULES[field], values[field])));
}

function fieldProblem(field: NasField, problem: Problem | null): FieldProblem[] {
  return problem === null ? [] : [{ field, problem }];
}

/** The address in the form, to be compared. A `${VAR}` is compared by its name: the same variable is the same address. */
export function addressOf({ host, port, https }: Pick<NasValues, 'host' | 'port' | 'https'>): string {
  const usesHttps = parseBoolean(https, true);
  const protocol = usesHttps === null ? String(https) : usesHttps ? 'https' : 'http';
  const name = host.trim();
  const text = isUrl(name) ? name : `${protocol}://${/^[^[].*:/.test(name) ? `[${name}]` : name}:${port.trim()}/`;
  try {
    return new URL(text).href;
  } catch {
    return text;
  }
}

/** Whether the form has the stored password for another address, to which the runtime refuses to send it. */
export function needsPassword(values: NasValues, openedAddress: string): boolean {
  return values.credentials.password === STORED_PASSWORD && addressOf(values) !== openedAddress;
}

/** The values to send to the runtime. A stored device token is left out for any address but its own. */
export function requestValues(values: NasValues, openedAddress: string): NasValues {
  const { credentials } = values;
  const isOtherAddress = addressOf(values) !== openedAddress;
  if (credentials.deviceId !== STORED_PASSWORD || !isOtherAddress) return values;
  return { ...values, credentials: { ...credentials, deviceId: '' } };
}

/** A NAS node in the editor, with the properties and credentials of the last closed dialog. */
interface EditedNas {
  readonly id: string;
  readonly changed?: boolean;
  readonly credentials?: Readonly<Record<string, unknown>>;
  readonly [property: string]: unknown;
}

/**
 * The values of a NAS node that is changed and not deployed, as its dialog would send them; null for any other, whose deployed
 * connection is used. A stored secret is {@link STORED_PASSWORD}.
 */
export function unsavedValues(node: EditedNas | null | undefined): NasValues | null {
  if (node?.changed !== true || node.credentials === undefined) return null;
  const { credentials } = node;
  const text = (property: string): string => {
    const value = node[property];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const secret = (name: 'password' | 'deviceId'): string => {
    const typed = credentials[name];
    if (typeof typed === 'string' && typed !== '') return typed;
    return credentials[`has_${name}`] === true ? STORED_PASSWORD : '';
  };
  const { username } = credentials;
  return {
    id: node.id,
    ...{ host: text('host'), port: text('port'), https: node['https'], verifyCertificate: node['verifyCertificate'] },
    ...{ fingerprint: text('fingerprint'), tls: text('tls'), access: text('access'), timeout: text('timeout') },
    ...{ pollInterval: text('pollInterval'), activePollInterval: text('activePollInterval') },
    ...{ overdueHours: text('overdueHours'), quietHours: text('quietHours') },
    credentials: {
      username: typeof username === 'string' ? username : '',
      password: secret('password'),
      deviceId: secret('deviceId'),
    },
  };
}
