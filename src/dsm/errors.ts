/** What may be done after an error, so that nobody has to compare message texts. */
export type Retry =
  /** The same call would fail the same way. */
  | 'never'
  /** The session was lost; one new login for all callers, then the call once more. */
  | 'renew-session'
  /** Passing trouble: a read may be asked again twice; a call that changes something never is. */
  | 'reads-twice';

/** When the next login may be tried after a login ended with this error. */
export type NextLogin =
  /** Any time: the login was not refused, it did not take place. */
  | 'any-time'
  /** DSM blocks this address or account; each further try prolongs it. */
  | 'after-30-minutes'
  /** Only with other credentials: every further try counts for Auto Block. */
  | 'after-configuration-change';

/**
 * Every way in which a call can fail: INTERFACE 2.4, one row per code.
 * `retry` says what a call may do next, `nextLogin` what a login that ended like this may do.
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

/** One of the codes of INTERFACE 2.4. */
export type ErrorCode = keyof typeof ERRORS;

/** Which call met the error, and what DSM or the network said of it. Holds no parameter values, so no secret. */
export interface DsmCause {
  api: string;
  method: string;
  version: number;
  /** DSM's own number; null when DSM did not answer. */
  code: number | null;
  /** DSM's `error.errors` as received (secrets removed); null when there was none. */
  errors: unknown;
  /** The network's word (`ECONNREFUSED`, `ETIMEDOUT`, `DEPTH_ZERO_SELF_SIGNED_CERT` …) when no answer came. */
  reason?: string;
}

/**
 * The one error type of this package. `code` is for programs, `message` for people: what happened, on which NAS, what to do.
 * Node-RED copies only own properties into `msg.error`, so `code` and `cause` are own properties; and it puts `name` before
 * the message a person reads, so that is no class name.
 */
export class DsmError extends Error {
  override readonly name = 'Synology';

  constructor(
    readonly code: ErrorCode,
    message: string,
    override readonly cause?: DsmCause,
    /** Of ECONFIG: the property of the NAS node that is missing or wrong. */
    readonly property?: string,
  ) {
    super(message);
  }
}

/** What stood behind an error of this package; kept beside it, because Node-RED copies own properties into messages. */
const ORIGINS = new WeakMap<DsmError, Error>();

/**
 * An error of this package out of any other: ours stay what they are. The message of another is left out of ours, since
 * V8 quotes values in it; its stack is kept for the log, see {@link originStackOf}.
 * @param code ERESPONSE for what came from an answer; @param message what could not be done, for a person
 */
export function dsmErrorOf(error: unknown, code: ErrorCode, message: string, call?: Partial<DsmCause>): DsmError {
  if (error instanceof DsmError) return error;
  const origin = error instanceof Error ? error : new Error(typeof error);
  const unknown = { api: '', method: '', version: 1, code: null, errors: null, reason: origin.name };
  const wrapped = new DsmError(code, `${message} (${origin.name})`, { ...unknown, ...call });
  ORIGINS.set(wrapped, origin);
  return wrapped;
}

/** Name and stack of the foreign error behind one of ours, without its message, which may quote a value; null when there is none. */
export function originStackOf(error: unknown): string | null {
  const origin = error instanceof DsmError ? ORIGINS.get(error) : undefined;
  if (origin === undefined) return null;
  const frames = (origin.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [origin.name, ...frames].join('\n');
}

/** The same error as an object of its own: whoever receives an error may change it. @param more is added to the message */
export function copyError(error: DsmError, more = ''): DsmError {
  const { code, message, cause, property } = error;
  const copy = new DsmError(code, message + more, cause && structuredClone(cause), property);
  const origin = ORIGINS.get(error);
  if (origin !== undefined) ORIGINS.set(copy, origin);
  return copy;
}
