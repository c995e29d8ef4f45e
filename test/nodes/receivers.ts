import type { NodeInitializer } from 'node-red';
import aemInfoNode from '../../nodes/aem-info/aem-info';
import apiRequestNode from '../../nodes/api-request/api-request';
import eventsNode from '../../nodes/events/events';
import bridgeNode from '../../nodes/mqtt-bridge/mqtt-bridge';
import brokerNode from '../../nodes/mqtt-broker/mqtt-broker';
import shareStorageNode from '../../nodes/share-storage/share-storage';
import taskBackupNode from '../../nodes/task-backup/task-backup';
import taskListNode from '../../nodes/task-list/task-list';
import { EVENTS } from '../../src/monitor/events';
import type { Nas } from '../nas';
import { settled } from '../support/settled';
import { ACCOUNT, helper, load, nasConfig, type FlowNode } from './support';

export type Properties = Record<string, unknown>;

/** A node of which a flow has two, and the message that each of them gets. */
export interface Asked {
  readonly type: string;
  readonly properties?: Properties;
  readonly msg?: Properties;
}

/** Whatever receives messages in a flow: what each of them got, as it was when it came. */
export interface Receivers {
  /** Everything that came, by receiver: `task-list` → lines of JSON. */
  readonly received: ReadonlyMap<string, ReadonlySet<string>>;
  /** The very messages, as long as nobody changes them. */
  readonly messages: readonly (readonly [receiver: string, message: object])[];
  /** Lets a node work on a message to its end. */
  readonly ask: (id: string, msg: Properties) => Promise<void>;
  readonly note: (receiver: string, said: unknown) => void;
}

const PALETTE: readonly NodeInitializer[] = [
  aemInfoNode,
  apiRequestNode,
  brokerNode,
  bridgeNode,
  eventsNode,
  shareStorageNode,
  taskBackupNode,
  taskListNode,
];

/** Two of each node, so that one can see what became of the other's messages. */
export const twins = (id: string): readonly [string, string] => [`${id} (1)`, `${id} (2)`];

/**
 * A flow with two of each node on one NAS, two events nodes, and a bridge, where everything that leaves them is received.
 * @param asked the nodes by name, beside those
 * @param onReceived what a receiver does with a message, as soon as it has it
 */
export async function receiversOf(
  nas: Nas,
  brokerUrl: string,
  asked: Readonly<Record<string, Asked>>,
  onReceived: (msg: object) => void,
): Promise<Receivers> {
  const at = { z: 'flow', name: '', x: 0, y: 0 };
  const node = (id: string, type: string, properties: Properties = {}): FlowNode => ({
    nas: 'nas',
    ...properties,
    ...at,
    id,
    type: `active-backup-${type}`,
    wires: [[`out ${id}`], [`out ${id}`]],
  });
  const senders = [
    ...Object.entries(asked).flatMap(([name, { type, properties }]) =>
      twins(name).map((id) => node(id, type, properties)),
    ),
    ...twins('events').map((id) => node(id, 'events', { events: [...EVENTS] })),
    ...twins('events of a NAS that refuses the login').map((id) => node(id, 'events', { nas: 'wrong' })),
    node('bridge', 'mqtt-bridge', { broker: 'broker', commands: true, devices: 'all', detail: 'full' }),
  ];
  const sinks = ['caught', 'completed', 'statuses'];
  const flow: FlowNode[] = [
    { id: 'flow', type: 'tab', z: '', name: '', label: 'flow' },
    nasConfig(nas, { access: 'delete', pollInterval: 86_400, activePollInterval: 1, overdueHours: 2 }),
    { ...nasConfig(nas, { name: 'Wrong password', pollInterval: 86_400 }), id: 'wrong' },
    { ...nasConfig(nas, { name: 'No such host', host: 'not a host' }), id: 'nobody' },
    { id: 'broker', type: 'active-backup-mqtt-broker', z: '', name: '', url: brokerUrl },
    ...senders,
    ...senders.map(({ id }) => ({ ...at, id: `out ${id}`, type: 'helper', wires: [] })),
    { ...at, id: 'n', type: 'helper', wires: [] },
    { ...at, id: 'catch', type: 'catch', scope: null, uncaught: false, wires: [['failures', 'caught']] },
    { ...at, id: 'failures', type: 'helper', wires: [] },
    { ...at, id: 'complete', type: 'complete', scope: senders.map(({ id }) => id), wires: [['completed']] },
    { ...at, id: 'status', type: 'status', scope: null, wires: [['statuses']] },
    ...sinks.map((id) => ({ ...at, id, type: 'helper', wires: [] })),
  ];
  const received = new Map<string, Set<string>>();
  const messages: [string, object][] = [];
  const ended = new Map<string, number>();
  const note = (receiver: string, said: unknown): void => {
    const lines = received.get(receiver) ?? new Set();
    received.set(receiver, lines.add(comparable(said)));
  };
  const listen = (id: string, receiver: (msg: Properties) => string): void => {
    helper.getNode(id).on('input', (msg: unknown) => {
      const name = receiver(msg as Properties);
      note(name, msg);
      messages.push([name, msg as object]);
      onReceived(msg as object);
    });
  };
  await load(PALETTE, flow, { nas: ACCOUNT, wrong: { ...ACCOUNT, password: 'wrong' }, nobody: ACCOUNT });
  for (const { id } of senders) listen(`out ${id}`, () => id);
  const count = (msg: Properties, word: string): string => {
    const { source } = msg[word] as { source: { id: string } };
    if (word !== 'status') ended.set(source.id, (ended.get(source.id) ?? 0) + 1);
    return `${word} of ${source.id}`;
  };
  listen('completed', (msg) => count(msg, 'complete'));
  listen('caught', (msg) => count(msg, 'error'));
  listen('failures', (msg) => `another catch: ${(msg['error'] as { source: { id: string } }).source.id}`);
  listen('statuses', (msg) => count(msg, 'status'));
  return {
    received,
    messages,
    note,
    ask: async (id, msg) => {
      const before = ended.get(id) ?? 0;
      (helper.getNode(id) as unknown as { receive: (msg: unknown) => void }).receive(structuredClone(msg));
      await settled(() => (ended.get(id) ?? 0) > before, `${id} to end`);
    },
  };
}

/** A message without what is another in every run. */
function comparable(said: unknown): string {
  const text = JSON.stringify(said, (name, value: unknown) => {
    if (name === '_msgid' || name === 'stack') return undefined;
    return name === 'parts' ? { ...(value as object), id: 'generated' } : value;
  });
  return text.replace(/127\.0\.0\.1:\d+/g, 'HOST').replace(/\d\d:\d\d(?= · |")/g, 'TIME');
}
