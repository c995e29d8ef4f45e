import type { Node, NodeAPI } from 'node-red';
import { createSharedAbortController } from '../dsm/abort';
import { dsmErrorOf } from '../dsm/errors';
import { isAborted } from '../dsm/transport';
import { warnOfUnexpectedCause } from '../dsm/unexpected-errors';
import { loggerOf } from './logger';
import { nasNameFor } from './nas-registry';
import { toNodeError } from './node-error';
import { errorStatus } from './status';
import type { Message } from './types';
import type { NasConnection } from '../client/nas-connection';

/** Output and abort signal of one message. */
export interface InputContext {
  /** Sends to the first output, or an array to several, as Node-RED's own `send`. */
  readonly send: (msg: Message | (Message | Message[] | null)[]) => void;
  /** Aborted when the node closes. */
  readonly signal: AbortSignal;
}

/**
 * Handles the input messages of a node. `done` is called once per message, with the error if the handler rejects; the status
 * then shows the same error. No rejection escapes: it would end the Node-RED process.
 */
export function onInput(node: Node, handle: (msg: Message, context: InputContext) => Promise<void>): void {
  const closing = createSharedAbortController();
  const run = async (msg: Message, context: InputContext, done: (error?: Error) => void): Promise<void> => {
    try {
      await handle(msg, context);
    } catch (error) {
      // The Catch nodes of the flow close together with the node.
      if (closing.signal.aborted || isAborted(error)) return;
      node.status(errorStatus(error));
      // Errors of a NAS are DsmErrors already. Any other error comes from the message, for example from a getter in it.
      const failure = dsmErrorOf(error, 'EPARAM', 'This message could not be processed');
      warnOfUnexpectedCause(loggerOf(node), failure);
      finish(node, done, toNodeError(failure, nasNameFor(node)));
      return;
    }
    if (!closing.signal.aborted) finish(node, done);
  };
  node.on('input', (msg: Message, send, done) => {
    void run(msg, { send, signal: closing.signal }, done);
  });
  node.on('close', (done: () => void) => {
    closing.abort();
    done();
  });
}

/** Calls `done`. It clones the message for Catch and Complete nodes and throws if a getter in the message does; then the error is reported without the message. */
function finish(node: Node, done: (error?: Error) => void, error?: Error): void {
  try {
    done(error);
  } catch (thrown) {
    node.error(error ?? toNodeError(thrown), {});
  }
}

/**
 * Copies plain data so that no object occurs twice in the copy. Data that leaves a node is copied this way: the monitor keeps
 * its objects, and two rows of a list may share one, while a flow may change what it receives. (`structuredClone` keeps
 * shared objects shared.)
 * @param value arrays, plain objects and primitives
 */
export function deepCopy<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  // The spread defines each property, also one called __proto__, which an assignment would not.
  const copied: Record<string, unknown> = { ...value };
  for (const name of Object.keys(copied)) {
    const field = copied[name];
    if (typeof field === 'object' && field !== null) copied[name] = copy(field);
  }
  return copied;
}

/** A message property that overrides a setting of a node for this message (`docs/interface.md §2.2`). */
export type MessageOverride = 'api' | 'operation' | 'params' | 'tasks' | 'filter' | 'startWhen' | 'options';

/** The request that led to a message; both null in messages without a request, as events. */
interface RequestedCall {
  readonly api: string | null;
  readonly method: string | null;
}

/** `msg.nas` of every message that our nodes send (`docs/interface.md §2.3`). */
export interface MessageNas extends RequestedCall {
  /** As in MQTT topics; null in a message about several NASes. */
  readonly id: string | null;
  /** The name of the NAS node, else the host of the NAS; of several NASes their names, separated by commas. */
  readonly name: string;
}

/** `msg.nas` of a message about this NAS. */
export function messageNas(
  { identity, name }: Pick<NasConnection, 'identity' | 'name'>,
  { api, method }: RequestedCall,
): MessageNas {
  return { id: identity.id, name, api, method };
}

/**
 * Prepares a received message for sending: removes the overrides, which must not act on later nodes, sets `msg.nas`, and sets
 * `msg.topic` to the method if it is empty.
 * @param overrides that the sending node reads
 */
export function prepareMessage(msg: Message, nas: MessageNas, overrides: readonly MessageOverride[]): void {
  for (const override of overrides) Reflect.deleteProperty(msg, override);
  msg.nas = deepCopy(nas);
  // An inject node without a topic sends an empty one.
  if (nas.method !== null) msg.topic ||= nas.method;
}

/** The result of an operation in a message. */
interface MessageContent {
  readonly payload: unknown;
  readonly response: unknown;
  /** Of a backup that has finished. */
  readonly result?: unknown;
}

/** Copies the content into a message. */
export function setContent(msg: Message, content: MessageContent): void {
  Object.assign(msg, deepCopy(content));
}

/** One row of a result. */
export interface ResultRow {
  /** The row as our type. */
  readonly payload: unknown;
  /** The row as DSM sent it. */
  readonly response: unknown;
}

/**
 * One message per row, as a sequence like that of Node-RED's Split node, so that a Join node can put it together.
 * `msg.response` is the part of the response that belongs to the row.
 */
export function toMessages(RED: NodeAPI, msg: Message, rows: readonly ResultRow[]): Message[] {
  const id = RED.util.generateId();
  const template = { ...msg, payload: undefined, response: undefined };
  return rows.map((row, index) => {
    const copy = RED.util.cloneMessage<Message>(template);
    setContent(copy, row);
    copy.parts = messageParts(copy, { id, count: rows.length, index });
    return copy;
  });
}

/** `msg.parts` of one message of a sequence. The `parts` that the message had before, those of an outer sequence, are kept in its field `parts`. */
export function messageParts(
  { parts }: Pick<Message, 'parts'>,
  { id, count, index }: { readonly id: string; readonly count: number; readonly index: number },
): object {
  return { id, type: 'array', len: 1, count, index, ...(parts === undefined ? {} : { parts }) };
}
