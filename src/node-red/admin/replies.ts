import type { ErrorCode } from '../../dsm/errors';

/** Why a question of the editor has no result, as the editor gets it. */
export interface AdminError {
  code: ErrorCode | 'UNKNOWN';
  /** For a person: what happened, what to do. */
  message: string;
  /** DSM's own number; 403: it asks for a 2-factor code, 404: the code was wrong. */
  dsmCode: number | null;
  /** The network's word when no answer came (`DEPTH_ZERO_SELF_SIGNED_CERT` …); null otherwise. */
  reason: string | null;
}

/** What the editor gets: the result, or why there is none. */
export type AdminResponse<T> = { ok: true; result: T } | { ok: false; error: AdminError };
