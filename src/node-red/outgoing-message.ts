import { deepCopy } from './deep-copy';
import type { NasConnection } from './nas-connection';
import type { Message } from './types';

/** A message property that overrides a setting of a node for this message (`docs/interface.md §2.2`). */
export type MessageOverride = 'api' | 'operation' | 'params' | 'tasks' | 'filter' | 'startWhen' | 'options';

/** The request that led to a message; both null in messages without a request, as events. */
export interface RequestedCall {
  readonly api: string | null;
  readonly method: string | null;
}

/** `msg.nas` of every message that our nodes send (`docs/interface.md §2.3`). */
export interface MessageNas extends RequestedCall {
  /** As in MQTT topics. */
  readonly id: string;
  /** The name of the NAS node, else the host of the NAS. */
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
export interface MessageContent {
  readonly payload: unknown;
  readonly response: unknown;
  /** Of a backup that has finished. */
  readonly result?: unknown;
}

/** Copies the content into a message. */
export function setContent(msg: Message, content: MessageContent): void {
  Object.assign(msg, deepCopy(content));
}
