import { expect, test } from 'vitest';
import { brokerAddressLabel, isUnencrypted, mayUseTls } from '../../../src/editor/mqtt/broker-url';
import { BROKER_RULES } from '../../../src/settings/broker-settings';
import { problemOf } from '../../../src/settings/rules';

test.each(['${MQTT_URL}', '$(MQTT_URL)', ' ${MQTT_URL} '])('a URL may be an environment variable: %j', (url) => {
  expect(problemOf(BROKER_RULES.url, url)).toBeNull();
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
])('%s: TLS settings %j, unencrypted %j', (url, tls, unencrypted) => {
  expect([mayUseTls(url), isUnencrypted(url)]).toEqual([tls, unencrypted]);
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
])('the label of a broker without a name is its address: %j', (url, label) =>
  expect(brokerAddressLabel(url)).toBe(label),
);
