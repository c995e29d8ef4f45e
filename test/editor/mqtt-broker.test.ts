import { describe, expect, test } from 'vitest';
import { DsmError } from '../../src/dsm/errors';
import { copiedBroker, type CoreBroker } from '../../src/editor/mqtt/broker-copy';
import { BROKER_NUMBERS } from '../../src/editor/mqtt/broker-numbers';
import { brokerLabel, isUnencrypted, mayUseTls } from '../../src/editor/mqtt/broker-url';
import { brokerUrlProblem, clientIdProblem } from '../../src/editor/mqtt/mqtt-checks';
import { inRange } from '../../src/editor/nas/problems';
import { brokerSettings, type BrokerDef } from '../../src/node-red/broker-registry';

const DEF = { id: 'n', type: 'active-backup-mqtt-broker', z: '', name: '', url: 'mqtt://broker.lan' };

/** What the runtime says of a broker node with these properties. */
function runtimeAccepts(properties: Partial<BrokerDef>): boolean {
  try {
    brokerSettings({ ...DEF, ...properties }, {});
    return true;
  } catch (error) {
    if (error instanceof DsmError) return false;
    throw error;
  }
}

describe('the dialog accepts what the runtime accepts, no more and no less', () => {
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
    expect(brokerUrlProblem(url) === null).toBe(runtimeAccepts({ url }));
  });

  test('as keep-alive', () => {
    const { min, max } = BROKER_NUMBERS.keepalive;
    const values = [min, max, min - 1, max + 1, String(min), '', undefined, null, min + 0.5, 'soon', '5s', {}, true];
    for (const keepalive of values) {
      const isRight = inRange(BROKER_NUMBERS.keepalive)(keepalive) === null;
      expect(isRight, JSON.stringify(keepalive)).toBe(runtimeAccepts({ keepalive }));
    }
  });

  test.each(['', 'node-red', 'Küche 1', 'a\tb', 'a\u0000b'])('as client ID: %j', (clientId) => {
    expect(clientIdProblem(clientId) === null).toBe(runtimeAccepts({ clientId }));
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
])('a URL that is no good says why: %j', (url, key) => {
  expect(brokerUrlProblem(url)).toMatchObject({ key });
});

test.each(['${MQTT_URL}', '$(MQTT_URL)', ' ${MQTT_URL} '])('a variable may be a URL: %j', (url) => {
  expect(brokerUrlProblem(url)).toBeNull();
  expect(mayUseTls(url)).toBe(true);
  expect(isUnencrypted(url)).toBe(false);
});

test.each([
  ['mqtt://broker.lan', false, true],
  ['WS://broker.lan', false, true],
  ['mqtts://broker.lan', true, false],
  ['wss://broker.lan', true, false],
  ['mqtt://localhost:1883', false, false],
  ['mqtt://127.0.0.1', false, false],
  ['mqtt://[::1]:1883', false, false],
  ['broker.lan', false, false],
])('%s: TLS settings %j, readable on the way %j', (url, tls, readable) => {
  expect([mayUseTls(url), isUnencrypted(url)]).toEqual([tls, readable]);
});

test.each([
  ['mqtt://broker.lan:1883', 'broker.lan:1883'],
  ['wss://broker.lan/mqtt', 'broker.lan'],
  ['mqtt://büro.lan', 'büro.lan'],
  ['mqtt://[fe80::1]:1883', '[fe80::1]:1883'],
  ['mqtt://admin:planted-password@broker.lan', 'broker.lan'],
  ['${MQTT_URL}', '${MQTT_URL}'],
  ['admin:planted-password@broker.lan', ''],
  ['', ''],
  [7, ''],
])('a broker without a name is called by its address: %j', (url, label) => expect(brokerLabel(url)).toBe(label));

describe('what is copied from a broker of Node-RED', () => {
  /** As Node-RED stores one that nobody has changed much. */
  const CORE = {
    broker: 'broker.lan',
    port: '1883',
    clientid: 'mine',
    usetls: false,
    tls: 'tls',
    keepalive: '60',
    protocolVersion: 'auto',
  };

  test.each<[CoreBroker, string]>([
    [{}, 'mqtt://broker.lan:1883'],
    [{ port: 1884 }, 'mqtt://broker.lan:1884'],
    [{ port: '' }, 'mqtt://broker.lan:1883'],
    [{ port: '8883', usetls: true }, 'mqtts://broker.lan:8883'],
    [{ broker: 'fe80::1' }, 'mqtt://[fe80::1]:1883'],
    [{ broker: '' }, 'mqtt://localhost:1883'],
    [{ broker: ' ws://broker.lan:9001/mqtt ' }, 'ws://broker.lan:9001/mqtt'],
    [{ broker: 'wss://broker.lan/mqtt', port: '${PORT}' }, 'wss://broker.lan/mqtt'],
    [{ broker: 'tcp://broker.lan:1883' }, 'mqtt://broker.lan:1883'],
    [{ broker: 'SSL://broker.lan:8883' }, 'mqtts://broker.lan:8883'],
    [{ broker: 'mqtt://admin:planted-password@broker.lan' }, 'mqtt://broker.lan'],
  ])('%j leads to %s', (changes, url) => {
    expect(copiedBroker({ ...CORE, ...changes })).toMatchObject({ url, variable: null });
    expect(brokerUrlProblem(url)).toBeNull();
  });

  test.each([
    [{ broker: '${MQTT_HOST}' }, '${MQTT_HOST}'],
    [{ port: '$(MQTT_PORT)' }, '$(MQTT_PORT)'],
  ])('a part that is a variable makes no URL: %j', (changes, variable) => {
    expect(copiedBroker({ ...CORE, ...changes })).toMatchObject({ url: null, variable });
  });

  test.each([
    [{ usetls: true }, 'tls', false],
    [{ usetls: 'true' }, 'tls', false],
    [{ usetls: true, tls: '' }, '', true],
    [{ usetls: true, tls: '', verifyservercert: true }, '', false],
    [{ usetls: false }, '', false],
  ])('TLS settings count only with TLS: %j', (changes, tls, isChecked) => {
    expect(copiedBroker({ ...CORE, ...changes })).toMatchObject({ tls, isChecked });
  });

  test.each([
    ['60', '60'],
    [15, '15'],
    ['${SECONDS}', '${SECONDS}'],
    ['0', '60'],
    ['', '60'],
    [undefined, '60'],
    ['soon', '60'],
    [1, '5'],
    ['7200', '3600'],
  ])('keep-alive %j becomes %j', (keepalive, copied) => {
    expect(copiedBroker({ ...CORE, keepalive }).keepalive).toBe(copied);
  });

  test.each([
    ['5', '5'],
    [5, '5'],
    ['4', 'auto'],
    [3, 'auto'],
    [undefined, 'auto'],
  ])('protocol %j becomes %j', (protocolVersion, copied) => {
    expect(copiedBroker({ ...CORE, protocolVersion }).protocolVersion).toBe(copied);
  });

  test('is no account and no client id', () => {
    const core = { ...CORE, credentials: { user: 'admin', password: 'planted-password' } };
    expect(JSON.stringify(copiedBroker(core))).not.toMatch(/admin|planted|mine/);
  });
});
