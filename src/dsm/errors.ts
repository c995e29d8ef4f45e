/** Whether a call may be repeated after an error. */
type Retry =
  /** The same call would fail again. */
  | 'never'
  /** The session was lost: one new login for all callers, then the call once more. */
  | 'renew-session'
  /** A temporary error: a read may be repeated twice, a change never. */
  | 'reads-twice';

/** When the next login may be attempted after a login has failed with this error. */
type NextLogin =
  /** At any time: the login was not refused. */
  | 'any-time'
  /** DSM blocks this address or account; each further attempt prolongs the block. */
  | 'after-30-minutes'
  /** Only with other credentials: every further attempt counts for Auto Block. */
  | 'after-configuration-change';

/**
 * All error codes (docs/interface.md §2.4). `retry` applies to a call, `nextLogin` to a login that failed with the
 * code.
 */
export const ERRORS = {
  ECONFIG: { retry: 'never', nextLogin: 'after-configuration-change' },
  EPARAM: { retry: 'never', nextLogin: 'after-configuration-change' },
  EACCESS: { retry: 'never', nextLogin: 'any-time' },
  EAUTH: { retry: 'never', nextLogin: 'after-configuration-change' },
  EOTP: { retry: 'never', nextLogin: 'after-configuration-change' },
  EBLOCKED: { retry: 'never', nextLogin: 'after-30-minutes' },
  ESESSION: { retry: 'renew-session', nextLogin: 'any-time' },
  EPERMISSION: { retry: 'never', nextLogin: 'after-configuration-change' },
  EPACKAGE: { retry: 'never', nextLogin: 'any-time' },
  EUNSUPPORTED: { retry: 'never', nextLogin: 'any-time' },
  EBUSY: { retry: 'reads-twice', nextLogin: 'any-time' },
  EUNREACHABLE: { retry: 'reads-twice', nextLogin: 'any-time' },
  ERESPONSE: { retry: 'reads-twice', nextLogin: 'any-time' },
  EABB: { retry: 'never', nextLogin: 'any-time' },
} as const satisfies Record<string, { retry: Retry; nextLogin: NextLogin }>;

/** One of the error codes of docs/interface.md §2.4. */
export type ErrorCode = keyof typeof ERRORS;

/** The call that failed, and the codes of DSM or the network. Holds no parameter values, so no secrets. */
export interface DsmCause {
  api: string;
  method: string;
  version: number;
  /** DSM's code; null when there was no response from DSM. */
  code: number | null;
  /** DSM's `error.errors` as received, without secrets; null when there was none. */
  errors: unknown;
  /**
   * The network error code (`ECONNREFUSED`, `ETIMEDOUT`, `DEPTH_ZERO_SELF_SIGNED_CERT` …) when there was no response.
   */
  reason?: string;
}

/**
 * The only error type of this package. `code` is for programs, `message` for users: what happened, on which NAS, what
 * to do.
 * Node-RED copies only own properties into `msg.error`, so `code` and `cause` are own properties. It also shows `name`
 * in front of the message, so `name` is no class name.
 */
export class DsmError extends Error {
  override readonly name = 'Synology';

  constructor(
    readonly code: ErrorCode,
    message: string,
    override readonly cause?: DsmCause,
    /** For ECONFIG: the property of the NAS node, or of the node that uses it, that is missing or wrong. */
    readonly property?: string,
  ) {
    super(message);
  }
}

/**
 * Original errors, by the DsmError that wraps them. Kept outside the error because Node-RED copies own properties into
 * messages.
 */
const ORIGINS = new WeakMap<DsmError, Error>();

/**
 * Wraps any other error in a DsmError; a DsmError is returned unchanged. The original message is left out, because V8
 * quotes values in it; the stack is kept for the log, see {@link originStackOf}.
 * @param code ERESPONSE for errors caused by a response; @param message the failed action, for the user
 */
export function dsmErrorOf(error: unknown, code: ErrorCode, message: string, call?: Partial<DsmCause>): DsmError {
  if (error instanceof DsmError) return error;
  const origin = error instanceof Error ? error : new Error(typeof error);
  const unknown = { api: '', method: '', version: 1, code: null, errors: null, reason: origin.name };
  const wrapped = new DsmError(code, `${message} (${origin.name})`, { ...unknown, ...call });
  ORIGINS.set(wrapped, origin);
  return wrapped;
}

/** Name and stack of the wrapped error, without its message, which may quote a value; null when nothing is wrapped. */
export function originStackOf(error: unknown): string | null {
  const origin = error instanceof DsmError ? ORIGINS.get(error) : undefined;
  if (origin === undefined) return null;
  const frames = (origin.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [origin.name, ...frames].join('\n');
}

/** A copy of an error, because each receiver may change its own. @param more appended to the message */
export function copyError(error: DsmError, more = ''): DsmError {
  const { code, message, cause, property } = error;
  const copy = new DsmError(code, message + more, cause && structuredClone(cause), property);
  const origin = ORIGINS.get(error);
  if (origin !== undefined) ORIGINS.set(copy, origin);
  return copy;
}

/** Messages by network error code, as the rest of a sentence about the NAS. */
const MESSAGES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection: is it switched on, and is the port right?',
  ECONNRESET: 'broke the connection off',
  EPIPE: 'broke the connection off',
  ETIMEDOUT: 'did not answer in time: is it switched on, or waking up?',
  ENOTFOUND: 'cannot be found: its name is unknown here',
  EAI_AGAIN: 'cannot be found: the name server does not answer',
  EHOSTUNREACH: 'cannot be reached: there is no way to its network',
  ENETUNREACH: 'cannot be reached: there is no way to its network',
  EPROTO: 'does not speak TLS on this port: is it the port for https?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS on this port: is it the port for https?',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'has a self-signed certificate: pin its fingerprint in the NAS node, or choose a TLS configuration that trusts it',
  SELF_SIGNED_CERT_IN_CHAIN:
    'has a certificate of an unknown authority: pin its fingerprint in the NAS node, or choose a TLS configuration that trusts it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'has a certificate of an unknown authority: pin its fingerprint in the NAS node, or choose a TLS configuration that trusts it',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'has a certificate of an unknown authority: pin its fingerprint in the NAS node, or choose a TLS configuration that trusts it',
  CERT_HAS_EXPIRED: 'has an expired certificate: renew it in DSM, or pin its fingerprint in the NAS node',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'has a certificate for another name: use that name as host, or pin the fingerprint in the NAS node',
  ERR_FINGERPRINT:
    'shows another certificate than the pinned one, so nothing was sent to it: if the certificate was renewed, store its new fingerprint in the NAS node',
};

/**
 * A sentence about a failed connection. @param label `host:port` of the NAS; @param reason an error code of Node, or
 * our own
 */
export function networkMessage(label: string, reason: string): string {
  return `The NAS ${label} ${MESSAGES[reason] ?? `cannot be reached (${reason})`}`;
}
