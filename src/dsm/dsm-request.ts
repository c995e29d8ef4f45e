import type { CodeTable } from './codes';
import type { Json } from './json';
import type { ResponseStore } from './response-store';
import type { ByteBudget } from './transport';

/** One call of one Web API method. */
export interface DsmRequest {
  readonly api: string;
  readonly method: string;
  /**
   * Each value is sent JSON-encoded, because DSM reads a bare numeric string as a number.
   * Source: docs/facts/dsm.md §1.0.
   */
  readonly parameters: Readonly<Record<string, Json>>;
  /** Highest version to request; default 1, the only version known to work in Active Backup. */
  readonly version?: number;
  /** True for a request that changes something on the NAS: it is sent at most once, whatever fails. */
  readonly changes: boolean;
  /** Error codes of this API family; the common codes of DSM are added. */
  readonly codes?: CodeTable;
  /** True for the monitor's reads: exempt from the limit of waiting calls, and started before other waiting reads. */
  readonly essential?: boolean;
  /** Cache of the last response, kept by a caller that repeats the same request. */
  readonly cache?: ResponseStore;
  /** Shared byte limit of the responses to several requests, for example the pages of one list. */
  readonly budget?: ByteBudget;
  /** Time limit of this request in milliseconds, in place of the connection's own. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}
