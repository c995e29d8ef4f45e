import { describe, expect, test } from 'vitest';
import { DsmError, ERRORS, type ErrorCode } from '../../../src/dsm/errors';
import { helpFor, httpError, remedyFor, type AdminFailure } from '../../../src/editor/http/admin-client';
import { errorStatus } from '../../../src/node-red/status';

function failure(code: AdminFailure['code'], more: Partial<AdminFailure> = {}): AdminFailure {
  return { code, message: '', dsmCode: null, reason: null, ...more };
}

describe('a failure', () => {
  const codes = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => code !== 'ECONFIG');

  test.each(codes)('has the same text as the status of a node: %s', (code) => {
    const status = errorStatus(new DsmError(code, '')).text ?? '';
    expect(status).toContain(`:${helpFor(failure(code)).headline}`);
  });

  test.each([
    ['ECONNREFUSED', 'nas.advice.refused'],
    ['ETIMEDOUT', 'nas.advice.timeout'],
    ['ENOTFOUND', 'nas.advice.name'],
    ['EPROTO', 'nas.advice.protocol'],
    ['SOMETHING_NEW', 'nas.advice.address'],
  ])('of the network with code %s has its own advice', (reason, advice) => {
    const error = failure('EUNREACHABLE', { reason });
    expect(helpFor(error)).toEqual({ headline: 'status.unreachable', advice });
    expect(remedyFor(error)).toBeNull();
  });

  test.each([
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_FINGERPRINT',
  ])('of the certificate offers to read it: %s', (reason) => {
    const error = failure('EUNREACHABLE', { reason });
    expect(helpFor(error).headline).toMatch(/^nas\.error\.\w*[cC]ertificate$/);
    expect(remedyFor(error)).toBe('certificate');
  });

  test.each([
    [403, 'status.code-needed', 'code'],
    [404, 'nas.error.wrongCode', 'code'],
    [406, 'status.code-needed', null],
    [null, 'status.code-needed', null],
  ])('of a one-time code, by the error number of DSM %j', (dsmCode, headline, remedy) => {
    const error = failure('EOTP', { dsmCode });
    expect(helpFor(error).headline).toBe(headline);
    expect(remedyFor(error)).toBe(remedy);
  });

  test.each([
    [401, 'FORBIDDEN'],
    [403, 'FORBIDDEN'],
    [0, 'NO_ANSWER'],
    [200, 'NO_ANSWER'],
    [502, 'NO_ANSWER'],
  ])('of the HTTP request has its own advice: HTTP %i', (status, code) => {
    expect(httpError(status).code).toBe(code);
    expect(helpFor(httpError(status)).advice).toBeDefined();
  });
});
