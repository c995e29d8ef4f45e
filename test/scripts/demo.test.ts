import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DemoError, demoSettings, portError } from '../../scripts/demo/environment';
import { demoCredentials, demoFlow, type Example, type FlowNode } from '../../scripts/demo/flow';
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

  test('an error that is not about the port is returned unchanged', () => {
    const error = new Error('out of memory');
    expect(portError(error, 'PORT', 1880)).toBe(error);
  });
});

describe('the flow of the demo', () => {
  const nas: FlowNode = { id: 'nas', type: 'active-backup-nas', host: 'nas.lan', access: 'operate' };
  const example = (id: string, number: number): Example => ({
    number,
    nodes: [
      { id: `${id}-tab`, type: 'tab' },
      { id: `${id}-frame`, type: 'group', z: `${id}-tab`, x: 60, y: 75, w: 400, h: 110, nodes: [`${id}-1`, `${id}-2`] },
      { id: `${id}-1`, type: 'inject', z: `${id}-tab`, x: 100, y: 100, crontab: '00 22 * * *', wires: [[`${id}-2`]] },
      { id: `${id}-2`, type: 'debug', z: `${id}-tab`, x: 300, y: 160, wires: [] },
      nas,
    ],
  });
  const flow = demoFlow([example('a', 1), example('b', 2), example('c', 21)]);

  test('has the examples of single nodes on its first tab and recipes on the second, each below the previous one', () => {
    const placed = flow.filter(({ x }) => x !== undefined).map(({ id, z, y }) => ({ id, z, y }));
    expect(placed).toEqual([
      { id: 'a-frame', z: 'demo', y: 20 },
      { id: 'a-1', z: 'demo', y: 45 },
      { id: 'a-2', z: 'demo', y: 105 },
      { id: 'b-frame', z: 'demo', y: 170 },
      { id: 'b-1', z: 'demo', y: 195 },
      { id: 'b-2', z: 'demo', y: 255 },
      { id: 'c-frame', z: 'demo-recipes', y: 20 },
      { id: 'c-1', z: 'demo-recipes', y: 45 },
      { id: 'c-2', z: 'demo-recipes', y: 105 },
    ]);
    expect(flow.filter(({ type }) => type === 'tab').map(({ id }) => id)).toEqual(['demo', 'demo-recipes']);
  });

  test('keeps the frame of each example', () => {
    const frames = flow.filter(({ type }) => type === 'group');
    expect(frames.map(({ z, nodes }) => ({ z, nodes }))).toEqual([
      { z: 'demo', nodes: ['a-1', 'a-2'] },
      { z: 'demo', nodes: ['b-1', 'b-2'] },
      { z: 'demo-recipes', nodes: ['c-1', 'c-2'] },
    ]);
  });

  test('keeps the time of a disabled inject node, which starts nothing', () => {
    const [{ nodes }] = [example('d', 22)];
    const disabled = nodes.map((node) => (node.type === 'inject' ? { ...node, d: true } : node));
    const [clock] = demoFlow([{ number: 22, nodes: disabled }]).filter(({ type }) => type === 'inject');
    expect(clock).toMatchObject({ d: true, crontab: '00 22 * * *' });
  });

  test('has the examples for AEM last on their tab: few sites have it', () => {
    const withAem = { ...example('aem', 1), nodes: example('aem', 1).nodes.map((node) => ({ ...node })) };
    withAem.nodes[2]!.type = 'active-backup-aem-info';
    const ids = demoFlow([withAem, example('a', 2), example('c', 21)]).map(({ id }) => id);
    expect(ids.indexOf('aem-2')).toBeGreaterThan(ids.indexOf('a-2'));
    expect(ids.indexOf('aem-2')).toBeLessThan(ids.indexOf('c-1'));
  });

  test('says on its first tab what to click', () => {
    expect(flow.find(({ id }) => id === 'demo')?.['info']).toContain('List tasks');
  });

  test('starts nothing at a scheduled time: its NAS may be a real one', () => {
    expect(flow.filter(({ type }) => type === 'inject').map(({ crontab }) => crontab)).toEqual(['', '', '']);
  });

  test('has one NAS with address and account from the environment', () => {
    expect(flow.filter((node) => node.type === nas.type)).toEqual([
      { ...nas, name: 'Demo NAS', host: '${SYNOLOGY_HOST}', activePollInterval: 2 },
    ]);
    expect(demoCredentials(flow)).toEqual({
      nas: { username: '${SYNOLOGY_USERNAME}', password: '${SYNOLOGY_PASSWORD}' },
    });
  });
});
