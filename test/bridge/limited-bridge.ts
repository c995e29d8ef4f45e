import { expect, onTestFinished } from 'vitest';
import type { BridgeDef } from '../../src/node-red/mqtt-bridge';
import { startLimitedBroker, type BrokerRules, type LimitedBroker } from '../support/limited-broker';
import { startMosquitto } from '../support/mosquitto';
import { connectClient, retainedAt, type MqttClient } from '../support/mqtt-client';
import { until } from '../support/until';
import { simulatedNas, startBridge, type TestBridge, type TestBridgeOptions } from './support';

const KIB = 1024;

/** The limits that the services and programs document, without those of messages a second. */
export const BROKERS = {
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
} as const satisfies Readonly<Record<string, BrokerRules>>;

/** A bridge behind a broker with limits. */
export interface Limited {
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

/** Starts a bridge for a simulated NAS behind a broker with limits, which ends with the test. @param path of mosquitto */
export async function startLimited(
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

/** Waits until the bridge has published an event and carried out a command. */
export async function seesEventAndCommand({ bridged, client, startRun }: Limited): Promise<void> {
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
