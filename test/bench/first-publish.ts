// `npm run bench`: the overhead of the bridge when publishing. The first publish of a NAS with 200 tasks, from its snapshot to the
// last acknowledgement, compared with a bare MQTT client that sends the same messages to the same broker as fast as it can;
// and the cost for the bridge of a poll without changes.
import mqtt from 'mqtt';
import { startBroker } from '../../scripts/demo/broker';
import { buildDiscovery } from '../../src/home-assistant/discovery';
import type { BridgeOptions } from '../../src/home-assistant/types';
import { buildStateDocuments } from '../../src/home-assistant/state-documents';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { MqttConnection } from '../../src/mqtt/mqtt-connection';
import { Publisher } from '../../src/mqtt/publisher';
import type { MqttSession } from '../../src/mqtt/types';
import { SnapshotFilter } from '../../src/bridge/state-publisher';
import { NAS, OPTIONS, snapshotWith, taskWith } from '../home-assistant/examples';

const TASKS = 200;
const ROUNDS = 9;
const POLLS = 100_000;

type Messages = ReadonlyMap<string, string>;

function messagesOf(snapshot: NasSnapshot, options: BridgeOptions): Messages {
  const configs = buildDiscovery(snapshot, NAS, options).map(
    ({ topic, payload }) => [topic, JSON.stringify(payload)] as const,
  );
  return new Map([...configs, ...buildStateDocuments(snapshot, NAS, options)]);
}

async function time(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function sessionOf(url: string): Promise<{ session: MqttSession; close: () => Promise<void> }> {
  return new Promise((resolve) => {
    const connection = new MqttConnection({
      broker: { url, clientId: 'bench', protocolVersion: 4, keepaliveSeconds: 60 },
      will: { topic: 'bench/bridge', payload: 'offline' },
      onSession: (session) => {
        resolve({ session, close: () => connection.close([]) });
      },
      onProblem: ({ message }) => {
        throw new Error(message);
      },
      onMessage: () => undefined,
    });
    connection.open();
  });
}

async function firstPublish(): Promise<string> {
  const broker = await startBroker(0);
  const snapshot = snapshotWith({ tasks: Array.from({ length: TASKS }, (_, index) => taskWith({ id: index + 1 })) });
  const bare = await mqtt.connectAsync(broker.url);
  const { session, close } = await sessionOf(broker.url);
  const publisher = new Publisher();
  publisher.on('warning', console.warn);
  const messages = messagesOf(snapshot, OPTIONS);
  const times = { ours: [] as number[], bare: [] as number[], making: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.bare.push(
      await time(async () => {
        await Promise.all(
          [...messages].map(([topic, text]) => bare.publishAsync(topic, text, { qos: 1, retain: true })),
        );
      }),
    );
    times.making.push(await time(() => Promise.resolve(void messagesOf(snapshot, OPTIONS))));
    times.ours.push(
      await time(async () => {
        publisher.setSession(session);
        for (const [topic, text] of messagesOf(snapshot, OPTIONS)) publisher.retain(topic, text);
        await publisher.whenIdle();
      }),
    );
  }
  await close();
  await bare.endAsync();
  await broker.close();
  const [ours, floor, making] = [median(times.ours), median(times.bare), median(times.making)];
  return (
    `First publish of ${TASKS} tasks (${messages.size} messages): ${ours.toFixed(0)} ms, of which ${making.toFixed(0)} ms to make them; ` +
    `bare MQTT client, all at once: ${floor.toFixed(0)} ms: ${(ours / floor).toFixed(2)}× with at most ${publisher.inFlightPeak} in flight`
  );
}

function idlePolls(): string {
  const filter = new SnapshotFilter();
  const snapshot = snapshotWith({ tasks: Array.from({ length: TASKS }, (_, index) => taskWith({ id: index + 1 })) });
  filter.filter(snapshot);
  const from = performance.now();
  for (let poll = 0; poll < POLLS; poll += 1) filter.filter({ ...snapshot, at: String(poll) });
  const each = (performance.now() - from) / POLLS;
  return `A poll without changes at ${TASKS} tasks takes the bridge ${(each * 1000).toFixed(2)} µs and no message`;
}

async function main(): Promise<void> {
  console.log(await firstPublish());
  console.log(idlePolls());
}

void main();
