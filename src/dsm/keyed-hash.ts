import { createHmac, randomBytes } from 'node:crypto';

/** Of this process alone, so that a key says nothing of the passwords in it. */
const SALT = randomBytes(32);

/** A key for a map under which something is kept that depends on secrets. @param value anything that JSON carries, and buffers */
export function keyedHash(value: unknown): string {
  return createHmac('sha256', SALT).update(JSON.stringify(value)).digest('base64');
}
