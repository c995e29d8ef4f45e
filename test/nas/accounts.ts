import type { Rank } from './method';
import { CODE } from './refusal';

/** A DSM account. The flags make DSM refuse its sign-in, each with its own code. */
export interface Account {
  name: string;
  password: string;
  /** 2-factor: codes that are always right, or the base32 secret of an authenticator. */
  otp?: string | readonly string[];
  /** Default: true, unless `delegated` is given. */
  admin?: boolean;
  /** What Active Backup lets a non-administrator do. */
  delegated?: 'operator' | 'manager';
  /** The tasks a delegated account sees; default: all. */
  taskIds?: readonly number[];
  /** Application privilege "DSM": without it a non-administrator cannot sign in (402). Default true. */
  desktop?: boolean;
  /** `empty`: the NAS hands out an empty device token, as some DSM 7.0 did. */
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

/** Flags that refuse even the right password, and DSM's code for each (DSM facts 4.5). */
const REFUSED_BY = {
  disabled: CODE.accountDisabled,
  notAdmitted: CODE.notAdmitted,
  wrongPortal: CODE.wrongPortal,
  passwordCannotChange: CODE.passwordCannotChange,
  passwordExpired: CODE.passwordExpired,
  passwordMustChange: CODE.passwordMustChange,
  otpNotSetUp: CODE.otpNotSetUp,
} as const satisfies Partial<Record<keyof Account, number>>;

/** Session names that DSM takes from a non-administrator; others give 402 (DSM facts 4.6). */
const KNOWN_SESSIONS = new Set(['', 'ActiveBackup', 'webui', 'FileStation', 'DownloadStation', 'SurveillanceStation']);

const isAdmin = (account: Account): boolean => account.admin ?? account.delegated === undefined;

/** Why an account with the right password may not sign in; null when it may. */
export function accountRefusal(account: Account, sessionName: string): number | null {
  for (const [flag, code] of Object.entries(REFUSED_BY)) {
    if (account[flag as keyof typeof REFUSED_BY] === true) return code;
  }
  if (isAdmin(account)) return null;
  return account.desktop !== false && KNOWN_SESSIONS.has(sessionName) ? null : CODE.notAdmitted;
}

/** What an account may call, once it has signed in. */
export function rankOf(account: Account): Rank {
  if (isAdmin(account)) return 'admin';
  if (account.delegated === 'manager') return 'manage';
  return account.delegated === 'operator' ? 'operate' : 'user';
}

/** Whether an account may see a task. */
export function seesTask(account: Account, taskId: number): boolean {
  return account.taskIds?.includes(taskId) ?? true;
}
