import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import apiRequestNode from '../../nodes/api-request/api-request';
import eventsNode from '../../nodes/events/events';
import bridgeNode from '../../nodes/mqtt-bridge/mqtt-bridge';
import brokerNode from '../../nodes/mqtt-broker/mqtt-broker';
import reportNode from '../../nodes/report/report';
import taskListNode from '../../nodes/task-list/task-list';
import { METHODS, type Method } from '../../src/active-backup/methods';
import { PLANTED_SECRETS, type Fault, type Nas } from '../nas/index';
import { startMosquitto, type Mosquitto } from '../support/mosquitto';
import { connectClient } from '../support/mqtt-client';
import { describeWith } from '../support/needs';
import { tempDir } from '../support/temp-dir';
import { until } from '../support/until';
import {
  beside,
  connectionOf,
  flowOf,
  helper,
  inputsOf,
  load,
  nasConfig,
  pollOften,
  sendTo,
  simulatedNas,
  type Flow,
} from './support';

const OWN = {
  password: 'secret-of-the-nas',
  next: 'secret-of-the-nas-later',
  deviceId: 'secret-device-token',
  broker: 'secret-of-the-broker',
};
const SECRETS: readonly string[] = [...Object.values(OWN), ...PLANTED_SECRETS];

/** Everything that has left the nodes, by kind. */
type Outputs = Map<string, string[]>;

const FAULTS: readonly Fault[] = [
  { do: 'html' },
  { do: 'http-status', status: 502 },
  { do: 'not-json' },
  { do: 'cut-off' },
  { do: 'reset-before' },
  { do: 'redirect' },
  { do: 'refuse', code: 105 },
  { do: 'refuse', code: 400, errors: { token: OWN.password } },
];

/** A value as each of its receivers may print it. */
const shown = (value: unknown): string[] => [
  inspect(value, { depth: Infinity, showHidden: true, maxArrayLength: null, maxStringLength: null }),
  value instanceof Error ? `${String(value)} ${value.stack ?? ''}` : JSON.stringify(value),
];

const READS = Object.values<Method>(METHODS).filter(({ level }) => level === 'read');

/** Calls every method that reads, and waits for all of them. */
async function readEverything(flow: Flow): Promise<void> {
  const before = flow.caught.length + flow.completed.length;
  for (const { api, method, parameters } of READS) {
    const required = Object.entries(parameters).filter(([, { required }]) => required === true);
    const params = Object.fromEntries(required.map(([name, { type }]) => [name, valueOf(type)]));
    flow.send({ api, operation: method, params, payload: OWN.next.length });
  }
  await flow.ended(before + READS.length);
}

function valueOf(type: string): unknown {
  if (type === 'string') return '/volume1';
  if (type === 'integers') return [1];
  return type === 'object' ? {} : type === 'boolean' ? true : 1;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function start(path: string): Promise<{ nas: Nas; broker: Mosquitto; flow: Flow; folder: string }> {
  const { path: folder, remove } = await tempDir('secrets');
  onTestFinished(remove);
  helper.settings({ userDir: folder });
  const account = { name: 'admin', password: OWN.password };
  const nas = await simulatedNas({ schedules: false, speed: 10, runSeconds: 6000, accounts: [account] });
  const broker = await startMosquitto(path, {
    accounts: ['bridge', 'visitor'].map((name) => ({ name, password: OWN.broker })),
  });
  onTestFinished(() => broker.close());
  const config = [
    nasConfig(nas, { pollInterval: 5, activePollInterval: 1, timeout: 3 }),
    { id: 'broker', type: 'active-backup-mqtt-broker', z: '', name: '', url: broker.url },
  ];
  const flow = await load(
    [apiRequestNode, taskListNode, eventsNode, reportNode, bridgeNode, brokerNode],
    [
      ...flowOf({ type: 'active-backup-api-request' }, config).map((node) =>
        // Errors and statuses of all nodes.
        ['catch', 'status'].includes(node.id) ? { ...node, scope: null } : node,
      ),
      beside('list', 'active-backup-task-list', { wires: [['heard']] }),
      beside('events', 'active-backup-events', { wires: [['heard']] }),
      beside('report', 'active-backup-report', { nas: [], wires: [['heard']] }),
      beside('bridge', 'active-backup-mqtt-bridge', { broker: 'broker', commands: true, devices: 'all' }),
      beside('heard', 'helper'),
    ],
    {
      nas: { username: 'admin', password: OWN.password, deviceId: OWN.deviceId },
      broker: { username: 'bridge', password: OWN.broker },
    },
  );
  pollOften();
  return { nas, broker, flow, folder };
}

describeWith('mosquitto', 'secrets', (path) => {
  test('none is in any output while everything is read and everything fails', { timeout: 90_000 }, async () => {
    const { nas, broker, flow, folder } = await start(path);
    const heard = inputsOf('heard');
    const visitor = await connectClient(broker.url, { username: 'visitor', password: OWN.broker });
    onTestFinished(() => visitor.close());
    await visitor.subscribe('#');
    await visitor.received(({ topic }) => topic.endsWith('/task/1/state'));
    for (const id of ['list', 'report']) sendTo(id, {});
    await readEverything(flow);
    for (const fault of FAULTS) {
      const undo = nas.fail(fault);
      await readEverything(flow);
      for (const id of ['list', 'report']) sendTo(id, {});
      undo();
    }
    // What a flow must not call.
    flow.send({ params: { passwd: 1 }, api: 'SYNO.API.Auth', operation: 'login' });
    const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
    await visitor.publish(`${root}/task/1/command`, 'cancel');
    nas.state.startRun(1);
    nas.state.endRun(1, 'failed');
    await until(() => heard.some(({ topic }) => topic === 'backup_failed'));
    nas.dropSessions();
    nas.fail({ on: { method: 'login' }, do: 'refuse', code: 400, errors: { passwd: OWN.password } });
    await readEverything(flow);
    await visitor.caughtUp();

    const admin = ['diagnostics', 'tasks', 'devices', 'shares'].map((name) => `/active-backup/nas/nas/${name}`);
    const answers = await Promise.all(admin.map((url) => helper.request().get(url)));
    const preview = await helper.request().post('/active-backup/report/preview').send({ nas: [] });
    const connectionTest = await helper
      .request()
      .post('/active-backup/nas/test')
      .send({
        id: 'nas',
        host: nas.host,
        port: nas.port,
        https: false,
        credentials: { username: 'admin', password: OWN.next },
      });
    const dashboard = await helper.request().get('/active-backup/bridge/bridge/dashboard');
    const outputs: Outputs = new Map([
      ['log lines of every level', (helper.log().args as unknown[][]).flatMap((line) => shown(line))],
      ['messages', [...heard, ...flow.out.flat(), ...flow.completed].flatMap(shown)],
      ['errors', flow.caught.flatMap(shown)],
      ['statuses', flow.statuses.flatMap(shown)],
      ['MQTT topics and payloads', visitor.messages.map(({ topic, payload }) => `${topic} ${payload}`)],
      ['URLs and headers of requests', nas.requests.map(({ url, headers }) => `${url} ${headers.referer ?? ''}`)],
      ['files', filesBelow(folder).map((file) => `${file}\n${readFileSync(file, 'utf8')}`)],
      ['answers of the admin routes', [...answers, preview, connectionTest, dashboard].map(({ text }) => text)],
      ['inspected objects', shown(connectionOf()).slice(0, 1)],
    ]);
    const found = [...outputs].flatMap(([kind, texts]) =>
      SECRETS.filter((secret) => texts.some((text) => text.includes(secret))).map((secret) => `${kind}: ${secret}`),
    );
    const counts = [...outputs].map(([kind, { length }]) => `${length} ${kind}`);
    console.log(`secrets searched for: ${SECRETS.length}, in texts of ${counts.join(', ')}; found: ${found.length}`);
    for (const [kind, texts] of outputs) expect(texts.length, kind).toBeGreaterThan(0);
    // The NAS has really sent and received them.
    const sent = JSON.stringify(nas.requests.map(({ parameters }) => parameters));
    expect(sent).toContain(OWN.password);
    expect(found).toEqual([]);
  });
});
