import type { Rank } from './method';
import { CODE } from './api-error';

/** A DSM account. The flags make DSM refuse its sign-in, each with its own code. */
export interface Account {
  name: string;
  password: string;
  /** 2-factor: codes that are always right, or the base32 secret of an authenticator. */
  otp?: string | readonly string[];
  /** Default: true, unless `delegated` is given. */
  admin?: boolean;
  /** Delegation in Active Backup, of a non-administrator. */
  delegated?: 'operator' | 'manager';
  /** The tasks a delegated account sees; default: all. */
  taskIds?: readonly number[];
  /** Application privilege "DSM": without it a non-administrator cannot sign in (402). Default true. */
  desktop?: boolean;
  /** `empty`: logins get an empty device token, as from some releases of DSM 7.0. */
  deviceTokens?: 'empty';
  disabled?: boolean;
  notAdmitted?: boolean;
  wrongPortal?: boolean;
  /** 2-factor is enforced, but the account has not set it up. */
  otpNotSetUp?: boolean;
  passwordCannotChange?: boolean;
  passwordExpired?: boolean;
  passwordMustChange?: boolean;
  locked?: boolean;
}

/** Flags that refuse a login with the right password, and DSM's code for each (docs/facts/dsm.md §4.5). */
const REFUSAL_CODES = {
  disabled: CODE.accountDisabled,
  notAdmitted: CODE.notAdmitted,
  wrongPortal: CODE.wrongPortal,
  passwordCannotChange: CODE.passwordCannotChange,
  passwordExpired: CODE.passwordExpired,
  passwordMustChange: CODE.passwordMustChange,
  otpNotSetUp: CODE.otpNotSetUp,
} as const satisfies Partial<Record<keyof Account, number>>;

/** Session names that DSM accepts from a non-administrator; others give 402 (docs/facts/dsm.md §4.6). */
const KNOWN_SESSIONS = new Set(['', 'ActiveBackup', 'webui', 'FileStation', 'DownloadStation', 'SurveillanceStation']);

const isAdmin = (account: Account): boolean => account.admin ?? account.delegated === undefined;

/** The code with which an account with the right password is refused; null when it may sign in. */
export function signInErrorCode(account: Account, sessionName: string): number | null {
  for (const [flag, code] of Object.entries(REFUSAL_CODES)) {
    if (account[flag as keyof typeof REFUSAL_CODES] === true) return code;
  }
  if (isAdmin(account)) return null;
  return account.desktop !== false && KNOWN_SESSIONS.has(sessionName) ? null : CODE.notAdmitted;
}

/** The rank of an account that has signed in. */
export function rankOf(account: Account): Rank {
  if (isAdmin(account)) return 'admin';
  if (account.delegated === 'manager') return 'manage';
  return account.delegated === 'operator' ? 'operate' : 'user';
}

/** Whether an account may see a task. */
export function seesTask(account: Account, taskId: number): boolean {
  return account.taskIds?.includes(taskId) ?? true;
}
