import { describe, expect, test } from 'vitest';
import { ACCESS_LEVELS } from '../../src/active-backup/methods';
import { nasSettings, type NasDef } from '../../src/node-red/settings';
import { NAS_NUMBERS, NAS_RULES } from '../../src/settings/nas-settings';
import { parseBoolean, problemOf, type NumberRange } from '../../src/settings/rules';
import { isAccepted } from './support';

const DEF = { id: 'n', type: 'active-backup-nas', z: '', name: '', host: 'nas.lan' };
const ACCOUNT = { username: 'admin', password: 'planted-password' };
const NUMBERS = Object.entries(NAS_NUMBERS) as [keyof typeof NAS_NUMBERS, NumberRange][];

/** Whether the runtime accepts a NAS node with these properties. */
const runtimeAccepts = (properties: Partial<NasDef>): boolean =>
  isAccepted(() => nasSettings({ ...DEF, ...properties }, ACCOUNT));

describe('the dialog accepts the same values as the runtime', () => {
  test.each([
    'nas.lan',
    ' nas.lan ',
    'nas',
    'my_nas',
    'nas.lan.',
    'büro-nas.lan',
    '192.168.1.2',
    'fe80::1',
    '[fe80::1]',
    '::1',
    'http://nas.lan:8080',
    'HTTPS://nas.lan',
    'https://example.com/nas/?a=b#c',
    'https://[fe80::1]:5001',
    '',
    '   ',
    'my nas',
    'nas.lan:5001',
    'nas.lan/webapi',
    'admin@nas.lan',
    'ftp://nas.lan',
    'https://',
    'https://nas.lan:99999',
    'https://admin:planted-password@nas.lan',
    '<script>',
    '-nas',
    'nas-',
    '1:2:3',
    'fe80:::1',
    'fe80::1%eth0',
  ])('as host: %j', (host) => {
    expect(problemOf(NAS_RULES.host, host) === null).toBe(runtimeAccepts({ host }));
  });

  test.each(NUMBERS)('as %s', (property, range) => {
    const { min, max } = range;
    const values = [min, max, min - 1, max + 1, String(min), ` ${String(max)} `, '', undefined, null, min + 0.5];
    for (const value of [...values, '0x10', '1e1', 'soon', '5s', Number.NaN, {}, true]) {
      expect(problemOf(NAS_RULES[property], value) === null, JSON.stringify(value)).toBe(
        runtimeAccepts({ [property]: value }),
      );
    }
  });

  test.each([
    'ab'.repeat(32),
    'AB'.repeat(32),
    'AB:'.repeat(31) + 'AB',
    'AB '.repeat(32),
    '',
    ' ',
    'AA:BB',
    'ab'.repeat(31),
    `${'0'.repeat(63)}g`,
  ])('as fingerprint: %j', (fingerprint) => {
    expect(problemOf(NAS_RULES.fingerprint, fingerprint) === null).toBe(runtimeAccepts({ fingerprint }));
  });

  test.each([...ACCESS_LEVELS, '', undefined, 'root', 'Read'])('as access level: %j', (access) => {
    expect(problemOf(NAS_RULES.access, access) === null).toBe(runtimeAccepts({ access }));
  });

  test.each([true, false, 'true', 'FALSE', '1', '0', 'yes', 'off', 1, 0, '', undefined, null, 'maybe'])(
    'as HTTPS: %j',
    (https) => {
      expect(parseBoolean(https, true) !== null).toBe(runtimeAccepts({ https }));
    },
  );
});

test('the dialog starts with the defaults of the runtime', () => {
  const { diskStation, pollIntervalMs, activePollIntervalMs, overdueHours } = nasSettings(DEF, ACCOUNT);
  expect(new URL(diskStation.url).port).toBe(String(NAS_NUMBERS.port.default));
  expect(diskStation.timeoutMs).toBe(NAS_NUMBERS.timeout.default * 1000);
  expect(pollIntervalMs).toBe(NAS_NUMBERS.pollInterval.default * 1000);
  expect(activePollIntervalMs).toBe(NAS_NUMBERS.activePollInterval.default * 1000);
  expect(overdueHours).toBe(NAS_NUMBERS.overdueHours.default);
});

test.each(['${NAS}', '$(NAS)', ' ${NAS} '])('an environment variable is valid: %j', (value) => {
  for (const rule of Object.values(NAS_RULES)) expect(problemOf(rule, value)).toBeNull();
  expect(parseBoolean(value, true)).toBeNull();
});
