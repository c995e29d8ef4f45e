import { DsmError } from './errors';
import { isJsonObject, type Json } from './json';

/**
 * Names of fields that hold a secret, by their end: `login_password`, `agent_token`, `x_sid`, `passwd`, `key` …
 * Database logins of protected servers are removed with their passwords. Similar names of other things are kept:
 * `unikey` (uuid of a task), `crypto_key_id`, `device_id` (of a protected device).
 * Source: docs/facts/dsm.md §1.1 and §4.2, docs/interface.md §2.3.
 */
const SECRET_FIELD =
  /(?:^|_)(?:password|passwd|passphrase|pwd|token|synotoken|sid|secret|credential|otp|otp_code|key|did)$|^(?:mssql|oracle)_user$/i;

/** Answers of {@link isSecretField}: the same hundred names occur in every row of a list. */
const KNOWN_FIELDS = new Map<string, boolean>();
/** Far more names than DSM uses. */
const MAX_KNOWN_FIELDS = 5000;

/** Whether a field of this name holds a secret. */
export function isSecretField(name: string): boolean {
  const known = KNOWN_FIELDS.get(name);
  if (known !== undefined) return known;
  const isSecret = SECRET_FIELD.test(name);
  if (KNOWN_FIELDS.size < MAX_KNOWN_FIELDS) KNOWN_FIELDS.set(name, isSecret);
  return isSecret;
}

/** DSM nests at most ten levels. The limit makes recursion safe in all later code. */
const MAX_DEPTH = 100;
/** Entries of one list: DSM's longest lists have some thousands. Each entry becomes an object of about a kilobyte. */
const MAX_ENTRIES = 100_000;
/** Values in one response. */
const MAX_VALUES = 2_000_000;

/**
 * Removes every secret field, at any depth. All data of a NAS passes here first, so the freshly parsed response is
 * changed in place: a copy would cost megabytes. Also rejects data that DSM never sends, so that later code cannot run
 * out of stack or memory.
 * @returns the same value
 * @throws DsmError ERESPONSE when the value is nested too deeply or too large; some of its secrets may be removed then
 */
export function removeSecrets<T extends Json>(value: T): T {
  let level: Json[] = [value];
  let count = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= MAX_DEPTH) throw tooMuch(`is nested more than ${MAX_DEPTH} levels deep`);
    const below: Json[] = [];
    for (const each of level) {
      count += collectInner(each, below);
      if (count > MAX_VALUES) throw tooMuch(`holds more than ${MAX_VALUES} values`);
    }
    level = below;
  }
  return value;
}

/** Removes the secret fields of a value. @param below receives its lists and objects @returns how many values it has */
function collectInner(value: Json, below: Json[]): number {
  if (Array.isArray(value)) {
    if (value.length > MAX_ENTRIES) throw tooMuch(`holds a list of more than ${MAX_ENTRIES} entries`);
    for (const entry of value) if (typeof entry === 'object' && entry !== null) below.push(entry);
    return value.length;
  }
  if (!isJsonObject(value)) return 0;
  const names = Object.keys(value);
  for (const name of names) {
    const field = value[name];
    if (isSecretField(name)) Reflect.deleteProperty(value, name);
    else if (typeof field === 'object' && field !== null) below.push(field);
  }
  return names.length;
}

function tooMuch(what: string): DsmError {
  return new DsmError('ERESPONSE', `The answer of the NAS ${what}, more than DSM ever sends`);
}

/** Characters of API, method, operation and event names. Nearly every address, sentence or password has others. */
const PLAIN = /^[A-Za-z._]+$/;
const SHOWN_CHARACTERS = 40;

/**
 * A word from the user in quotation marks, for a message that rejects it. Any text with other characters than {@link
 * PLAIN} is left out: messages go to logs and flows, and a text pasted into the wrong field may be a secret.
 */
export function quoted(word: string): string {
  if (!PLAIN.test(word)) return '(not shown)';
  return word.length > SHOWN_CHARACTERS ? `"${word.slice(0, SHOWN_CHARACTERS)}…"` : `"${word}"`;
}
