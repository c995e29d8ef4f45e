import type { ErrorCode } from '../../dsm/errors';

/** The error of an admin request, as the editor receives it. */
export interface AdminError {
  code: ErrorCode | 'UNKNOWN';
  /** For the user: what happened and what to do. */
  message: string;
  /** The error code of DSM: 403: a 2-factor code is required, 404: the code was wrong. Null without a response of DSM. */
  dsmCode: number | null;
  /** The network error code (`DEPTH_ZERO_SELF_SIGNED_CERT` …); null if the NAS has responded. */
  reason: string | null;
}

/** The response to an admin request. */
export type AdminResponse<T> = { ok: true; result: T } | { ok: false; error: AdminError };

/** One item of a picker in the editor. */
export interface PickerItem {
  /** The value that the node stores: an id, or the name of a share. */
  value: number | string;
  label: string;
  type?: string;
  /** Status of the last backup; null if there was none. */
  result?: string | null;
  /** ISO 8601, UTC. */
  nextRunAt?: string | null;
  online?: boolean | null;
}

/** The result of a test of an MQTT broker. */
export type BrokerTest =
  | {
      connected: true;
      version: '5' | '3.1.1';
      /** False: the broker keeps no retained messages, which Home Assistant needs. */
      retains: boolean;
      /** From the first byte to the acceptance. */
      roundTripMs: number;
    }
  | {
      connected: false;
      /** See `ConnectionProblem`, which the editor cannot import. */
      kind: 'unreachable' | 'refused-login' | 'refused' | 'tls' | 'taken-over' | 'protocol';
      /** For the user: what happened and what to do. */
      message: string;
    };
