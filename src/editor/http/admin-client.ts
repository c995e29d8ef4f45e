import type { AdminError, AdminResponse } from '../../node-red/admin/responses';

/** Why a request has no result: the runtime's error, or a failure of the HTTP request. */
export interface AdminFailure extends Omit<AdminError, 'code'> {
  readonly code: AdminError['code'] | 'FORBIDDEN' | 'NOT_FOUND' | 'TIMEOUT' | 'NO_ANSWER';
}

/** The result of a request to the runtime. */
export type AdminResult<T> =
  { readonly ok: true; readonly result: T } | { readonly ok: false; readonly error: AdminFailure };

/** The text of a failure, as keys of the shared catalogue. */
interface ErrorHelp {
  /** The error in a few words. */
  readonly headline: string;
  /** The next step; missing where the runtime's own message is enough. */
  readonly advice?: string;
  /** An expected step rather than an error. */
  readonly isMild?: true;
}

/** A control that the dialog can offer at once: a field for a one-time code, or the certificate. */
type Remedy = 'code' | 'certificate';

const NO_ANSWER: ErrorHelp = { headline: 'nas.error.noAnswer', advice: 'nas.advice.noAnswer' };

const BY_CODE: Readonly<Record<AdminFailure['code'], ErrorHelp>> = {
  ECONFIG: { headline: 'nas.error.form' },
  EPARAM: { headline: 'status.bad-parameter' },
  EACCESS: { headline: 'status.access-too-low' },
  EAUTH: { headline: 'status.login-refused', advice: 'nas.advice.login' },
  EOTP: { headline: 'status.code-needed' },
  EBLOCKED: { headline: 'status.blocked', advice: 'nas.advice.blocked' },
  ESESSION: { headline: 'status.session-lost', advice: 'nas.advice.again' },
  EPERMISSION: { headline: 'status.no-permission', advice: 'nas.advice.permission' },
  EPACKAGE: { headline: 'status.package-missing', advice: 'nas.advice.package' },
  EUNSUPPORTED: { headline: 'status.not-supported' },
  EBUSY: { headline: 'status.nas-busy', advice: 'nas.advice.again' },
  EUNREACHABLE: { headline: 'status.unreachable', advice: 'nas.advice.address' },
  ERESPONSE: { headline: 'status.bad-answer', advice: 'nas.advice.answer' },
  EABB: { headline: 'status.refused' },
  UNKNOWN: { headline: 'status.failed' },
  FORBIDDEN: { headline: 'nas.error.forbidden', advice: 'nas.advice.forbidden' },
  NOT_FOUND: NO_ANSWER,
  TIMEOUT: NO_ANSWER,
  NO_ANSWER,
};

const UNTRUSTED: ErrorHelp = { headline: 'nas.error.certificate', advice: 'nas.advice.untrusted' };

/** By the network's error code, for a certificate that was not accepted. */
const BY_CERTIFICATE: Readonly<Record<string, ErrorHelp>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_UNTRUSTED: UNTRUSTED,
  CERT_NOT_YET_VALID: { headline: 'nas.error.certificate', advice: 'nas.advice.notYet' },
  CERT_HAS_EXPIRED: { headline: 'nas.error.certificate', advice: 'nas.advice.expired' },
  ERR_TLS_CERT_ALTNAME_INVALID: { headline: 'nas.error.certificate', advice: 'nas.advice.otherName' },
  ERR_FINGERPRINT: { headline: 'nas.error.otherCertificate', advice: 'nas.advice.otherCertificate' },
};

/** Advice by the network's error code, for any other connection that failed. */
const BY_NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nas.advice.refused',
  ETIMEDOUT: 'nas.advice.timeout',
  ENOTFOUND: 'nas.advice.name',
  EAI_AGAIN: 'nas.advice.name',
  EPROTO: 'nas.advice.protocol',
  ERR_SSL_WRONG_VERSION_NUMBER: 'nas.advice.protocol',
};

/** By DSM's error number behind EOTP, where a one-time code helps (docs/facts/dsm.md §4.2). */
const BY_OTP: Readonly<Record<number, ErrorHelp>> = {
  403: { headline: 'status.code-needed', advice: 'nas.advice.code', isMild: true },
  404: { headline: 'nas.error.wrongCode', advice: 'nas.advice.nextCode' },
};

/** The text for a failure. It depends on codes alone: the runtime's message is for users. */
export function helpFor({ code, dsmCode, reason }: AdminFailure): ErrorHelp {
  const general = BY_CODE[code];
  if (code === 'EOTP') return BY_OTP[dsmCode ?? 0] ?? general;
  if (reason === null) return general;
  const advice = BY_NETWORK[reason];
  return BY_CERTIFICATE[reason] ?? (advice === undefined ? general : { ...general, advice });
}

/** The control to offer for a failure; null: only its text. */
export function remedyFor({ code, dsmCode, reason }: AdminFailure): Remedy | null {
  if (code === 'EOTP' && dsmCode !== null && dsmCode in BY_OTP) return 'code';
  return reason !== null && reason in BY_CERTIFICATE ? 'certificate' : null;
}

/** The failure of a request without the runtime's answer. @param status of HTTP; 0 without any response */
export function httpError(status: number, isTimeout = false): AdminFailure {
  return { code: httpErrorCode(status, isTimeout), message: '', dsmCode: null, reason: null };
}

function httpErrorCode(status: number, isTimeout: boolean): AdminFailure['code'] {
  if (isTimeout) return 'TIMEOUT';
  if (status === 401 || status === 403) return 'FORBIDDEN';
  return status === 404 ? 'NOT_FOUND' : 'NO_ANSWER';
}

interface AdminRequest {
  /** Sent as JSON by POST; without it the request is a GET. */
  readonly body?: object;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Sends a request to the package's part of Node-RED's admin API (docs/interface.md §7). Never rejects; the result of an aborted
 * request is of no use.
 * @param path relative to `active-backup/`; only to relative URLs Node-RED adds its root path and the user's token
 */
export function requestAdmin<T>(path: string, { body, timeoutMs = 0, signal }: AdminRequest): Promise<AdminResult<T>> {
  const request = $.ajax({
    url: `active-backup/${path}`,
    dataType: 'json',
    timeout: timeoutMs,
    ...(body !== undefined && { method: 'POST', contentType: 'application/json', data: JSON.stringify(body) }),
  });
  const abort = (): void => request.abort();
  signal?.addEventListener('abort', abort);
  return new Promise((resolve) => {
    request.always(() => signal?.removeEventListener('abort', abort));
    request.done((response: AdminResponse<T>) => resolve(response));
    request.fail(({ status }, reason) => resolve({ ok: false, error: httpError(status, reason === 'timeout') }));
  });
}

/** One request at a time. */
export interface LatestRequest {
  /** Aborts the previous request. @returns the signal for the next one */
  begin(): AbortSignal;
  abort(): void;
}

/** No request is running yet. */
export function createLatestRequest(): LatestRequest {
  let current = new AbortController();
  return {
    begin() {
      current.abort();
      current = new AbortController();
      return current.signal;
    },
    abort: () => current.abort(),
  };
}
