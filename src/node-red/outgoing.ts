import { ownCopy } from './own-copy';
import type { NasConnection } from './nas-registry';
import type { Message } from './types';

/** A property by which a message overrides the settings of a node, for itself alone (INTERFACE 2.2). */
export type Override = 'api' | 'operation' | 'params' | 'tasks' | 'filter' | 'startWhen' | 'options';

/** What a message asked of a NAS; both null in messages that nobody asked for. */
export interface RequestedCall {
  readonly api: string | null;
  readonly method: string | null;
}

/** `msg.nas` of every message that leaves a node (INTERFACE 2.3). */
export interface NasOfMessage extends RequestedCall {
  /** As on MQTT. */
  readonly id: string;
  /** Of the NAS node, else of the NAS. */
  readonly name: string;
}

/** `msg.nas` for a message of this NAS. */
export function nasOfMessage(
  { identity, name }: Pick<NasConnection, 'identity' | 'name'>,
  asked: RequestedCall,
): NasOfMessage {
  return { id: identity.id, name, api: asked.api, method: asked.method };
}

/**
 * Makes a message ready to leave the node that answered it: its overrides were for this node and are taken out, so that no
 * later node acts on them, and `msg.nas` says which NAS was asked what. `msg.topic` is kept when there is one.
 * @param used the overrides that this node takes from a message
 */
export function depart(msg: Message, nas: NasOfMessage, used: readonly Override[]): void {
  for (const override of used) Reflect.deleteProperty(msg, override);
  msg.nas = ownCopy(nas);
  // An inject node sends an empty topic unless it is given one.
  if (nas.method !== null) msg.topic ||= nas.method;
}

/** What came of an operation, as a message carries it. */
export interface Content {
  readonly payload: unknown;
  readonly response: unknown;
  /** Of a run that has ended. */
  readonly result?: unknown;
}

/** Gives a message its content: a copy, which is the receiver's own. */
export function carry(msg: Message, content: Content): void {
  Object.assign(msg, ownCopy(content));
}
