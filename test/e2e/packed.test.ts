import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FlowNode } from '../../scripts/demo/flow';
import { startNas, type Nas } from '../nas/index';
import { builtSets, catalogueOf, manifest } from '../support/built';
import type { NodeRed } from '../support/node-red';
import { startPacked } from '../support/packed';
import { until } from '../support/until';

const LANGUAGES = ['en-US', 'de'];
const json = { accept: 'application/json' };

describe('the packed package, installed into a Node-RED', () => {
  let nodeRed: NodeRed;
  let nas: Nas;
  const cleanups: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const packed = await startPacked('packed');
    cleanups.push(() => packed.stop());
    nodeRed = packed.nodeRed;
    nas = await startNas();
    cleanups.push(() => nas.close());
  });
  afterAll(async () => {
    for (const cleanUp of cleanups.reverse()) await cleanUp();
  });

  test('starts without a warning', () => {
    expect(nodeRed.log).not.toMatch(/\[(warn|error)\]|deprecat/i);
  });

  test('has every set enabled and loaded', async () => {
    const sets = (await (await nodeRed.get('nodes', json)).json()) as { id: string; module: string; types: string[] }[];
    const ours = sets.filter((set) => set.module === manifest.name);
    const names = Object.keys(manifest['node-red'].nodes);
    expect(ours.map((set) => set.id).sort()).toEqual(names.map((name) => `${manifest.name}/${name}`).sort());
    for (const set of ours) {
      const types = [set.id.replace(/^.*\//, 'active-backup-')];
      expect(set).toMatchObject({ types, enabled: true, version: manifest.version });
      expect(set).not.toHaveProperty('err');
    }
  });

  test('serves every icon', async () => {
    const icons = (await (await nodeRed.get('icons', json)).json()) as Record<string, string[]>;
    const expected = Object.keys(manifest['node-red'].nodes).map((name) => `active-backup-${name}.svg`);
    expect(icons[manifest.name]?.sort()).toEqual(expected.sort());
    for (const icon of expected) {
      const response = await nodeRed.get(`icons/${manifest.name}/${icon}`);
      expect(response.headers.get('content-type')).toContain('image/svg+xml');
      expect(await response.text()).toContain('<svg');
    }
  });

  test.each(LANGUAGES)('serves the catalogues in %s', async (language) => {
    const served = (await (await nodeRed.get(`nodes/messages?lng=${language}`, json)).json()) as Record<
      string,
      unknown
    >;
    for (const { name, folder } of builtSets()) {
      const catalogue = [...catalogueOf(`${folder}/locales/${language}/${name}.json`).values()];
      expect(JSON.stringify(served[`${manifest.name}/${name}`])).toContain(JSON.stringify(catalogue[0]));
    }
  });

  test.each(LANGUAGES)('serves form and help in %s', async (language) => {
    const html = await (await nodeRed.get('nodes', { accept: 'text/html', 'accept-language': language })).text();
    for (const { definition } of builtSets()) {
      expect(html).toContain(`data-template-name="${definition.type}"`);
      expect(html).toContain(`data-help-name="${definition.type}"`);
    }
  });

  test('offers its examples', async () => {
    // Node-RED lists the examples some time after its start.
    await until(async () => {
      const examples = await (await nodeRed.get(`library/examples/flows/${manifest.name}/1-basics`, json)).json();
      return JSON.stringify(examples).includes('01-list-tasks');
    });
  });

  test('lists the five tasks of a NAS over HTTP', async () => {
    await nodeRed.deploy(flowFor(nas));
    const response = await nodeRed.get('backup-tasks');
    expect(response.status).toBe(200);
    const tasks = (await response.json()) as { id: number; name: string; state: string }[];
    expect(tasks).toHaveLength(5);
    expect(new Set(tasks.map((task) => task.id)).size).toBe(5);
    for (const task of tasks) expect(task).toMatchObject({ name: expect.any(String), state: expect.any(String) });
    expect(nodeRed.log).not.toMatch(/\[(warn|error)\]/);
  });
});

/** A position on the tab; Node-RED takes a node without one for a config node. */
const at = (column: number) => ({ z: 'tab', x: 200 * column, y: 40 });

/** GET /backup-tasks → task list → HTTP response. */
function flowFor(nas: Nas): FlowNode[] {
  const credentials = { username: 'admin', password: 'synology' };
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'nas', type: 'active-backup-nas', name: '', host: nas.url, credentials },
    { ...at(0), id: 'in', type: 'http in', url: '/backup-tasks', method: 'get', wires: [['list']] },
    { ...at(1), id: 'list', type: 'active-backup-task-list', nas: 'nas', operation: 'list', wires: [['out']] },
    { ...at(2), id: 'out', type: 'http response', statusCode: '', headers: {}, wires: [] },
  ];
}
