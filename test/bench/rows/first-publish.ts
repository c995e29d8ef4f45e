import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { holdSnapshots } from '../held-snapshots';
import { compare, quiet, stallOf } from '../measure';
import { startNasProcess, type NasProcess } from '../nas-client';
import { openBridge, openProduct, type Product } from '../product';
import { sizeText, type Context, type Measured } from '../row';

const GOAL = { max: 1.2 };
/** The number of messages without an acknowledgement that Mosquitto allows by default. */
const IN_FLIGHT = 20;
const EMPTY = Buffer.alloc(0);
const WARM_UP = 1;
/** A round takes seconds: the bridge connects, and its topics are cleared. */
const MAX_ROUNDS = 3;

/** The id of the NAS in recorded messages. */
const NAS_ID = 'recorded';
/** A bridge that has connected reads what the broker has retained, within half a second; before that it publishes nothing. */
const SCAN_MS = 2000;

type Message = readonly [topic: string, payload: Buffer];

/** A bridge that is ready to publish. */
interface Connected {
  readonly publish: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Wall time of the first publish of a NAS: from the snapshot to the last acknowledgement, by a bridge that is connected.
 * The floor publishes the same messages, made beforehand, with the bare client.
 */
export async function measureFirstPublish({ scale, size, nasScript, broker, folder }: Context): Promise<Measured> {
  const nas = await startNasProcess(nasScript, { tasks: size });
  const product = await openProduct({ url: nas.url, folder, listeners: 1, broker: null });
  const bare = await connectAsync(broker);
  const messages = await recordMessages(product, broker);
  let bridge: Connected | null = null;
  let round = 0;
  const prepare = async (name: string): Promise<void> => {
    await bridge?.close();
    bridge = name === 'ours' ? await connectBridge(product, broker, `bench_${++round}`) : null;
    await quiet();
  };
  const works = {
    floor: () => publishAll(bare, messages),
    clear: () =>
      publishAll(
        bare,
        messages.map(([topic]) => [topic, EMPTY]),
      ),
    ours: () => bridge?.publish() ?? Promise.resolve(),
  };
  await compare(works, { rounds: WARM_UP, prepare });
  const { floor, ours } = await compare(works, { rounds: Math.min(MAX_ROUNDS, scale.rounds), prepare });
  await prepare('ours');
  const stallMs = await stallOf(works.ours);
  await prepare('end');
  await bare.endAsync();
  await closeAll(product, nas);
  const row = {
    what: 'first publish, from the snapshot to the last acknowledgement, wall',
    size: sizeText(size, 'tasks'),
    unit: 'ms',
    floor: floor.wallMs,
    ours: ours.wallMs,
    goal: GOAL,
    note: `${messages.length} messages; CPU ${ours.cpuMs.toFixed(0)} and ${floor.cpuMs.toFixed(0)} ms, longest stall ${stallMs.toFixed(0)} ms`,
  } as const;
  return { rows: [row], samples: [] };
}

async function closeAll(product: Product, nas: NasProcess): Promise<void> {
  await product.close();
  await nas.close();
}

/** Connects a bridge for a NAS that the broker does not know; `publish` gives it the snapshot, `close` clears all of it. */
async function connectBridge(product: Product, broker: string, nasId: string): Promise<Connected> {
  const held = holdSnapshots(product.connection);
  const { bridge, published } = await openBridge(product.connection, held.nas, { broker, nasId });
  await sleep(SCAN_MS);
  await product.poll();
  return {
    publish: async () => {
      held.release();
      await published;
    },
    close: async () => {
      await bridge.purge();
      await bridge.close();
    },
  };
}

/** The retained messages of a bridge, as a subscriber receives them. The id of its NAS is `NAS_ID`. */
async function recordMessages(product: Product, broker: string): Promise<Message[]> {
  const subscriber = await connectAsync(broker);
  const messages: Message[] = [];
  subscriber.on('message', (topic, payload) => messages.push([topic, payload]));
  await subscriber.subscribeAsync('#', { qos: 0 });
  const bridge = await connectBridge(product, broker, NAS_ID);
  await bridge.publish();
  await quiet();
  await subscriber.endAsync();
  await bridge.close();
  return messages;
}

/** Publishes retained messages, QoS 1; an empty one clears its topic. */
async function publishAll(client: MqttClient, messages: readonly Message[]): Promise<void> {
  const waiting = messages.values();
  const publishNext = async (): Promise<void> => {
    for (const [topic, payload] of waiting) await client.publishAsync(topic, payload, { qos: 1, retain: true });
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, publishNext));
}
