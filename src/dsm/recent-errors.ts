import { DsmError, type ErrorCode } from './errors';

/** An error of calls of one NAS, by its codes: no message, and nothing else that may contain a name. */
export interface RecentError {
  readonly code: ErrorCode;
  /** `SYNO.ActiveBackup.Task.list`; `''` when the error belongs to no call. */
  readonly call: string;
  /** DSM's error number; null without one. */
  readonly dsmCode: number | null;
  /** Error code of the network; null when the NAS has responded. */
  readonly reason: string | null;
  /** How often it occurred since the NAS node was deployed. */
  readonly count: number;
  /** ISO 8601, UTC. */
  readonly lastAt: string;
}

const MAX_ERRORS = 20;

/** The errors of the calls of one NAS, for a report of a fault. The same error counts once; the latest ones are kept. */
export class RecentErrors {
  readonly #errors = new Map<string, RecentError>();
  readonly #now: () => Date;

  constructor(now: () => Date = () => new Date()) {
    this.#now = now;
  }

  /** Counts an error; any but a DsmError is left out. */
  record(error: unknown): void {
    if (!(error instanceof DsmError)) return;
    const { api = '', method = '', code: dsmCode = null, reason = null } = error.cause ?? {};
    const call = api === '' ? method : `${api}.${method}`;
    const key = [error.code, call, dsmCode, reason].join(' ');
    const count = (this.#errors.get(key)?.count ?? 0) + 1;
    this.#errors.delete(key); // the latest one is the last one
    this.#errors.set(key, { code: error.code, call, dsmCode, reason, count, lastAt: this.#now().toISOString() });
    const [oldest] = this.#errors.keys();
    if (this.#errors.size > MAX_ERRORS && oldest !== undefined) this.#errors.delete(oldest);
  }

  /** The errors, the latest first. */
  get latestFirst(): readonly RecentError[] {
    return [...this.#errors.values()].reverse();
  }
}
