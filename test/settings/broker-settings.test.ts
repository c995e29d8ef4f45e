import { describe, expect, test } from 'vitest';
import { brokerSettings, type BrokerDef } from '../../src/node-red/broker-registry';
import { BROKER_NUMBERS, BROKER_RULES, completedBrokerUrl } from '../../src/settings/broker-settings';
import { problemOf } from '../../src/settings/rules';
import { isAccepted } from './support';

const DEF = { id: 'n', type: 'active-backup-mqtt-broker', z: '', name: '', url: 'mqtt://broker.lan' };

/** Whether the runtime accepts a broker node with these properties. */
const runtimeAccepts = (properties: Partial<BrokerDef>): boolean =>
  isAccepted(() => brokerSettings({ ...DEF, ...properties }, {}));

describe('the dialog accepts the same values as the runtime', () => {
  test.each([
    'mqtt://broker.lan',
    ' mqtt://broker.lan:1883 ',
    'MQTTS://broker.lan:8883',
    'mqtt://büro-nas.lan',
    'mqtt://my_broker',
    'mqtt://192.168.1.2:1883/',
    'mqtts://[fe80::1]:8883',
    'ws://broker.lan:9001',
    'wss://broker.lan/mqtt?a=b',
    'wss://broker.lan/path@home',
    '',
    '   ',
    'broker.lan',
    'broker.lan:1883',
    'mqtt:broker.lan',
    'mqtt://',
    'mqtt://:1883',
    'mqtt:///path',
    'mqtt://broker.lan:99999',
    'mqtt://my broker',
    'http://broker.lan',
    'tcp://broker.lan',
    'mqtt://admin:planted-password@broker.lan',
    'ws://admin@broker.lan/mqtt',
    'ftp://admin:planted-password@broker.lan',
    '<script>',
  ])('as URL: %j', (url) => {
    expect(problemOf(BROKER_RULES.url, url) === null).toBe(runtimeAccepts({ url }));
  });

  test('as keep-alive', () => {
    const { min, max } = BROKER_NUMBERS.keepalive;
    const values = [min, max, min - 1, max + 1, String(min), '', undefined, null, min + 0.5, 'soon', '5s', {}, true];
    for (const keepalive of values) {
      const isValid = problemOf(BROKER_RULES.keepalive, keepalive) === null;
      expect(isValid, JSON.stringify(keepalive)).toBe(runtimeAccepts({ keepalive }));
    }
  });

  test.each(['', 'node-red', 'Küche 1', 'a\tb', 'a\u0000b'])('as client ID: %j', (clientId) => {
    expect(problemOf(BROKER_RULES.clientId, clientId) === null).toBe(runtimeAccepts({ clientId }));
  });
});

test('the dialog starts with the defaults of the runtime', () => {
  const { keepaliveSeconds, protocolVersion } = brokerSettings(DEF, {});
  expect({ keepaliveSeconds, protocolVersion }).toEqual({
    keepaliveSeconds: BROKER_NUMBERS.keepalive.default,
    protocolVersion: 'auto',
  });
});

test.each([
  ['', 'problem.required'],
  ['mqtt://admin:planted-password@broker.lan', 'problem.accountInUrl'],
  ['http://broker.lan', 'problem.brokerUrl'],
  ['mqtt://${HOST}:1883', 'problem.brokerUrl'],
])('each problem of a URL has its own text: %j', (url, key) => {
  expect(problemOf(BROKER_RULES.url, url)).toMatchObject({ key });
});

describe('an address without a scheme', () => {
  test.each([
    ['broker.lan', 'mqtt://broker.lan'],
    [' homeassistant.local ', 'mqtt://homeassistant.local'],
    ['broker.lan:1884', 'mqtt://broker.lan:1884'],
    ['broker.lan:8883', 'mqtts://broker.lan:8883'],
    ['192.168.1.2', 'mqtt://192.168.1.2'],
    ['[fe80::1]:1883', 'mqtt://[fe80::1]:1883'],
    ['fe80::1', 'mqtt://[fe80::1]'],
  ])('%s is completed to %s', (address, url) => {
    expect(completedBrokerUrl(address)).toBe(url);
    expect(problemOf(BROKER_RULES.url, url)).toBeNull();
  });

  test.each(['', 'mqtt://broker.lan', 'http://broker.lan', '${MQTT_URL}', 'a b', 'broker.lan/path', 'anna@broker.lan'])(
    '%j stays as it is',
    (text) => expect(completedBrokerUrl(text)).toBe(text),
  );
});
