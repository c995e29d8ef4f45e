import type { AdminError as ReportedError } from '../../node-red/admin/responses';

/** Why a question has no result: what the runtime said, or that it could not be asked. */
export interface AdminError extends Omit<ReportedError, 'code'> {
  readonly code: ReportedError['code'] | 'FORBIDDEN' | 'NO_ANSWER';
}

/** What a person reads of a trouble, as keys of the shared catalogue. */
interface Explanation {
  /** What is wrong, in a few words. */
  readonly headline: string;
  /** What to do; missing where the runtime's own message says all that can be said. */
  readonly advice?: string;
  /** It is no fault of anybody's. */
  readonly isMild?: true;
}

/** What may help at once. */
export type Remedy = 'code' | 'certificate';

const BY_CODE: Readonly<Record<AdminError['code'], Explanation>> = {
  ECONFIG: { headline: 'nas.trouble.form' },
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
  FORBIDDEN: { headline: 'nas.trouble.forbidden', advice: 'nas.advice.forbidden' },
  NO_ANSWER: { headline: 'nas.trouble.noAnswer', advice: 'nas.advice.noAnswer' },
};

const UNTRUSTED: Explanation = { headline: 'nas.trouble.certificate', advice: 'nas.advice.untrusted' };

/** A certificate that was not accepted, by the network's word. */
const BY_CERTIFICATE: Readonly<Record<string, Explanation>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_UNTRUSTED: UNTRUSTED,
  CERT_NOT_YET_VALID: { headline: 'nas.trouble.certificate', advice: 'nas.advice.notYet' },
  CERT_HAS_EXPIRED: { headline: 'nas.trouble.certificate', advice: 'nas.advice.expired' },
  ERR_TLS_CERT_ALTNAME_INVALID: { headline: 'nas.trouble.certificate', advice: 'nas.advice.otherName' },
  ERR_FINGERPRINT: { headline: 'nas.trouble.otherCertificate', advice: 'nas.advice.otherCertificate' },
};

/** Any other connection that failed, where the network's word tells what to look at. */
const BY_NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nas.advice.refused',
  ETIMEDOUT: 'nas.advice.timeout',
  ENOTFOUND: 'nas.advice.name',
  EAI_AGAIN: 'nas.advice.name',
  EPROTO: 'nas.advice.protocol',
  ERR_SSL_WRONG_VERSION_NUMBER: 'nas.advice.protocol',
};

/** DSM's numbers behind EOTP for which a code helps (DSM facts 4.5). */
const BY_OTP: Readonly<Record<number, Explanation>> = {
  403: { headline: 'status.code-needed', advice: 'nas.advice.code', isMild: true },
  404: { headline: 'nas.trouble.wrongCode', advice: 'nas.advice.nextCode' },
};

/** A trouble in words. Nothing here looks at the runtime's message, which is for people. */
export function helpFor({ code, dsmCode, reason }: AdminError): Explanation {
  const general = BY_CODE[code];
  if (code === 'EOTP') return BY_OTP[dsmCode ?? 0] ?? general;
  if (reason === null) return general;
  const advice = BY_NETWORK[reason];
  return BY_CERTIFICATE[reason] ?? (advice === undefined ? general : { ...general, advice });
}

/** What the dialog can offer against a trouble; null: only its words. */
export function remedyFor({ code, dsmCode, reason }: AdminError): Remedy | null {
  if (code === 'EOTP' && dsmCode !== null && dsmCode in BY_OTP) return 'code';
  return reason !== null && reason in BY_CERTIFICATE ? 'certificate' : null;
}

/** A request that came back without the runtime's answer. @param httpStatus 0 when nothing came back at all */
export function httpError(httpStatus: number): AdminError {
  const code = httpStatus === 401 || httpStatus === 403 ? 'FORBIDDEN' : 'NO_ANSWER';
  return { code, message: '', dsmCode: null, reason: null };
}
