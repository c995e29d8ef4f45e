import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../../scripts/root';
import { startNas } from '../nas/index';
import { manifest } from '../support/built';
import { nodeRedRequire } from '../support/node-red-package';

const NODE_RED = nodeRedRequire.resolve('node-red');

/** What a process of its own has loaded: the two libraries, and folders of `dist/src`. */
interface Loaded {
  /** After it has required and registered the built nodes, as Node-RED does for a palette. */
  readonly palette: readonly string[];
  /** After a flow with these nodes has started, and its node `n` has answered a message with another one or an error. */
  readonly flow: readonly string[];
}

/** Runs in the process of its own, with the built nodes in Node-RED's test helper. */
const SCRIPT = `
const [files, nodeRed, flow, credentials] = JSON.parse(process.argv[1]);
const loaded = () => {
  const paths = Object.keys(require.cache);
  const folders = paths.flatMap((path) => /\\/dist\\/src\\/([\\w-]+)\\//.exec(path)?.[1] ?? []);
  const libraries = ['axios', 'mqtt']
    .filter((name) => paths.some((path) => path.includes('/node_modules/' + name + '/')))
    .map((name) => name + '.js');
  return [...libraries, ...new Set(folders)].sort();
};
async function main() {
  const nodes = files.map((file) => require(file));
  const helper = require('node-red-node-test-helper');
  helper.init(nodeRed);
  await helper.load(nodes, [], {});
  const palette = loaded();
  await helper.unload();
  await helper.load(nodes, flow, credentials);
  const node = helper.getNode('n');
  if (node !== null) await new Promise((resolve) => {
    helper.getNode('out').on('input', resolve);
    helper.getNode('caught').on('input', resolve);
    node.receive({});
  });
  console.log(JSON.stringify({ palette, flow: loaded() }));
  await helper.unload();
}
main();
`;

async function loadedBy(flow: readonly object[], credentials: object = {}): Promise<Loaded> {
  const files = Object.values(manifest['node-red'].nodes).map((file) => join(root, file));
  const argument = JSON.stringify([files, NODE_RED, flow, credentials]);
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', SCRIPT, argument], { cwd: root });
  return JSON.parse(stdout) as Loaded;
}

const TAB = { id: 'flow', type: 'tab', label: 'flow' };
const IN_TAB = { z: 'flow', x: 0, y: 0, wires: [] };
const RECEIVERS = [
  { ...IN_TAB, id: 'out', type: 'helper' },
  { ...IN_TAB, id: 'catch', type: 'catch', scope: ['n'], wires: [['caught']] },
  { ...IN_TAB, id: 'caught', type: 'helper' },
];

/** The folders of `dist/src` that are needed to list tasks. */
const NAS_FOLDERS = ['active-backup', 'client', 'dsm', 'monitor', 'node-red', 'settings', 'storage'];

test('a palette without a configured node loads neither axios nor MQTT.js, and of its own modules only adapters', async () => {
  expect(await loadedBy([])).toEqual({ palette: ['node-red'], flow: ['node-red'] });
});

test('a NAS node and a broker node that no node uses load neither axios nor MQTT.js', async () => {
  const nas = { id: 'nas', type: 'active-backup-nas', host: 'nas.invalid', port: 5001, https: true };
  const broker = { id: 'broker', type: 'active-backup-mqtt-broker', url: 'mqtt://broker.invalid' };
  const { palette, flow } = await loadedBy([nas, broker]);
  expect(palette).toEqual(['node-red']);
  expect(flow).not.toContain('axios.js');
  expect(flow).not.toContain('mqtt.js');
});

test('a flow that lists tasks loads axios with its first request, no MQTT, no bridge and no report', async () => {
  const simulated = await startNas({ tasks: 1 });
  onTestFinished(() => simulated.close());
  const { host, port } = simulated;
  const nas = { id: 'nas', type: 'active-backup-nas', host, port, https: false };
  const list = { ...IN_TAB, id: 'n', type: 'active-backup-task-list', nas: 'nas', operation: 'list', wires: [['out']] };
  const credentials = { nas: { username: 'admin', password: 'synology' } };
  const { palette, flow } = await loadedBy([TAB, nas, list, ...RECEIVERS], credentials);
  expect(palette).toEqual(['node-red']);
  expect(flow).toEqual(['axios.js', ...NAS_FOLDERS].sort());
});
