import { describe, expect, expectTypeOf, test } from 'vitest';
import type { ServerCertificate } from '../../../src/dsm/server-certificate';
import type { CertificateInfo } from '../../../src/editor/nas/certificate-status';
import {
  addressOf,
  addressProblems,
  formProblems,
  needsPassword,
  requestValues,
  unsavedValues,
  type ConnectionInfo,
  type NasValues,
} from '../../../src/editor/nas/nas-values';
import type { ConnectionTest } from '../../../src/node-red/admin/test-connection';
import { STORED_PASSWORD } from '../../../src/settings/nas-settings';

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
  quietHours: '',
  timeout: '30',
  credentials: { username: 'admin', password: 'secret', deviceId: '' },
};
const ADDRESS = addressOf(VALUES);

test('the dialog reads the types that the runtime sends', () => {
  expectTypeOf<ConnectionTest>().toExtend<ConnectionInfo>();
  expectTypeOf<ServerCertificate>().toExtend<CertificateInfo>();
  expect(STORED_PASSWORD).toBe('__PWRD__');
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
  ])('is different with %j', (other) => {
    expect(addressOf({ ...VALUES, ...other })).not.toBe(ADDRESS);
  });

  test('of the same environment variable is the same', () => {
    const variable = { ...VALUES, host: '${NAS}' };
    expect(addressOf(variable)).toBe(addressOf({ ...variable }));
    expect(addressOf(variable)).not.toBe(addressOf({ ...variable, host: '${OTHER}' }));
  });

  test('of IPv6 is the same with and without brackets', () => {
    expect(addressOf({ ...VALUES, host: 'fe80::1' })).toBe(addressOf({ ...VALUES, host: '[fe80::1]' }));
  });
});

describe('a stored secret', () => {
  const stored = {
    ...VALUES,
    credentials: { username: 'admin', password: STORED_PASSWORD, deviceId: STORED_PASSWORD },
  };

  test('is sent to its own address', () => {
    expect(needsPassword(stored, ADDRESS)).toBe(false);
    expect(formProblems(stored, ADDRESS)).toEqual([]);
    expect(requestValues(stored, ADDRESS)).toBe(stored);
  });

  test('must be entered again for another address', () => {
    const elsewhere = { ...stored, port: '5002' };
    expect(needsPassword(elsewhere, ADDRESS)).toBe(true);
    expect(formProblems(elsewhere, ADDRESS)).toEqual([
      { field: 'password', problem: { key: 'problem.again', values: {}, reason: '' } },
    ]);
  });

  test('that is a device token is not sent to another address', () => {
    const elsewhere = { ...stored, port: '5002', credentials: { ...stored.credentials, password: 'typed' } };
    expect(formProblems(elsewhere, ADDRESS)).toEqual([]);
    expect(requestValues(elsewhere, ADDRESS).credentials).toEqual({
      username: 'admin',
      password: 'typed',
      deviceId: '',
    });
  });
});

test('the problems of a form are listed from top to bottom', () => {
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

test('a form full of environment variables is valid', () => {
  const credentials = { username: '${USER}', password: '${PASSWORD}', deviceId: '' };
  const variables = { ...VALUES, host: '${NAS}', port: '${PORT}', timeout: '$(TIMEOUT)', credentials };
  expect(formProblems(variables, addressOf(variables))).toEqual([]);
});

describe('the values of a NAS node in the editor', () => {
  const { credentials: _, ...properties } = VALUES;
  const node = { ...properties, port: 5001, type: 'active-backup-nas' };

  test('are those that its dialog would send, while it is changed and not deployed', () => {
    const credentials = { username: 'admin', password: 'secret', has_password: true, has_deviceId: false };
    expect(unsavedValues({ ...node, changed: true, credentials })).toEqual(VALUES);
  });

  test('have a stored secret that was not typed as such', () => {
    const credentials = { username: 'admin', has_password: true, has_deviceId: true };
    expect(unsavedValues({ ...node, changed: true, credentials })?.credentials).toEqual({
      username: 'admin',
      password: STORED_PASSWORD,
      deviceId: STORED_PASSWORD,
    });
  });

  test.each([
    ['unchanged', { changed: false, credentials: { username: 'admin' } }],
    ['without loaded credentials', { changed: true }],
  ])('are not needed for a node that is %s', (_name, more) => expect(unsavedValues({ ...node, ...more })).toBeNull());

  test('are null for a node that does not exist', () => expect(unsavedValues(null)).toBeNull());
});
