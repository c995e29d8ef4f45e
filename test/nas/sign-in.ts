import { accountRefusal } from './accounts';
import type { Account } from './accounts';
import { AutoBlock } from './auto-block';
import type { BlockRule } from './auto-block';
import { otpIsRight } from './otp';
import { CODE, Refusal } from './refusal';
import { freshSecret } from './secrets';

/** What a login says, as far as its version knows it: otp_code since 3, device tokens since 6. */
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

  /** Every device must give a code again. */
  revokeDeviceTokens(): void {
    this.#trusted.clear();
  }

  /** Blocks an address as if it had failed too often. */
  blockAddress(address: string, at: number): void {
    this.#addresses.block(address, at);
  }

  unblock(): void {
    this.#addresses.clear();
    this.#accounts.clear();
  }

  /**
   * Checks a login in DSM's order. Wrong passwords and wrong codes count for Auto Block; a missing code does not.
   * @returns the account and, where one was earned, the token of a device that is trusted from now on
   * @throws Refusal 400–411
   */
  check(given: Credentials, from: { address: string; at: number; realMs: number }): SignedIn {
    if (this.#addresses.isBlocked(from.address, from.at)) throw new Refusal(CODE.addressBlocked);
    const account = this.accounts.find(({ name }) => name === given.account);
    if (account?.locked === true || this.#accounts.isBlocked(given.account, from.at)) {
      throw new Refusal(CODE.accountLocked);
    }
    if (account?.password !== given.password) throw this.#counted(CODE.wrongPassword, given, from);
    const refusal = accountRefusal(account, given.sessionName);
    if (refusal !== null) throw new Refusal(refusal);
    if (account.otp === undefined || this.#isTrusted(given)) return { account, deviceToken: null };
    if (given.otpCode === null || given.otpCode === '') {
      throw new Refusal(CODE.otpNeeded, { token: freshSecret('otpChallenge'), types: [{ type: 'otp' }] });
    }
    if (!otpIsRight(account.otp, given.otpCode, from.realMs)) throw this.#counted(CODE.otpWrong, given, from);
    return { account, deviceToken: this.#trust(given) };
  }

  /** A refusal that counts for Auto Block and Account Protection. */
  #counted(code: number, given: Credentials, from: { address: string; at: number }): Refusal {
    this.#addresses.count(from.address, from.at);
    this.#accounts.count(given.account, from.at);
    return new Refusal(code);
  }

  /** Token and device name go together. */
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

/** A login that was let in; `deviceToken` is null when no device came to be trusted by it. */
export interface SignedIn {
  readonly account: Account;
  readonly deviceToken: string | null;
}
