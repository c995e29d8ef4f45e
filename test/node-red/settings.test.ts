import { describe, expect, test } from 'vitest';
import { DsmError } from '../../src/dsm/errors';
import { nasSettings, type NasCredentials, type NasDef } from '../../src/node-red/settings';

const ACCOUNT: NasCredentials = { username: 'admin', password: 'planted-password' };
const def = (properties: Partial<NasDef>): NasDef => ({
  id: 'n',
  type: 'active-backup-nas',
  z: '',
  name: '',
  host: 'nas.lan',
  ...properties,
});
const addressOf = (properties: Partial<NasDef>): string => nasSettings(def(properties), ACCOUNT).diskStation.url.href;

function refusalOf(properties: Partial<NasDef>, credentials = ACCOUNT): DsmError {
  try {
    nasSettings(def(properties), credentials);
  } catch (error) {
    if (error instanceof DsmError) return error;
  }
  throw new Error('the settings were accepted');
}

describe('the address of a NAS', () => {
  test.each<[string, Partial<NasDef>, string]>([
    ['a name', {}, 'https://nas.lan:5001/'],
    ['a name without https', { https: false, port: 5000 }, 'http://nas.lan:5000/'],
    ['numbers and booleans as text', { https: 'false', port: '5000' }, 'http://nas.lan:5000/'],
    ['an IPv4 address', { host: '192.168.1.2' }, 'https://192.168.1.2:5001/'],
    ['an IPv6 address', { host: 'fe80::1' }, 'https://[fe80::1]:5001/'],
    ['an IPv6 address in brackets', { host: '[fe80::1]' }, 'https://[fe80::1]:5001/'],
    ['a name with blanks around it', { host: '  nas.lan ' }, 'https://nas.lan:5001/'],
    ['a name with an underscore', { host: 'my_nas' }, 'https://my_nas:5001/'],
    ['a URL, which wins', { host: 'http://nas.lan:8080', port: 5001, https: true }, 'http://nas.lan:8080/'],
    ['a URL with a path', { host: 'https://example.com/nas' }, 'https://example.com/nas/'],
    ['a URL with query and fragment', { host: 'https://example.com/nas/?a=b#c' }, 'https://example.com/nas/'],
  ])('%s', (_, properties, address) => {
    expect(addressOf(properties)).toBe(address);
  });

  test.each([
    ['nothing', ''],
    ['blanks', '   '],
    ['a name with a blank', 'my nas'],
    ['a name with a port', 'nas.lan:5001'],
    ['a name with a path', 'nas.lan/webapi'],
    ['a name with an account', 'admin@nas.lan'],
    ['another protocol', 'ftp://nas.lan'],
    ['half a URL', 'https://'],
    ['a script', '<script>'],
    ['a URL with an account', 'https://admin:planted-password@nas.lan'],
  ])('%s is ECONFIG and names the host', (_, host) => {
    const error = refusalOf({ host });
    expect(error.code).toBe('ECONFIG');
    expect(error.message).toMatch(/host/i);
    expect(error.message).not.toContain('planted-password');
  });
});

describe('a property that is wrong', () => {
  test.each<[string, Partial<NasDef>]>([
    ['port', { port: 0 }],
    ['port', { port: 65536 }],
    ['port', { port: '80a' }],
    ['port', { port: 1.5 }],
    ['port', { port: {} }],
    ['port', { port: '${NAS_PORT}' }],
    ['host', { host: '${NAS_HOST}' }],
    ['host', { host: '$(NAS_HOST)' }],
    ['https', { https: 'maybe' }],
    ['verifyCertificate', { verifyCertificate: '${VERIFY}' }],
    ['fingerprint', { fingerprint: 'AA:BB' }],
    ['fingerprint', { fingerprint: `${'0'.repeat(63)}g` }],
    ['access', { access: 'root' }],
    ['pollInterval', { pollInterval: 4 }],
    ['pollInterval', { pollInterval: 86401 }],
    ['activePollInterval', { activePollInterval: 0 }],
    ['activePollInterval', { activePollInterval: 3601 }],
    ['overdueHours', { overdueHours: -1 }],
    ['quietHours', { quietHours: '23:00' }],
    ['quietHours', { quietHours: '23:00-23:00' }],
    ['quietHours', { quietHours: 2300 }],
    ['quietHours', { quietHours: '${NIGHT}' }],
    ['timeout', { timeout: 'soon' }],
  ])('%s is ECONFIG and is named: %j', (property, properties) => {
    const error = refusalOf(properties);
    expect(error.code).toBe('ECONFIG');
    expect(error.message).toContain(`"${property}"`);
  });

  test('an environment variable that is not set is named', () => {
    expect(refusalOf({ host: '${NAS_HOST}' }).message).toContain('NAS_HOST');
  });
});

describe('credentials', () => {
  test.each<[string, NasCredentials]>([
    ['username', { password: 'x' }],
    ['username', { username: '', password: 'x' }],
    ['password', { username: 'admin' }],
    ['password', { username: 'admin', password: '' }],
    ['password', { username: 'admin', password: '${NAS_PASSWORD}' }],
  ])('a missing %s is ECONFIG', (name, credentials) => {
    const error = refusalOf({}, credentials);
    expect(error.code).toBe('ECONFIG');
    expect(error.message).toContain(name);
  });

  test('a blank trusted-device token is none', () => {
    expect(nasSettings(def({}), { ...ACCOUNT, deviceId: '' }).diskStation.account).toEqual({
      name: 'admin',
      password: 'planted-password',
    });
  });
});

test('a missing property means its default', () => {
  expect(nasSettings(def({}), ACCOUNT)).toMatchObject({
    access: 'operate',
    pollIntervalMs: 60_000,
    activePollIntervalMs: 5_000,
    overdueHours: 0,
    quietHours: [],
    diskStation: { timeoutMs: 30_000, certificate: { verify: true, fingerprint: null } },
  });
});

test('a fingerprint is read with and without colons, in either case', () => {
  const digits = 'ab'.repeat(32);
  for (const fingerprint of [digits, digits.toUpperCase(), digits.match(/../g)!.join(':')]) {
    expect(nasSettings(def({ fingerprint }), ACCOUNT).diskStation.certificate.fingerprint).toBe(digits.toUpperCase());
  }
});
