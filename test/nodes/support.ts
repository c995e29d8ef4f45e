import type { Node, NodeDef, NodeInitializer } from 'node-red';
import helper from 'node-red-node-test-helper';
import { onTestFinished, vi } from 'vitest';
import nasNode from '../../nodes/nas/nas';
import { findNas, getNas } from '../../src/node-red/nas-registry';
import type { NasConnection } from '../../src/client/nas-connection';
import type { Message } from '../../src/node-red/types';
import { startNas, type Nas, type NasOptions } from '../nas/index';
import { passErrorCodes } from '../support/error-codes';
import { nodeRedRequire } from '../support/node-red-package';

helper.init(nodeRedRequire.resolve('node-red'));
passErrorCodes();

/** A node of a flow, with the properties of its type. */
export type FlowNode = NodeDef & Record<string, unknown>;

export const ACCOUNT = { username: 'admin', password: 'synology' };

/** A NAS config node that points at a simulated NAS. */
export function nasConfig(nas: Pick<Nas, 'host' | 'port'>, properties: Record<string, unknown> = {}): FlowNode {
  const { host, port } = nas;
  return { id: 'nas', type: 'active-backup-nas', z: '', name: 'NAS', host, port, https: false, ...properties };
}

/** A simulated NAS that ends with the test. */
export async function simulatedNas(options: NasOptions = {}): Promise<Nas> {
  const nas = await startNas(options);
  onTestFinished(() => nas.close());
  return nas;
}

/** A loaded flow, with every message that its outputs, Catch, Complete and Status nodes have received. */
export interface Flow {
  /** By output: `out[0]` are the messages of the first one. */
  readonly out: readonly Message[][];
  readonly caught: (Message & { error: CaughtError })[];
  readonly completed: Message[];
  readonly statuses: { fill?: string; shape?: string; text?: string }[];
  readonly node: Node;
  send(msg: Record<string, unknown>): void;
  /** Waits until `count` messages are done, with or without an error. */
  ended(count: number): Promise<unknown>;
}

interface CaughtError {
  message: string;
  code: string;
  cause?: { api: string; method: string; version: number; code: number | null; errors: unknown; reason?: string };
}

/** A flow with the node under test, its outputs, and Catch, Complete and Status nodes. */
export function flowOf(
  node: Partial<FlowNode> & { type: string },
  config: readonly FlowNode[],
  outputs = 1,
): FlowNode[] {
  const outs = Array.from({ length: outputs }, (_, index) => `out${index}`);
  const common = { z: 'flow', name: '', x: 0, y: 0 };
  return [
    { id: 'flow', type: 'tab', z: '', name: '', label: 'flow' },
    ...config,
    { id: 'n', nas: 'nas', wires: outs.map((out) => [out]), ...common, ...node },
    ...outs.map((id) => ({ id, type: 'helper', wires: [], ...common })),
    { id: 'catch', type: 'catch', scope: ['n'], uncaught: false, wires: [['caught']], ...common },
    { id: 'complete', type: 'complete', scope: ['n'], wires: [['completed']], ...common },
    { id: 'status', type: 'status', scope: ['n'], wires: [['statuses']], ...common },
    ...['caught', 'completed', 'statuses'].map((id) => ({ id, type: 'helper', wires: [], ...common })),
  ];
}

/** Loads a flow made by {@link flowOf} into a Node-RED runtime and records its messages. */
export async function load(
  nodes: readonly NodeInitializer[],
  flow: readonly FlowNode[],
  credentials: Record<string, Record<string, string>> = { nas: ACCOUNT },
): Promise<Flow> {
  await helper.load([nasNode, ...nodes], flow as never, credentials);
  const outputs = flow.filter(({ id }) => /^out\d$/.test(id));
  const out = outputs.map(() => [] as Message[]);
  const caught: Flow['caught'] = [];
  const completed: Message[] = [];
  const statuses: Flow['statuses'] = [];
  outputs.forEach(({ id }, index) => onInput(id, (msg) => out[index]?.push(msg)));
  onInput('caught', (msg) => caught.push(msg as Flow['caught'][number]));
  onInput('completed', (msg) => completed.push(msg));
  onInput('statuses', (msg) => statuses.push((msg as unknown as { status: Flow['statuses'][number] }).status));
  const node = helper.getNode('n');
  return {
    out,
    caught,
    completed,
    statuses,
    node,
    send: (msg) => {
      node.receive(msg);
    },
    ended: (count) => vi.waitUntil(() => caught.length + completed.length >= count, { timeout: 25_000, interval: 5 }),
  };
}

function onInput(id: string, receive: (msg: Message) => void): void {
  helper.getNode(id).on('input', (msg: unknown) => {
    receive(msg as Message);
  });
}

/** A node beside the one under test. */
export function beside(id: string, type: string, properties: Record<string, unknown> = {}): FlowNode {
  return { id, type, z: 'flow', name: '', x: 0, y: 0, wires: [], nas: 'nas', ...properties };
}

/** The messages that a node of the type `helper` receives from now on. */
export function inputsOf(id: string): Message[] {
  const messages: Message[] = [];
  onInput(id, (msg) => messages.push(msg));
  return messages;
}

/** Sends a message to any node of the flow. */
export function sendTo(id: string, msg: Record<string, unknown>): void {
  (helper.getNode(id) as unknown as { receive: (msg: unknown) => void }).receive(msg);
}

/** The connection of a deployed NAS node. */
export function connectionOf(id = 'nas'): NasConnection {
  return getNas({ nodes: helper }, id);
}

/** Polls once and waits for the poll. */
export function pollOnce(id = 'nas'): Promise<void> {
  const { poller } = connectionOf(id);
  return new Promise((resolve) => {
    const unsubscribe = poller.subscribe(
      () => {
        setImmediate(resolve);
        unsubscribe();
      },
      { fast: true },
    );
  });
}

/** Polls the NAS ten times a second until the test ends: the shortest interval of a NAS node is one second. */
export function pollOften(): void {
  const timer = setInterval(() => findNas({ nodes: helper }, 'nas')?.poller.pollNow(), 100);
  onTestFinished(() => {
    clearInterval(timer);
  });
}

export { helper };
