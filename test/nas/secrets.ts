import { randomUUID } from 'node:crypto';

const PREFIXES = {
  agentToken: 'planted-agent-token-',
  loginPassword: 'planted-login-password-',
  mssqlPassword: 'planted-mssql-password-',
  oraclePassword: 'planted-oracle-password-',
  inventoryPassword: 'planted-inventory-password-',
  sid: 'planted-sid-',
  synoToken: 'planted-syno-token-',
  deviceToken: 'planted-device-token-',
  otpChallenge: 'planted-otp-challenge-',
} as const;

/** The kinds of secret this NAS hands out. */
export type SecretKind = keyof typeof PREFIXES;

/** Every secret in an answer of this NAS contains one of these words: grep for them where no secret may be. */
export const PLANTED_SECRETS: readonly string[] = Object.values(PREFIXES);

/** The secret that belongs to a thing with an id, the same each time. */
export function plantedSecret(kind: SecretKind, id: number): string {
  return `${PREFIXES[kind]}${id}`;
}

/**
 * A secret that never comes twice. Not from the seed: a NAS started again on the same port must not accept the session
 * of the one before, nor one NAS the session of another.
 */
export function freshSecret(kind: SecretKind): string {
  return `${PREFIXES[kind]}${randomUUID()}`;
}
