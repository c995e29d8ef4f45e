import { createHmac, randomBytes } from 'node:crypto';

/** New in each process, so that a hash reveals nothing about the passwords in it. */
const SALT = randomBytes(32);

/** A hash that can serve as a map key for values with secrets. @param value anything JSON can represent, and buffers */
export function keyedHash(value: unknown): string {
  return createHmac('sha256', SALT).update(JSON.stringify(value)).digest('base64');
}
