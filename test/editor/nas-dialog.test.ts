import { describe, expect, expectTypeOf, test } from 'vitest';
import { DsmError, ERRORS, type ErrorCode } from '../../src/dsm/errors';
import type { ServerCertificate } from '../../src/dsm/server-certificate';
import { STORED_PASSWORD as STORED_IN_RUNTIME } from '../../src/settings/nas-settings';
import type { ConnectionTest } from '../../src/node-red/admin/test-connection';
import { certificateStatus } from '../../src/editor/nas/certificate-status';
import type { ShownCertificate, ShownConnection } from '../../src/editor/nas/nas-answers';
import {
  addressOf,
  addressProblems,
  formProblems,
  needsPassword,
  requestValues,
  STORED,
  type NasValues,
} from '../../src/editor/nas/nas-values';
import { helpFor, httpError, remedyFor, type AdminError } from '../../src/editor/http/error-help';
import { errorStatus } from '../../src/node-red/status';

const VALUES: NasValues = {
  id: 'nas',
  host: 'nas.lan',
  port: '5001',
  https: true,
  verifyCertificate: true,
  fingerprint: '',
  tls: '',
  access: 'operate',
  pollInterval: '60',
  activePollInterval: '5',
  overdueHours: '0',
  timeout: '30',
  credentials: { username: 'admin', password: 'secret', deviceId: '' },
};
const ADDRESS = addressOf(VALUES);

function trouble(code: AdminError['code'], more: Partial<AdminError> = {}): AdminError {
  return { code, message: '', dsmCode: null, reason: null, ...more };
}

test('the dialog reads what the runtime answers', () => {
  expectTypeOf<ConnectionTest>().toExtend<ShownConnection>();
  expectTypeOf<ServerCertificate>().toExtend<ShownCertificate>();
  expect(STORED).toBe(STORED_IN_RUNTIME);
});

describe('what went wrong', () => {
  const codes = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => code !== 'ECONFIG');

  test.each(codes)('is called as under a node: %s', (code) => {
    const status = errorStatus(new DsmError(code, '')).text ?? '';
    expect(status).toContain(`:${helpFor(trouble(code)).headline}`);
  });

  test.each([
    ['ECONNREFUSED', 'nas.advice.refused'],
    ['ETIMEDOUT', 'nas.advice.timeout'],
    ['ENOTFOUND', 'nas.advice.name'],
    ['EPROTO', 'nas.advice.protocol'],
    ['SOMETHING_NEW', 'nas.advice.address'],
  ])('with a connection that failed with %s comes with advice', (reason, advice) => {
    const error = trouble('EUNREACHABLE', { reason });
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
  ])('with a certificate offers to read it: %s', (reason) => {
    const error = trouble('EUNREACHABLE', { reason });
    expect(helpFor(error).headline).toMatch(/^nas\.trouble\.\w*[cC]ertificate$/);
    expect(remedyFor(error)).toBe('certificate');
  });

  test.each([
    [403, 'status.code-needed', 'code'],
    [404, 'nas.trouble.wrongCode', 'code'],
    [406, 'status.code-needed', null],
    [null, 'status.code-needed', null],
  ])('with a one-time code, as DSM says with %j', (dsmCode, headline, remedy) => {
    const error = trouble('EOTP', { dsmCode });
    expect(helpFor(error).headline).toBe(headline);
    expect(remedyFor(error)).toBe(remedy);
  });

  test.each([
    [401, 'FORBIDDEN'],
    [403, 'FORBIDDEN'],
    [0, 'NO_ANSWER'],
    [200, 'NO_ANSWER'],
    [502, 'NO_ANSWER'],
  ])('with Node-RED itself is said too: HTTP %i', (status, code) => {
    expect(httpError(status).code).toBe(code);
    expect(helpFor(httpError(status)).advice).toBeDefined();
  });
});

describe('a certificate', () => {
  const certificate: ShownCertificate = {
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

describe('an address', () => {
  test.each([
    [{ host: ' NAS.lan ' }],
    [{ host: 'https://nas.lan:5001/' }],
    [{ host: 'https://nas.lan:5001', port: '80', https: false }],
    [{ https: 'true' }],
    [{ port: ' 5001 ' }],
  ])('is the same with %j', (other) => {
    expect(addressOf({ ...VALUES, ...other })).toBe(ADDRESS);
  });

  test.each([
    [{ host: 'nas2.lan' }],
    [{ host: 'http://nas.lan:5001' }],
    [{ port: '5000' }],
    [{ https: false }],
    [{ https: '${TLS}' }],
    [{ host: '${NAS}' }],
    [{ host: '' }],
  ])('is another with %j', (other) => {
    expect(addressOf({ ...VALUES, ...other })).not.toBe(ADDRESS);
  });

  test('of a variable is the same as long as it is the same variable', () => {
    const variable = { ...VALUES, host: '${NAS}' };
    expect(addressOf(variable)).toBe(addressOf({ ...variable }));
    expect(addressOf(variable)).not.toBe(addressOf({ ...variable, host: '${OTHER}' }));
  });

  test('may be an IPv6 one, with or without brackets', () => {
    expect(addressOf({ ...VALUES, host: 'fe80::1' })).toBe(addressOf({ ...VALUES, host: '[fe80::1]' }));
  });
});

describe('a stored secret', () => {
  const stored = { ...VALUES, credentials: { username: 'admin', password: STORED, deviceId: STORED } };

  test('may be asked with at its own address', () => {
    expect(needsPassword(stored, ADDRESS)).toBe(false);
    expect(formProblems(stored, ADDRESS)).toEqual([]);
    expect(requestValues(stored, ADDRESS)).toBe(stored);
  });

  test('has to be entered again for another address', () => {
    const elsewhere = { ...stored, port: '5002' };
    expect(needsPassword(elsewhere, ADDRESS)).toBe(true);
    expect(formProblems(elsewhere, ADDRESS)).toEqual([{ field: 'password', problem: { key: 'problem.again' } }]);
  });

  test('that is a device token is left out for another address', () => {
    const elsewhere = { ...stored, port: '5002', credentials: { ...stored.credentials, password: 'typed' } };
    expect(formProblems(elsewhere, ADDRESS)).toEqual([]);
    expect(requestValues(elsewhere, ADDRESS).credentials).toEqual({
      username: 'admin',
      password: 'typed',
      deviceId: '',
    });
  });
});

test('a form that is wrong says so from its top down', () => {
  const credentials = { username: ' ', password: '', deviceId: '' };
  const wrong = { ...VALUES, host: '', port: '0', timeout: 'x', fingerprint: 'AB', pollInterval: '1', credentials };
  expect(formProblems(wrong, addressOf(wrong)).map(({ field }) => field)).toEqual([
    'host',
    'port',
    'timeout',
    'username',
    'password',
    'fingerprint',
    'pollInterval',
  ]);
  expect(addressProblems(wrong).map(({ field }) => field)).toEqual(['host', 'port']);
});

test('a form full of variables may be asked with', () => {
  const credentials = { username: '${USER}', password: '${PASSWORD}', deviceId: '' };
  const variables = { ...VALUES, host: '${NAS}', port: '${PORT}', timeout: '$(TIMEOUT)', credentials };
  expect(formProblems(variables, addressOf(variables))).toEqual([]);
});
