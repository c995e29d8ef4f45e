import { signInErrorCode } from './accounts';
import type { Account } from './accounts';
import { AutoBlock } from './auto-block';
import type { BlockRule } from './auto-block';
import { isValidOtp } from './otp';
import { CODE, ApiError } from './api-error';
import { freshSecret } from './secrets';

/** Parameters of a login, as far as its version has them: otp_code since 3, device tokens since 6. */
export interface Credentials {
  readonly account: string;
  readonly password: string;
  readonly sessionName: string;
  readonly otpCode: string | null;
  readonly deviceId: string | null;
  readonly deviceName: string | null;
  readonly wantsDeviceToken: boolean;
}

/** Decides who may sign in: passwords, account flags, 2-factor with trusted devices, Auto Block, Account Protection. */
export class SignIn {
  /** Tokens of trusted devices: token to account and device name. */
  readonly #trusted = new Map<string, { account: string; deviceName: string }>();
  readonly #addresses: AutoBlock;
  readonly #accounts: AutoBlock;

  constructor(
    private readonly accounts: Account[],
    rules: { autoBlock: BlockRule | null; accountProtection: BlockRule | null },
  ) {
    this.#addresses = new AutoBlock(rules.autoBlock);
    this.#accounts = new AutoBlock(rules.accountProtection);
  }

  /** Revokes all device tokens. */
  revokeDeviceTokens(): void {
    this.#trusted.clear();
  }

  /** Blocks an address as after too many failures. */
  blockAddress(address: string, at: number): void {
    this.#addresses.block(address, at);
  }

  unblock(): void {
    this.#addresses.clear();
    this.#accounts.clear();
  }

  /**
   * Checks a login in DSM's order. Wrong passwords and wrong codes count for Auto Block; a missing code does not.
   * @returns the account and, where one was requested with a code, the token of the newly trusted device
   * @throws ApiError 400–411
   */
  check(credentials: Credentials, from: { address: string; at: number; realMs: number }): SignedIn {
    if (this.#addresses.isBlocked(from.address, from.at)) throw new ApiError(CODE.addressBlocked);
    const account = this.accounts.find(({ name }) => name === credentials.account);
    if (account?.locked === true || this.#accounts.isBlocked(credentials.account, from.at)) {
      throw new ApiError(CODE.accountLocked);
    }
    if (account?.password !== credentials.password) throw this.#countFailure(CODE.wrongPassword, credentials, from);
    const errorCode = signInErrorCode(account, credentials.sessionName);
    if (errorCode !== null) throw new ApiError(errorCode);
    if (account.otp === undefined || this.#isTrusted(credentials)) return { account, deviceToken: null };
    if (credentials.otpCode === null || credentials.otpCode === '') {
      throw new ApiError(CODE.otpNeeded, { token: freshSecret('otpChallenge'), types: [{ type: 'otp' }] });
    }
    if (!isValidOtp(account.otp, credentials.otpCode, from.realMs))
      throw this.#countFailure(CODE.otpWrong, credentials, from);
    return { account, deviceToken: this.#trust(credentials) };
  }

  /** Counts a failure for Auto Block and Account Protection. @returns the error to throw */
  #countFailure(code: number, credentials: Credentials, from: { address: string; at: number }): ApiError {
    this.#addresses.count(from.address, from.at);
    this.#accounts.count(credentials.account, from.at);
    return new ApiError(code);
  }

  /** A token is valid only with its device name. */
  #isTrusted({ deviceId, deviceName, account }: Credentials): boolean {
    const trusted = deviceId === null ? undefined : this.#trusted.get(deviceId);
    return trusted?.account === account && trusted.deviceName === deviceName;
  }

  #trust({ wantsDeviceToken, deviceName, account }: Credentials): string | null {
    if (!wantsDeviceToken || deviceName === null || deviceName === '') return null;
    const token = freshSecret('deviceToken');
    this.#trusted.set(token, { account, deviceName });
    return token;
  }
}

/** A successful login; `deviceToken` is null unless it made a device trusted. */
export interface SignedIn {
  readonly account: Account;
  readonly deviceToken: string | null;
}
