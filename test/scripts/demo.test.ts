import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DemoError, demoSettings, portError } from '../../scripts/demo/environment';
import { demoCredentials, demoFlow, type FlowNode } from '../../scripts/demo/flow';
import { root } from '../../scripts/root';

describe('the environment of the demo', () => {
  test.each([
    { env: {}, expected: { port: 1880, nasPort: 5000, mqttPort: 1883, userDir: join(root, '.demo') } },
    { env: { PORT: '0', NAS_PORT: ' 5050 ', MQTT_PORT: '' }, expected: { port: 0, nasPort: 5050, mqttPort: 1883 } },
    { env: { SYNOLOGY_HOST: 'nas.lan', NAS_PORT: 'unused' }, expected: { nasPort: null, mqttPort: 1883 } },
    { env: { MQTT_URL: 'mqtt://broker.lan' }, expected: { nasPort: 5000, mqttPort: null } },
  ])('$env means $expected', ({ env, expected }) => expect(demoSettings(env)).toMatchObject(expected));

  test.each(['70000', '-1', '80.5', 'http'])('PORT=%s is refused by name', (port) => {
    expect(() => demoSettings({ PORT: port })).toThrow(new DemoError(`PORT must be a port number, not "${port}".`));
  });

  test('an error that is not about the port stays as it is', () => {
    const error = new Error('out of memory');
    expect(portError(error, 'PORT', 1880)).toBe(error);
  });
});

describe('the flow of the demo', () => {
  const nas: FlowNode = { id: 'nas', type: 'active-backup-nas', host: 'nas.lan', access: 'operate' };
  const example = (id: string): FlowNode[] => [
    { id: `${id}-tab`, type: 'tab' },
    { id: `${id}-1`, type: 'inject', z: `${id}-tab`, x: 100, y: 100, wires: [[`${id}-2`]] },
    { id: `${id}-2`, type: 'debug', z: `${id}-tab`, x: 300, y: 160, wires: [] },
    nas,
  ];
  const flow = demoFlow([example('a'), example('b')]);

  test('has all examples on one tab, each below the one before', () => {
    const placed = flow.filter((node) => node.z !== undefined).map(({ id, z, y }) => ({ id, z, y }));
    expect(placed).toEqual([
      { id: 'a-1', z: 'demo', y: 40 },
      { id: 'a-2', z: 'demo', y: 100 },
      { id: 'b-1', z: 'demo', y: 180 },
      { id: 'b-2', z: 'demo', y: 240 },
    ]);
    expect(flow.filter((node) => node.type === 'tab')).toHaveLength(1);
  });

  test('has one NAS, whose address and account come from the environment', () => {
    expect(flow.filter((node) => node.type === nas.type)).toEqual([
      { ...nas, name: 'Demo NAS', host: '${SYNOLOGY_HOST}' },
    ]);
    expect(demoCredentials(flow)).toEqual({
      nas: { username: '${SYNOLOGY_USERNAME}', password: '${SYNOLOGY_PASSWORD}' },
    });
  });
});
