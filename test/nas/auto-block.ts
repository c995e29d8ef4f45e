/** Blocks after `attempts` failures within `minutes`; for `blockMinutes`; null: until `clear`. */
export interface BlockRule {
  readonly attempts: number;
  readonly minutes: number;
  readonly blockMinutes: number | null;
}

/** Counts failed sign-ins of addresses (Auto Block) or accounts (Account Protection). Times in epoch seconds of the NAS. */
export class AutoBlock {
  readonly #failures = new Map<string, number[]>();
  readonly #blockedAt = new Map<string, number>();

  /** @param rule null: failures never block */
  constructor(private readonly rule: BlockRule | null) {}

  isBlocked(key: string, at: number): boolean {
    const since = this.#blockedAt.get(key);
    if (since === undefined) return false;
    const minutes = this.rule?.blockMinutes ?? null;
    return minutes === null || at < since + minutes * 60;
  }

  count(key: string, at: number): void {
    if (this.rule === null) return;
    const earliest = at - this.rule.minutes * 60;
    const failures = [...(this.#failures.get(key) ?? []), at].filter((time) => time > earliest);
    this.#failures.set(key, failures);
    if (failures.length >= this.rule.attempts) this.block(key, at);
  }

  block(key: string, at: number): void {
    this.#blockedAt.set(key, at);
    this.#failures.delete(key);
  }

  clear(): void {
    this.#blockedAt.clear();
    this.#failures.clear();
  }
}
