import { join } from 'node:path';
import { rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { FlowNode } from '../../scripts/demo/flow';
import { startNas, type Nas, type NasOptions } from '../nas/index';
import { textOf } from '../support/built';
import { startMosquitto, type Mosquitto, type MosquittoOptions } from '../support/mosquitto';
import { connectClient, retainedAt, type MqttClient } from '../support/mqtt-client';
import { describeWith } from '../support/needs';
import type { NodeRed } from '../support/node-red';
import { startPacked, type PackedNodeRed } from '../support/packed';
import { until } from '../support/until';

const KEEPALIVE_SECONDS = 5;
const TASKS = 5;

interface Setup {
  readonly nas: Nas;
  readonly mosquitto: Mosquitto;
  readonly nodeRed: NodeRed;
  /** Log of Node-RED since the test began. */
  readonly log: () => string;
  /** Receives everything that is published. */
  readonly client: MqttClient;
  /** `active-backup/<serial number>` */
  readonly root: string;
  readonly objectId: string;
}

describeWith('mosquitto', 'the packed bridge between a NAS and Mosquitto', (path) => {
  let packed: PackedNodeRed;
  beforeAll(async () => {
    packed = await startPacked('mqtt');
  });
  afterAll(() => packed.stop());

  /** Starts a broker, a NAS and a bridge; resolves when the bridge has published everything. */
  async function startBridge(
    options: MosquittoOptions = {},
    { nasOptions = {}, broker = {}, account }: { nasOptions?: NasOptions; broker?: object; account?: Account } = {},
  ): Promise<Setup> {
    const mosquitto = await startMosquitto(path, options);
    onTestFinished(() => mosquitto.close());
    const nas = await startNas({ tasks: TASKS, schedules: false, ...nasOptions });
    onTestFinished(() => nas.close());
    const { nodeRed, userDir } = packed;
    const logStart = nodeRed.log.length;
    onTestFinished(async () => {
      await nodeRed.deploy([{ id: 'empty', type: 'tab', label: 'empty' }]);
      await rm(join(userDir, 'active-backup'), { recursive: true, force: true });
    });
    const subscriber = options.accounts ? { username: 'homeassistant', password: 'pw' } : {};
    const ca = mosquitto.certificate === null ? {} : { ca: mosquitto.certificate };
    const client = await connectClient(mosquitto.url, { ...subscriber, ...ca });
    onTestFinished(() => client.close());
    await client.subscribe('active-backup/#', 'homeassistant/#');
    const tls = mosquitto.certificate === null ? [] : [await tlsConfig(mosquitto)];
    await nodeRed.deploy([...flow(nas, mosquitto.url, account, broker), ...tls]);
    const nasId = nas.state.serialNumber.toLowerCase();
    const setup = {
      nas,
      mosquitto,
      nodeRed,
      log: () => nodeRed.log.slice(logStart),
      client,
      root: `active-backup/${nasId}`,
      objectId: `active_backup_${nasId}`,
    };
    await client.received(`${setup.root}/task/${TASKS}/active`);
    return setup;
  }

  const configOf = (objectId: string): string => `homeassistant/device/${objectId}/config`;

  test('is offline as soon as its Node-RED is killed, and back with the same ids, also while the NAS is unreachable', async () => {
    const { nas, nodeRed, client, root, objectId, mosquitto } = await startBridge();
    const before = await retainedAt(mosquitto.url, 'homeassistant/#');
    client.forget();
    const from = performance.now();
    await nodeRed.kill();
    await until(() => client.on(`${root}/bridge`).includes('offline'), { timeout: 1500 * KEEPALIVE_SECONDS });
    expect(performance.now() - from).toBeLessThan(1500 * KEEPALIVE_SECONDS);
    client.forget();
    nas.fail({ do: 'reset-before' });
    await nodeRed.start();
    await until(() => client.on(`${root}/connection`).includes('offline'), { timeout: 40_000 });
    expect(client.on(`${root}/bridge`)).toContain('online');
    const after = await retainedAt(mosquitto.url, 'homeassistant/#');
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    expect(after.get(configOf(`${objectId}_task_1`))).toBe(before.get(configOf(`${objectId}_task_1`)));
    expect(client.messages.filter(({ payload }) => payload === '')).toEqual([]);
  });

  test.each([{ persistence: false }, { persistence: true }])(
    'publishes everything again after its broker was killed ($persistence)',
    async ({ persistence }) => {
      const { mosquitto, log, root, objectId } = await startBridge({ persistence });
      const before = await retainedAt(mosquitto.url);
      await mosquitto.kill();
      await mosquitto.start();
      await vi.waitFor(
        async () => {
          const after = await retainedAt(mosquitto.url);
          expect(after.get(`${root}/bridge`)).toBe('online');
          expect([...after].sort()).toEqual([...before].sort());
        },
        { timeout: 30_000, interval: 250 },
      );
      expect(before.has(configOf(objectId))).toBe(true);
      expect(log()).not.toMatch(/\[error\]/);
    },
  );

  test('works with the password and the access rules that the documentation gives, and a command too', async () => {
    const accounts = ['active-backup-bridge', 'homeassistant', 'dashboard'].map((name) => ({ name, password: 'pw' }));
    const account = { username: 'active-backup-bridge', password: 'pw' };
    const markers = 'pattern readwrite test/marker/#'; // of the test's own clients
    const { nas, log, client, root } = await startBridge({ accounts, acl: [...documentedAcl(), markers] }, { account });
    await client.publish(`${root}/task/1/command`, 'backup');
    await client.received(({ topic, payload }) => topic === `${root}/task/1/response` && payload.includes('"done"'));
    expect(nas.received('backup')).toHaveLength(1);
    await client.publish('homeassistant/status', 'online');
    client.forget();
    await until(() => client.on(`${root}/task/1/attributes`).length > 0);
    expect(log()).not.toMatch(/\[(warn|error)\]/);
  });

  test("works over TLS with a certificate authority of one's own", async () => {
    const { log, client, root } = await startBridge({ tls: true }, { broker: { tls: 'tls' } });
    expect(client.on(`${root}/bridge`)).toContain('online');
    expect(log()).not.toMatch(/\[(warn|error)\]/);
  });
});

interface Account {
  readonly username: string;
  readonly password: string;
}

function flow(nas: Nas, url: string, account: Account | undefined, broker: object): FlowNode[] {
  return [
    { id: 'tab', type: 'tab', label: 'bridge' },
    {
      ...{ id: 'nas', type: 'active-backup-nas', name: 'Cellar', host: nas.host, port: nas.port, https: false },
      ...{ pollInterval: 5, activePollInterval: 1, credentials: { username: 'admin', password: 'synology' } },
    },
    {
      ...{ id: 'broker', type: 'active-backup-mqtt-broker', url, keepalive: KEEPALIVE_SECONDS, ...broker },
      ...(account && { credentials: account }),
    },
    {
      id: 'bridge',
      type: 'active-backup-mqtt-bridge',
      z: 'tab',
      x: 100,
      y: 100,
      nas: 'nas',
      broker: 'broker',
      commands: true,
      wires: [[]],
    },
  ];
}

/** A tls-config that trusts the broker's own certificate. */
async function tlsConfig({ certificate, folder }: Mosquitto): Promise<FlowNode> {
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, certificate ?? '');
  return {
    id: 'tls',
    type: 'tls-config',
    name: '',
    cert: '',
    key: '',
    ca,
    verifyservercert: true,
    servername: '',
    alpnprotocol: '',
  };
}

/** The ACL example of docs/mqtt.md. */
function documentedAcl(): string[] {
  const [, example = ''] = /```text\n(# The bridge\.[^`]*)```/.exec(textOf('docs/mqtt.md')) ?? [];
  expect(example).toContain('user active-backup-bridge');
  return example.split('\n');
}
