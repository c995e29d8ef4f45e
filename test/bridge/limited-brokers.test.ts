import { expect, onTestFinished, test } from 'vitest';
import type { BridgeDef } from '../../src/node-red/mqtt-bridge';
import { startLimitedBroker, type BrokerRules, type LimitedBroker } from '../support/limited-broker';
import { startMosquitto } from '../support/mosquitto';
import { connectClient, retainedAt, type MqttClient } from '../support/mqtt-client';
import { describeWith } from '../support/needs';
import { until } from '../support/until';
import { simulatedNas, startBridge, type TestBridge, type TestBridgeOptions } from './support';

const KIB = 1024;

/** The limits that the services and programs document, without those of messages a second. */
const BROKERS: Readonly<Record<string, BrokerRules>> = {
  // docs.aws.amazon.com/general/latest/gr/iot-core.html, message broker limits; MQTT 5 features of the developer guide.
  'AWS IoT Core': {
    connack: {
      receiveMaximum: 100,
      maximumQos: 1,
      retainAvailable: true,
      maximumPacketSize: 146 * KIB,
      topicAliasMaximum: 8,
      subscriptionIdentifiers: false,
      serverKeepAliveSeconds: 1200,
    },
    clientIdBytes: 128,
    payloadBytes: 128 * KIB,
    topicBytes: 256,
    slashes: 7,
    filtersPerPacket: 8,
    subscriptions: 50,
    inFlight: 100,
  },
  // docs.emqx.com: defaults of 5.x, and the quotas of EMQX Serverless where they are lower.
  'EMQX Serverless': {
    connack: { receiveMaximum: 32, maximumPacketSize: KIB * KIB, topicAliasMaximum: 65_535 },
    clientIdBytes: 1024,
    payloadBytes: KIB * KIB,
    slashes: 9,
    subscriptions: 10,
  },
  // docs.hivemq.com: the receive maximum of HiveMQ; the message size of HiveMQ Cloud.
  HiveMQ: {
    connack: { receiveMaximum: 10, maximumPacketSize: 5 * KIB * KIB, topicAliasMaximum: 5 },
    payloadBytes: 5 * KIB * KIB,
  },
  // rabbitmq.com/docs/mqtt: no QoS 2, no retained messages for wildcards; a topic is a routing key of at most 255 bytes.
  RabbitMQ: {
    connack: { maximumQos: 1, maximumPacketSize: 16 * KIB * KIB, topicAliasMaximum: 16, sharedSubscriptions: false },
    topicBytes: 255,
    wildcardRetained: false,
  },
};

interface Limited {
  readonly limited: LimitedBroker;
  readonly bridged: TestBridge;
  /** A client of the broker without the limits, which receives everything. */
  readonly client: MqttClient;
  /** Resolves when all documents and the discovery of each task are retained. */
  readonly complete: () => Promise<void>;
  readonly startRun: (task: number) => void;
}

interface LimitedOptions extends TestBridgeOptions {
  readonly tasks: number;
  readonly version: 4 | 5;
}

/** A bridge for a simulated NAS behind a broker with limits. */
async function startLimited(
  path: string,
  rules: BrokerRules,
  { tasks, version, ...options }: LimitedOptions,
): Promise<Limited> {
  const mosquitto = await startMosquitto(path, { config: ['max_queued_messages 0'] });
  onTestFinished(() => mosquitto.close());
  const limited = await startLimitedBroker(mosquitto.port, rules);
  onTestFinished(() => limited.close());
  const client = await connectClient(mosquitto.url);
  onTestFinished(() => client.close());
  await client.subscribe('#');
  const nas = await simulatedNas({ tasks, speed: 120, runSeconds: 60, pastDays: 2 });
  const def: Partial<BridgeDef> = { commands: true, ...options.def };
  const broker = { protocolVersion: version };
  const bridged = await startBridge(nas, limited.url, { idleMs: 200, ...options, def, broker });
  const discovery = `homeassistant/device/active_backup_${bridged.nasId}`;
  const wanted = Array.from({ length: tasks }, (_, index) => index + 1).flatMap((id) => [
    ...['state', 'attributes', 'active'].map((document) => `${bridged.root}/task/${id}/${document}`),
    `${discovery}_task_${id}/config`,
  ]);
  const documents = [`${bridged.root}/bridge`, `${bridged.root}/state`, ...wanted];
  const complete = async (): Promise<void> => {
    await until(
      () => {
        const received = new Set(client.messages.map(({ topic }) => topic));
        return documents.every((topic) => received.has(topic));
      },
      { timeout: 40_000, interval: 100 },
    );
    const retained = await retainedAt(mosquitto.url, '#');
    expect(documents.filter((topic) => !retained.has(topic))).toEqual([]);
  };
  return {
    limited,
    bridged,
    client,
    complete,
    startRun: (task) => {
      nas.state.startRun(task);
    },
  };
}

async function seesEventAndCommand({ bridged, client, startRun }: Limited): Promise<void> {
  const { root } = bridged;
  client.forget();
  startRun(1);
  await client.received(
    ({ topic, payload }) => topic === `${root}/task/1/event` && payload.includes('backup_succeeded'),
  );
  await client.publish(`${root}/task/3/command`, JSON.stringify({ action: 'backup', id: 'one' }), { qos: 1 });
  await client.received(({ topic, payload }) => topic === `${root}/task/3/response` && payload.includes('"done"'));
  await client.received(({ topic, payload }) => topic === `${root}/task/3/event` && payload.includes('backup_'));
}

describeWith('mosquitto', 'a bridge on a broker with the limits of', (path) => {
  test.each(Object.keys(BROKERS).flatMap((name) => [5, 4].map((version) => ({ name, version: version as 4 | 5 }))))(
    '$name (MQTT version $version): every task, events and commands, on one connection and within each limit',
    async ({ name, version }) => {
      const tasks = version === 5 ? 200 : 20;
      const bridge = await startLimited(path, BROKERS[name] ?? {}, { tasks, version, idleMs: 1000 });
      await bridge.complete();
      await seesEventAndCommand(bridge);
      expect(bridge.limited.violations).toEqual([]);
      expect(bridge.limited.connections).toBe(1);
      expect(bridge.bridged.warnings).toEqual([]);
    },
    60_000,
  );

  test.each(['discard', 'refuse', 'disconnect'] as const)(
    'a service that takes 40 messages a second and is to %s the others: everything arrives, then nothing exceeds it',
    async (over) => {
      const rules = { ...BROKERS['AWS IoT Core'], perSecond: { messages: 40, over } };
      const bridge = await startLimited(path, rules, {
        tasks: 25,
        version: 5,
        timings: { acknowledgeMs: over === 'discard' ? 1000 : 30_000 },
      });
      await bridge.complete();
      await bridge.bridged.settled();
      expect(bridge.limited.violations).toContain('messages a second');
      const { connections, violations } = bridge.limited;
      const before = violations.length;
      await seesEventAndCommand(bridge);
      expect(bridge.limited.violations.slice(before)).toEqual([]);
      if (over !== 'discard') expect(bridge.limited.connections).toBe(connections);
      expect(bridge.bridged.warnings.join('\n')).toMatch(over === 'refuse' ? /^$/ : /at most \d+ (messages )?a second/);
    },
    60_000,
  );

  test('a second retained message on a topic within a second is sent again until the service takes it', async () => {
    const rules = { ...BROKERS['AWS IoT Core'], retainedEveryMs: 1000 };
    const bridge = await startLimited(path, rules, { tasks: 3, version: 5 });
    await bridge.complete();
    bridge.bridged.bridge.publishAll();
    await until(() => bridge.limited.violations.length > 0);
    await bridge.bridged.settled();
    await seesEventAndCommand(bridge);
    expect(bridge.bridged.statuses.at(-1)).toMatchObject({ is: 'published', refused: null });
    expect(bridge.limited.connections).toBe(1);
  }, 40_000);

  test('an access rule without the discovery prefix costs a few connections and is named, the rest works', async () => {
    const rules = { ...BROKERS['AWS IoT Core'], forbidden: 'homeassistant/' };
    const bridge = await startLimited(path, rules, { tasks: 30, version: 5, idleMs: 200 });
    await until(() => bridge.bridged.warnings.some((text) => text.includes('over topics such as homeassistant/')), {
      timeout: 50_000,
    });
    const { root } = bridge.bridged;
    await until(() => bridge.client.on(`${root}/task/30/state`).length > 0, { timeout: 25_000 });
    const { connections } = bridge.limited;
    expect(connections).toBeLessThan(20);
    await seesEventAndCommand(bridge);
    expect(bridge.limited.connections).toBe(connections);
    expect(bridge.bridged.warnings.join('\n')).toMatch(/check the broker's access rules/);
  }, 90_000);

  test('a base topic of too many levels is named, and ends in a status instead of an endless series of connections', async () => {
    const bridge = await startLimited(path, BROKERS['AWS IoT Core'] ?? {}, {
      tasks: 30,
      version: 5,
      def: { baseTopic: 'one/two/three/four/five' },
    });
    await until(() => bridge.bridged.warnings.some((text) => text.includes('takes no topics of 9 levels')), {
      timeout: 50_000,
    });
    await bridge.bridged.settled();
    const { connections } = bridge.limited;
    await bridge.bridged.polls(3);
    expect(bridge.limited.connections).toBe(connections);
    expect(bridge.bridged.statuses.at(-1)).toMatchObject({
      is: 'published',
      refused: expect.stringContaining('one/two'),
    });
  }, 90_000);

  test('a client id that is too long is named', async () => {
    const rules = { clientIdBytes: 23 };
    const bridge = await startLimited(path, rules, { tasks: 1, version: 5 });
    expect(bridge.limited.violations).toEqual([]);
    const mosquitto = await startMosquitto(path);
    onTestFinished(() => mosquitto.close());
    const limited = await startLimitedBroker(mosquitto.port, { clientIdBytes: 4 });
    onTestFinished(() => limited.close());
    const bridged = await startBridge(await simulatedNas({ tasks: 1 }), limited.url);
    await until(() =>
      bridged.statuses.some((status) => status.is === 'problem' && status.problem.message.includes('client id')),
    );
  });
});
