import { describe, expect, test } from 'vitest';
import { DsmError } from '../../src/dsm/errors';
import { bridgeSettings, type BridgeDef } from '../../src/node-red/mqtt-bridge';
import { brokerSettings, type BrokerCredentials, type BrokerDef } from '../../src/node-red/broker-registry';

const node = { id: 'n', z: '', name: '' };
const broker = (properties: Partial<BrokerDef>, credentials: BrokerCredentials = {}) =>
  brokerSettings({ ...node, type: 'active-backup-mqtt-broker', url: 'mqtt://broker.lan', ...properties }, credentials);
const bridge = (properties: Partial<BridgeDef>) =>
  bridgeSettings({ ...node, type: 'active-backup-mqtt-bridge', ...properties });

function refusalOf(settings: () => unknown): DsmError {
  try {
    settings();
  } catch (error) {
    if (error instanceof DsmError) return error;
  }
  throw new Error('the settings were accepted');
}

describe('a broker', () => {
  test('with an address alone has the defaults', () => {
    expect(broker({})).toEqual({
      url: 'mqtt://broker.lan',
      clientId: '',
      protocolVersion: 'auto',
      keepaliveSeconds: 60,
    });
  });

  test.each([
    'mqtt://broker.lan:1883',
    'mqtts://broker.lan',
    'ws://broker.lan:9001/mqtt',
    'wss://[::1]:8884',
    ' mqtt://10.0.0.2 ',
  ])('is reached at %s', (url) => {
    expect(broker({ url }).url).toBe(url.trim());
  });

  test.each([
    ['nothing', ''],
    ['a name alone', 'broker.lan'],
    ['a name and a port', 'broker.lan:1883'],
    ['another protocol', 'http://broker.lan'],
    ['no host', 'mqtt://'],
    ['an account', 'mqtt://me:planted-password@broker.lan'],
    ['an account in something that is no URL', 'mqtt://me:planted-password@bro ker'],
    ['a variable that is not set', '${NOT_THERE}'],
    ['a variable in it', 'mqtt://${HOST}:1883'],
    ['an object', { host: 'broker.lan' }],
  ])('with %s as its address is ECONFIG', (_, url) => {
    const error = refusalOf(() => broker({ url }));
    expect(error).toMatchObject({ code: 'ECONFIG' });
    expect(error.message).toMatch(/MQTT broker node/);
    expect(error.message).not.toContain('planted-password');
  });

  test.each<[Partial<BrokerDef>, object]>([
    [{ protocolVersion: '5' }, { protocolVersion: 5 }],
    [{ protocolVersion: 4 }, { protocolVersion: 4 }],
    [{ protocolVersion: '' }, { protocolVersion: 'auto' }],
    [{ keepalive: '30' }, { keepaliveSeconds: 30 }],
    [{ keepalive: '' }, { keepaliveSeconds: 60 }],
    [{ clientId: ' mine ' }, { clientId: 'mine' }],
  ])('%j means %j', (properties, settings) => {
    expect(broker(properties)).toMatchObject(settings);
  });

  test.each<[string, Partial<BrokerDef>]>([
    ['protocolVersion', { protocolVersion: '3' }],
    ['keepalive', { keepalive: '0' }],
    ['keepalive', { keepalive: 'often' }],
    ['clientId', { clientId: 'a\u0000b' }],
  ])('a wrong %s is named', (property, properties) => {
    expect(refusalOf(() => broker(properties)).message).toContain(`"${property}"`);
  });

  test('contains the account, if one is entered', () => {
    expect(broker({}, { username: 'me', password: 'planted' })).toMatchObject({ username: 'me', password: 'planted' });
    expect(broker({}, { username: '', password: '' })).not.toHaveProperty('username');
  });
});

describe('a bridge', () => {
  test('without properties has the defaults', () => {
    expect(bridge({})).toEqual({
      nasId: '',
      baseTopic: 'active-backup',
      discovery: true,
      discoveryPrefix: 'homeassistant',
      detail: 'standard',
      commands: false,
      devices: 'none',
      language: 'en',
    });
  });

  test.each<[Partial<BridgeDef>, object]>([
    [{ baseTopic: 'home/backups' }, { baseTopic: 'home/backups' }],
    [{ baseTopic: ' backup ' }, { baseTopic: 'backup' }],
    [
      { commands: 'true', discovery: 'false' },
      { commands: true, discovery: false },
    ],
    [{ nasId: 'cellar_nas-2' }, { nasId: 'cellar_nas-2' }],
    [{ nasId: 2 }, { nasId: '2' }],
    [
      { detail: 'full', devices: 'problems', language: 'de' },
      { detail: 'full', devices: 'problems', language: 'de' },
    ],
  ])('%j means %j', (properties, settings) => {
    expect(bridge(properties)).toMatchObject(settings);
  });

  test.each<[string, unknown]>([
    ['baseTopic', '/active-backup'],
    ['baseTopic', 'active-backup/'],
    ['baseTopic', 'a//b'],
    ['baseTopic', 'a/+/b'],
    ['baseTopic', '#'],
    ['baseTopic', '$SYS/backup'],
    ['baseTopic', 'a\u0000b'],
    ['baseTopic', 'x'.repeat(201)],
    ['discoveryPrefix', 'home assistant/#'],
    ['nasId', 'my nas'],
    ['nasId', 'a/b'],
    ['nasId', 'n'.repeat(65)],
    ['detail', 'everything'],
    ['devices', 'some'],
    ['language', 'fr'],
    ['commands', 'perhaps'],
    ['discovery', 2],
  ])('%s = %j is ECONFIG and named', (property, value) => {
    const error = refusalOf(() => bridge({ [property]: value }));
    expect(error.code).toBe('ECONFIG');
    expect(error.message).toContain(`"${property}" of the MQTT bridge node`);
  });
});
