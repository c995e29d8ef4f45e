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

/**
 * Removes every secret field, at any depth. This is the one gate between what a NAS sends and everything else, so it
 * works on the freshly parsed answer itself instead of a copy: an answer can have megabytes.
 * @returns the same value
 */
export function removeSecrets<T extends Json>(value: T): T {
  if (Array.isArray(value)) for (const item of value) removeSecrets(item);
  else if (isJsonObject(value)) {
    for (const [name, field] of Object.entries(value)) {
      if (isSecretField(name)) Reflect.deleteProperty(value, name);
      else removeSecrets(field);
    }
  }
  return value;
}
