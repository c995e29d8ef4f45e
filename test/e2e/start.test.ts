import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { LOOPBACK, listen } from '../../scripts/demo/listen';
import type { FlowNode } from '../../scripts/demo/flow';
import { root } from '../../scripts/root';
import { startNas } from '../nas/index';
import { manifest } from '../support/built';
import { startDemo, type Demo } from '../support/demo';
import { deploy } from '../support/node-red';
import { startProgram } from '../support/program';
import { tempDir } from '../support/temp-dir';

/** An HTTP server to which a flow posts its results. */
async function resultServer(): Promise<{ url: string; next: () => Promise<unknown> }> {
  const server = createServer();
  const port = await listen(server, 'PORT', 0);
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const next = async (): Promise<unknown> => {
    const [request, response] = (await once(server, 'request')) as Parameters<
      NonNullable<Parameters<typeof createServer>[1]>
    >;
    const body = await text(request);
    response.end();
    return JSON.parse(body);
  };
  return { url: `http://${LOOPBACK}:${port}/`, next };
}

/** Adds a node that posts the results of another node, with a wire from one of its outputs. */
async function sendResultsTo(url: string, demo: Demo, id: string, output = 0): Promise<void> {
  const flows = (await (await fetch(`${demo.url}flows`)).json()) as FlowNode[];
  const edited = flows
    .filter((node) => node.id !== 'post')
    .map((node) => ({ ...node, ...(node.id === id && { wires: Array.from({ length: output + 1 }, () => ['post']) }) }));
  const post = {
    id: 'post',
    type: 'http request',
    z: 'demo',
    x: 600,
    y: 300,
    method: 'POST',
    ret: 'txt',
    url,
    wires: [[]],
  };
  await deploy(demo.url, [...edited, post]);
}

/** Presses the button of an inject node; Node-RED replies to a deployment before it has started its nodes. */
async function press(demo: Demo, injectId: string): Promise<void> {
  await expect.poll(async () => (await fetch(`${demo.url}inject/${injectId}`, { method: 'POST' })).status).toBe(200);
}

describe('npm start', () => {
  let demo: Demo;
  let dir: Awaited<ReturnType<typeof tempDir>>;
  beforeAll(async () => {
    dir = await tempDir('demo');
    demo = await startDemo(dir.path);
  });
  afterAll(async () => {
    await demo.program.end('SIGKILL');
    await dir.remove();
  });

  test('has every node type in its flow and logs no warning', async () => {
    const flows = (await (await fetch(`${demo.url}flows`)).json()) as FlowNode[];
    const types = Object.keys(manifest['node-red'].nodes).map((name) => `active-backup-${name}`);
    expect(flows.map((node) => node.type)).toEqual(expect.arrayContaining(types));
    expect(demo.program.output).not.toMatch(/\[(warn|error)\]/);
  });

  test('has no password in its flow and only variables in its credentials', async () => {
    const nas = (await (await fetch(`${demo.url}credentials/active-backup-nas/abb-example-nas`)).json()) as object;
    expect(nas).toEqual({ username: '${SYNOLOGY_USERNAME}', has_password: true, has_deviceId: false });
    expect(await (await fetch(`${demo.url}flows`)).text()).not.toContain('synology"');
  });

  test.each([
    { button: 'list-tasks', tasks: 11 },
    { button: 'failed-tasks', tasks: 1 },
  ])('the button of $button brings $tasks tasks', async ({ button, tasks }) => {
    const { url, next } = await resultServer();
    await sendResultsTo(url, demo, `${button}-list`);
    const result = next();
    await press(demo, `${button}-inject`);
    expect(await result).toHaveLength(tasks);
  });

  test('shows the progress of a backup', async () => {
    const { url, next } = await resultServer();
    await sendResultsTo(url, demo, 'follow-backup', 1);
    const task = next();
    await press(demo, 'follow-inject');
    expect(await task).toMatchObject({ name: 'Reception PC', progress: { percent: expect.any(Number) as number } });
  });

  test('starts no backup by the clock', async () => {
    const flows = (await (await fetch(`${demo.url}flows`)).json()) as FlowNode[];
    expect(flows.filter((node) => !node.d && (node.crontab || node.repeat || node.once))).toEqual([]);
  });

  test('ends at once when asked to, and keeps the changes of the user', async () => {
    const { url, next } = await resultServer();
    await sendResultsTo(url, demo, 'list-tasks-list');
    const { code, tookMs } = await demo.program.end('SIGINT');
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(2500);

    demo = await startDemo(dir.path); // on other ports, so the NAS has another address
    const result = next();
    await press(demo, 'list-tasks-inject');
    expect(await result).toHaveLength(11);
  });
});

test('the same flow uses the NAS that SYNOLOGY_HOST names', async () => {
  const nas = await startNas({ tasks: 3, accounts: [{ name: 'anna', password: 'Geh€im', admin: true }] });
  onTestFinished(() => nas.close());
  const dir = await tempDir('demo');
  onTestFinished(dir.remove);
  const account = { SYNOLOGY_USERNAME: 'anna', SYNOLOGY_PASSWORD: 'Geh€im' };
  const demo = await startDemo(dir.path, { SYNOLOGY_HOST: nas.url, ...account });
  onTestFinished(async () => {
    await demo.program.end();
  });
  const { url, next } = await resultServer();
  await sendResultsTo(url, demo, 'list-tasks-list');
  const result = next();
  await press(demo, 'list-tasks-inject');
  expect(await result).toHaveLength(3);
});

test.each([
  { variable: 'PORT', program: 'Node-RED' },
  { variable: 'NAS_PORT', program: 'the simulated NAS' },
  { variable: 'MQTT_PORT', program: 'the MQTT broker' },
])('a port in use: $variable is named, and no process stays behind', async ({ variable, program: name }) => {
  const server = createServer();
  const port = await listen(server, 'PORT', 0);
  onTestFinished(() => void server.close());
  const dir = await tempDir('demo');
  onTestFinished(dir.remove);
  const env = { PORT: '0', NAS_PORT: '0', MQTT_PORT: '0', DEMO_DIR: dir.path, [variable]: String(port) };
  const program = startProgram(['--import', 'tsx', 'scripts/start.ts'], { cwd: root, env });
  expect(await program.ended).toBe(1);
  expect(program.output).toContain(`Port ${port} for ${name} is in use. Choose another: ${variable}=`);
  expect(program.output).not.toMatch(/^ +at /m);
});
