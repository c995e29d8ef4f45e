import type { Json } from '../../src/dsm/json';

/** DSM's error codes, by their meaning (docs/facts/dsm.md §3.8, §4.4, §4.5). */
export const CODE = {
  parameterMissing: 101,
  noSuchApi: 102,
  noSuchMethod: 103,
  noSuchVersion: 104,
  noPermission: 105,
  sessionTimedOut: 106,
  duplicateLogin: 107,
  noSuchSession: 119,
  badParameter: 120,
  otherAddress: 150,

  wrongPassword: 400,
  accountDisabled: 401,
  notAdmitted: 402,
  otpNeeded: 403,
  otpWrong: 404,
  wrongPortal: 405,
  otpNotSetUp: 406,
  addressBlocked: 407,
  passwordCannotChange: 408,
  passwordExpired: 409,
  passwordMustChange: 410,
  accountLocked: 411,

  noSuchTask: 1010,
  noTaskPermission: 1011,
  serverUnreachable: 1028,
  noDelegation: 1036,
  lockedVersion: 1101,
  notExisting: 1103,
  outsideBackupWindow: 1104,
  noSuchShare: 1401,
  invalidParameters: 3103,
  serverUsed: 4001,
  taskNameUsed: 4003,
  backupConflict: 4005,
  anotherBackupExists: 4007,
  deviceOffline: 5001,
} as const;

/** Ends a call with `{"success":false,"error":{"code","errors"}}` and HTTP 200. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly code: number,
    readonly errors?: Json,
  ) {
    super(`refused with ${code}`);
  }
}
