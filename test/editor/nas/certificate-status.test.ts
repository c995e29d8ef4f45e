import { describe, expect, test } from 'vitest';
import { certificateStatus, type CertificateInfo } from '../../../src/editor/nas/certificate-status';

describe('a certificate', () => {
  const certificate: CertificateInfo = {
    subject: 'nas',
    issuer: 'nas',
    selfSigned: true,
    validFrom: '2026-01-01T00:00:00.000Z',
    validTo: '2027-01-01T00:00:00.000Z',
    fingerprint: 'AB:'.repeat(31) + 'AB',
  };

  test.each([
    ['2025-12-31T23:59:59Z', 'not-yet-valid'],
    ['2026-01-01T00:00:00Z', 'valid'],
    ['2027-01-01T00:00:00Z', 'valid'],
    ['2027-01-01T00:00:01Z', 'expired'],
  ])('at %s is %s', (now, validity) => {
    expect(certificateStatus(certificate, '', new Date(now)).validity).toBe(validity);
  });

  test.each([
    ['', 'none'],
    ['  ', 'none'],
    [certificate.fingerprint, 'this'],
    [' ' + 'ab'.repeat(32), 'this'],
    ['CD'.repeat(32), 'other'],
    ['${PIN}', 'unknown'],
    ['AB:CD', 'unknown'],
  ])('beside the pin %j', (pinned, pin) => {
    expect(certificateStatus(certificate, pinned, new Date('2026-06-01')).pin).toBe(pin);
  });
});
