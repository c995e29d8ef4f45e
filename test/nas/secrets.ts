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

/** Kinds of secrets in answers of this NAS. */
export type SecretKind = keyof typeof PREFIXES;

/** Each secret of this NAS contains one of these texts: search for them where no secret may be. */
export const PLANTED_SECRETS: readonly string[] = Object.values(PREFIXES);

/** The secret of an item with an id, the same each time. */
export function plantedSecret(kind: SecretKind, id: number): string {
  return `${PREFIXES[kind]}${id}`;
}

/**
 * A unique secret. Not from the seed: a NAS that is started on the port of another one must not accept sessions of that one.
 */
export function freshSecret(kind: SecretKind): string {
  return `${PREFIXES[kind]}${randomUUID()}`;
}
