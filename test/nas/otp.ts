import { createHmac } from 'node:crypto';

const STEP_MS = 30_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function fromBase32(secret: string): Buffer {
  let bits = '';
  for (const letter of secret.toUpperCase().replace(/[^A-Z2-7]/g, '')) {
    bits += ALPHABET.indexOf(letter).toString(2).padStart(5, '0');
  }
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => parseInt(byte, 2)));
}

/** The six-digit code of an authenticator with a base32 secret. @param atMs epoch milliseconds, real time */
export function totp(secret: string, atMs: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / STEP_MS)));
  const digest = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const start = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(start) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/**
 * Whether a code is valid. `otp` is a list of codes that are always valid, a single code of six digits, or the base32 secret of
 * an authenticator; then the previous and the next code are valid too, since clocks differ.
 */
export function isValidOtp(otp: string | readonly string[], code: string, atMs: number): boolean {
  if (typeof otp !== 'string') return otp.includes(code);
  if (/^\d{6}$/.test(otp)) return otp === code;
  return [-STEP_MS, 0, STEP_MS].some((shift) => totp(otp, atMs + shift) === code);
}
