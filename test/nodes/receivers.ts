import type { Node, NodeAPI, NodeDef, NodeInitializer } from 'node-red';
import aemInfoNode from '../../nodes/aem-info/aem-info';
import apiRequestNode from '../../nodes/api-request/api-request';
import eventsNode from '../../nodes/events/events';
import bridgeNode from '../../nodes/mqtt-bridge/mqtt-bridge';
import brokerNode from '../../nodes/mqtt-broker/mqtt-broker';
import shareStorageNode from '../../nodes/share-storage/share-storage';
import taskBackupNode from '../../nodes/task-backup/task-backup';
import taskListNode from '../../nodes/task-list/task-list';
import { EVENTS } from '../../src/monitor/events';
import type { Nas } from '../nas/index';
import { settled } from '../support/settled';
import { ACCOUNT, helper, load, nasConfig, type FlowNode } from './support';

type Properties = Record<string, unknown>;

/** A node that the flow contains twice, and the message that is sent to each of the two. */
export interface NodeUnderTest {
  readonly type: string;
  readonly properties?: Properties;
  readonly msg?: Properties;
}

/** The receivers of a flow: its outputs, and its Catch, Complete and Status nodes. */
export interface Receivers {
  /** The messages at their arrival, by receiver: `task-list (1)` → distinct lines of JSON. */
  readonly received: ReadonlyMap<string, ReadonlySet<string>>;
  /** The message objects themselves. */
  readonly messages: readonly (readonly [receiver: string, message: object])[];
  /** Sends a message to a node and waits until it is done. */
  readonly send: (id: string, msg: Properties) => Promise<void>;
  /** Adds a message that left through something else than a node. */
  readonly record: (receiver: string, message: unknown) => void;
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

/** The ids of the two nodes of one kind: what happens to the messages of one must not affect the other. */
export const twins = (id: string): readonly [string, string] => [`${id} (1)`, `${id} (2)`];

/**
 * A flow with two of each node on one NAS, two events nodes, and a bridge, in which every message is received.
 * @param nodes by name, in addition to these
 * @param wrongPassword a new one for each flow: a refused login is remembered for the life of the process
 * @param onReceived called with each message, after it is recorded
 */
export async function receiversOf(
  nas: Nas,
  brokerUrl: string,
  nodes: Readonly<Record<string, NodeUnderTest>>,
  wrongPassword: string,
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
    ...Object.entries(nodes).flatMap(([name, { type, properties }]) =>
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
    { ...nasConfig(nas, { name: 'Wrong password', pollInterval: 86_400, activePollInterval: 3600 }), id: 'wrong' },
    { ...nasConfig(nas, { name: 'No such host', host: 'not a host' }), id: 'unconfigured' },
    { id: 'broker', type: 'active-backup-mqtt-broker', z: '', name: '', url: brokerUrl },
    ...senders,
    ...senders.map(({ id }) => ({ ...at, id: `out ${id}`, type: 'recorder', wires: [] })),
    { ...at, id: 'n', type: 'helper', wires: [] },
    { ...at, id: 'catch', type: 'catch', scope: null, uncaught: false, wires: [['failures', 'caught']] },
    { ...at, id: 'failures', type: 'recorder', wires: [] },
    { ...at, id: 'complete', type: 'complete', scope: senders.map(({ id }) => id), wires: [['completed']] },
    { ...at, id: 'status', type: 'status', scope: null, wires: [['statuses']] },
    ...sinks.map((id) => ({ ...at, id, type: 'recorder', wires: [] })),
  ];
  const received = new Map<string, Set<string>>();
  const messages: [string, object][] = [];
  const ended = new Map<string, number>();
  const record = (receiver: string, message: unknown): void => {
    const lines = received.get(receiver) ?? new Set();
    received.set(receiver, lines.add(comparable(message)));
  };
  const receiverOf = (recorder: string, msg: Properties): string => {
    if (recorder.startsWith('out ')) return recorder.slice('out '.length);
    const property = { caught: 'error', failures: 'error', completed: 'complete', statuses: 'status' }[recorder] ?? '';
    const { id } = (msg[property] as { source: { id: string } }).source;
    if (recorder === 'failures') return `another catch: ${id}`;
    if (recorder !== 'statuses') ended.set(id, (ended.get(id) ?? 0) + 1);
    return `${property} of ${id}`;
  };
  const recorder = recorderType((id, msg) => {
    const receiver = receiverOf(id, msg);
    record(receiver, msg);
    messages.push([receiver, msg]);
    onReceived(msg);
  });
  const wrong = { ...ACCOUNT, password: wrongPassword };
  await load([...PALETTE, recorder], flow, { nas: ACCOUNT, wrong, unconfigured: ACCOUNT });
  return {
    received,
    messages,
    record,
    send: async (id, msg) => {
      const before = ended.get(id) ?? 0;
      (helper.getNode(id) as unknown as { receive: (msg: unknown) => void }).receive(structuredClone(msg));
      await settled(() => (ended.get(id) ?? 0) > before, `${id} to end`);
    },
  };
}

/** A node type that receives from the moment of its creation: a status may be sent before the flow has started. */
function recorderType(onInput: (id: string, msg: Properties) => void): NodeInitializer {
  return (RED: NodeAPI) => {
    RED.nodes.registerType('recorder', function (this: Node, def: NodeDef) {
      RED.nodes.createNode(this, def);
      this.on('input', (msg: unknown) => {
        onInput(this.id, msg as Properties);
      });
    });
  };
}

/** A message as JSON, without the parts that differ in every run: ids, ports and times. */
function comparable(message: unknown): string {
  const text = JSON.stringify(message, (name, value: unknown) => {
    if (name === '_msgid' || name === 'stack') return undefined;
    return name === 'parts' ? { ...(value as object), id: 'generated' } : value;
  });
  return text.replace(/127\.0\.0\.1:\d+/g, 'HOST').replace(/\d\d:\d\d(?= · |")/g, 'TIME');
}
