import { DsmError } from './errors';
import { isJsonObject, type Json } from './json';

/**
 * Fields that hold a secret, by the end of their name: `login_password`, `agent_token`, `x_sid`, `passwd`, `key` …
 * Database logins of protected servers go with their passwords. Names of other things that only look alike stay:
 * `unikey` (a task's uuid), `crypto_key_id`, `device_id` (of a protected machine).
 * Source: DSM facts 1.1 "Device fields" and 4.2; INTERFACE 2.3.
 */
const SECRET_FIELD =
  /(?:^|_)(?:password|passwd|passphrase|pwd|token|synotoken|sid|secret|credential|otp|otp_code|key|did)$|^(?:mssql|oracle)_user$/i;

/** Whether a field of this name is a secret and must not travel any further. */
export function isSecretField(name: string): boolean {
  return SECRET_FIELD.test(name);
}

/** What DSM sends is nested ten deep at most; behind the gate everything may be walked through by recursion. */
const MAX_DEPTH = 100;
/** Entries of one list: DSM's longest have some thousands. Each becomes an object of about a kilobyte. */
const MAX_ENTRIES = 100_000;
/** Values in one answer. */
const MAX_VALUES = 2_000_000;

/**
 * Removes every secret field, at any depth. This is the one gate between what a NAS sends and everything else, so it
 * works on the freshly parsed answer itself instead of a copy: an answer can have megabytes. It also turns away what no
 * DSM sends, so that nothing behind it runs out of stack or memory.
 * @returns the same value
 * @throws DsmError ERESPONSE when the value is nested too deep or holds too much; it may have lost some of its secrets then
 */
export function removeSecrets<T extends Json>(value: T): T {
  let level: Json[] = [value];
  let count = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= MAX_DEPTH) throw tooMuch(`is nested more than ${MAX_DEPTH} levels deep`);
    const below: Json[] = [];
    for (const each of level) {
      const inner = innerValues(each);
      count += inner.length;
      if (count > MAX_VALUES) throw tooMuch(`holds more than ${MAX_VALUES} values`);
      for (const field of inner) if (typeof field === 'object' && field !== null) below.push(field);
    }
    level = below;
  }
  return value;
}

/** The values one level below, after the secret ones are gone. */
function innerValues(value: Json): readonly Json[] {
  if (Array.isArray(value)) {
    if (value.length > MAX_ENTRIES) throw tooMuch(`holds a list of more than ${MAX_ENTRIES} entries`);
    return value;
  }
  if (!isJsonObject(value)) return [];
  for (const name of Object.keys(value)) if (isSecretField(name)) Reflect.deleteProperty(value, name);
  return Object.values(value);
}

function tooMuch(what: string): DsmError {
  return new DsmError('ERESPONSE', `The answer of the NAS ${what}, which is nothing that DSM sends`);
}
