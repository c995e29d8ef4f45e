import { parseFingerprint } from '../../settings/nas-settings';

/** The certificate of a NAS, as the runtime reports it. */
export interface CertificateInfo {
  /** `''` if the certificate has none. */
  readonly subject: string;
  readonly issuer: string;
  readonly selfSigned: boolean;
  /** ISO 8601, UTC; null if it cannot be read. */
  readonly validFrom: string | null;
  readonly validTo: string | null;
  /** SHA-256, pairs of hex digits with colons between. */
  readonly fingerprint: string;
}

/** Properties of a certificate that the dialog points out. */
export interface CertificateStatus {
  readonly validity: 'valid' | 'expired' | 'not-yet-valid' | 'unreadable';
  /** Whether the pinned fingerprint is that of this certificate; `unknown`: a `${VAR}`, or no fingerprint. */
  readonly pin: 'none' | 'this' | 'other' | 'unknown';
}

/** @param pinned the text of the fingerprint field */
export function certificateStatus(certificate: CertificateInfo, pinned: string, now: Date): CertificateStatus {
  return { validity: validityOf(certificate, now), pin: pinStatus(certificate, pinned) };
}

function validityOf({ validFrom, validTo }: CertificateInfo, now: Date): CertificateStatus['validity'] {
  if (validTo === null || validFrom === null) return 'unreadable';
  if (now > new Date(validTo)) return 'expired';
  return now < new Date(validFrom) ? 'not-yet-valid' : 'valid';
}

function pinStatus({ fingerprint }: CertificateInfo, pinned: string): CertificateStatus['pin'] {
  const pin = parseFingerprint(pinned);
  if (pin === null) return 'none';
  if (typeof pin !== 'string') return 'unknown';
  return pin === parseFingerprint(fingerprint) ? 'this' : 'other';
}
