import { describe, expect, test } from 'vitest';
import { copiedBroker, type CoreBroker } from '../../../src/editor/mqtt/broker-copy';
import { BROKER_RULES } from '../../../src/settings/broker-settings';
import { problemOf } from '../../../src/settings/rules';

describe('the copy of a broker of Node-RED', () => {
  /** A broker node with Node-RED's defaults, as Node-RED stores it. */
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
  ])('has for %j the URL %s', (changes, url) => {
    expect(copiedBroker({ ...CORE, ...changes })).toMatchObject({ url, variable: null });
    expect(problemOf(BROKER_RULES.url, url)).toBeNull();
  });

  test.each([
    [{ broker: '${MQTT_HOST}' }, '${MQTT_HOST}'],
    [{ port: '$(MQTT_PORT)' }, '$(MQTT_PORT)'],
  ])('has no URL if a part is an environment variable: %j', (changes, variable) => {
    expect(copiedBroker({ ...CORE, ...changes })).toMatchObject({ url: null, variable });
  });

  test.each([
    [{ usetls: true }, 'tls', false],
    [{ usetls: 'true' }, 'tls', false],
    [{ usetls: true, tls: '' }, '', true],
    [{ usetls: true, tls: '', verifyservercert: true }, '', false],
    [{ usetls: false }, '', false],
  ])('has TLS settings only with TLS: %j', (changes, tls, verifiesCertificate) => {
    expect(copiedBroker({ ...CORE, ...changes })).toMatchObject({ tls, verifiesCertificate });
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
  ])('has for the keep-alive %j %j', (keepalive, copied) => {
    expect(copiedBroker({ ...CORE, keepalive }).keepalive).toBe(copied);
  });

  test.each([
    ['5', '5'],
    [5, '5'],
    ['4', 'auto'],
    [3, 'auto'],
    [undefined, 'auto'],
  ])('has for the protocol %j %j', (protocolVersion, copied) => {
    expect(copiedBroker({ ...CORE, protocolVersion }).protocolVersion).toBe(copied);
  });

  test('has no account and no client id', () => {
    const core = { ...CORE, credentials: { user: 'admin', password: 'planted-password' } };
    expect(JSON.stringify(copiedBroker(core))).not.toMatch(/admin|planted|mine/);
  });
});
