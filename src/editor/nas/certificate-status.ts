import type { ShownCertificate } from './nas-answers';

/** What is to be said of a certificate. */
export interface CertificateVerdict {
  readonly validity: 'valid' | 'expired' | 'not-yet-valid' | 'unreadable';
  /** `unknown`: the pin is a `${VAR}`, or no fingerprint at all. */
  readonly pin: 'none' | 'this' | 'other' | 'unknown';
}

/** @param pinned the text of the fingerprint field */
export function certificateStatus(certificate: ShownCertificate, pinned: string, now: Date): CertificateVerdict {
  return { validity: validityOf(certificate, now), pin: pinOf(digitsOf(certificate.fingerprint), digitsOf(pinned)) };
}

function validityOf({ validFrom, validTo }: ShownCertificate, now: Date): CertificateVerdict['validity'] {
  if (validTo === null || validFrom === null) return 'unreadable';
  if (now > new Date(validTo)) return 'expired';
  return now < new Date(validFrom) ? 'not-yet-valid' : 'valid';
}

function pinOf(shown: string, pinned: string): CertificateVerdict['pin'] {
  if (pinned === '') return 'none';
  if (pinned === shown) return 'this';
  return /^[0-9A-F]{64}$/.test(pinned) ? 'other' : 'unknown';
}

function digitsOf(fingerprint: string): string {
  return fingerprint.replace(/[\s:]/g, '').toUpperCase();
}
