import type { ErrorCode } from './errors';

/** Meaning of one of DSM's codes: our error code and a text for the user. */
export interface CodeMeaning {
  readonly error: ErrorCode;
  readonly message: string;
  /** True when a lost session can produce this code: one new login decides. */
  readonly sessionMayBeLost?: true;
}

/** Codes of one API family; the same code has other meanings in other families. */
export type CodeTable = Readonly<Record<number, CodeMeaning>>;

/** Meaning of a code that is in no table. */
export const UNKNOWN_CODE: CodeMeaning = {
  error: 'EABB',
  message: 'it gives no reason that this package knows; the log of DSM or Active Backup may contain one',
};

/** Meaning of an unknown code of a login: `EAUTH`, because each further attempt counts for Auto Block. */
export const UNKNOWN_LOGIN_CODE: CodeMeaning = { error: 'EAUTH', message: 'DSM refused the sign-in' };

/** Codes that every DSM API may send. Source: docs/facts/dsm.md §4.4, two or more independent clients. */
export const COMMON_CODES: CodeTable = {
  100: { error: 'EBUSY', message: 'DSM reports an unknown error: try again in a moment' },
  101: { error: 'EPARAM', message: 'DSM misses a parameter of the request' },
  102: {
    error: 'EPACKAGE',
    message: 'the API does not exist: install Active Backup for Business on the NAS, or start it in Package Center',
  },
  103: {
    error: 'EUNSUPPORTED',
    message: 'this release of DSM or Active Backup does not offer it: check for an update',
  },
  104: {
    error: 'EUNSUPPORTED',
    message: 'this release of DSM or Active Backup does not offer it in this form: check for an update',
  },
  105: {
    error: 'EPERMISSION',
    message: 'DSM does not permit this to the account: give it administrator rights or a delegation in Active Backup',
    sessionMayBeLost: true,
  },
  106: { error: 'ESESSION', message: 'the session timed out', sessionMayBeLost: true },
  107: {
    error: 'ESESSION',
    message: 'the session was ended by another login of the same account: give Node-RED an account of its own',
    sessionMayBeLost: true,
  },
  109: { error: 'EBUSY', message: 'DSM reports an unstable network or a busy system: try again in a moment' },
  110: { error: 'EBUSY', message: 'DSM reports an unstable network or a busy system: try again in a moment' },
  111: { error: 'EBUSY', message: 'DSM reports an unstable network or a busy system: try again in a moment' },
  114: { error: 'EPARAM', message: 'DSM lost parameters of the request' },
  116: { error: 'EPERMISSION', message: 'this is a demo NAS that permits no changes' },
  117: { error: 'EBUSY', message: 'DSM reports an unstable network or a busy system: try again in a moment' },
  118: { error: 'EBUSY', message: 'DSM reports an unstable network or a busy system: try again in a moment' },
  119: { error: 'ESESSION', message: 'DSM does not know the session', sessionMayBeLost: true },
  120: { error: 'EPARAM', message: 'DSM refuses a parameter' },
  150: {
    error: 'ESESSION',
    message: 'the address of this machine, as the NAS sees it, is not the one it logged in from',
    sessionMayBeLost: true,
  },
  160: { error: 'EPERMISSION', message: 'the account lacks the privilege for this application' },
  498: { error: 'ESESSION', message: 'the session is no longer valid', sessionMayBeLost: true },
};

/** Codes of `SYNO.API.Auth`. Source: docs/facts/dsm.md §4.5, two or more independent clients. */
export const AUTH_CODES: CodeTable = {
  400: { error: 'EAUTH', message: 'there is no such account, or the password is wrong' },
  401: { error: 'EAUTH', message: 'the account is disabled' },
  402: {
    error: 'EAUTH',
    message: 'the account may not sign in to DSM: allow it the application "DSM" (desktop) in Control Panel',
  },
  403: {
    error: 'EOTP',
    message: 'the account has 2-factor authentication: pair it, so that a trusted-device token is stored',
  },
  404: { error: 'EOTP', message: 'the 2-factor code was wrong' },
  405: { error: 'EAUTH', message: 'the application portal refuses this sign-in' },
  406: { error: 'EOTP', message: 'DSM demands 2-factor authentication of this account, but it is not set up yet' },
  407: {
    error: 'EBLOCKED',
    message:
      'DSM blocks the address of this machine after failed sign-ins: remove it in Control Panel > Security > Protection',
  },
  408: { error: 'EAUTH', message: 'the password has expired and may not be changed by the account' },
  409: { error: 'EAUTH', message: 'the password has expired: set a new one in DSM' },
  410: { error: 'EAUTH', message: 'the password must be changed in DSM first' },
  411: { error: 'EBLOCKED', message: 'DSM has locked the account after failed sign-ins: wait, or unlock it in DSM' },
};
