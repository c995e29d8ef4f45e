import type { NodeAPI } from 'node-red';
import { carry } from './outgoing';
import type { Message } from './types';

/** One row of a list: in our words, and as DSM sent it. */
export interface ResultRow {
  readonly payload: unknown;
  readonly response: unknown;
}

/**
 * One message per row, as Node-RED's Split node makes them, so that Join puts them together again. `msg.parts` of an
 * outer sequence is kept inside. `msg.response` is the row's own part of the answer: the whole of it in every message
 * would be copied as many times as there are rows.
 */
export function toMessages(RED: NodeAPI, msg: Message, rows: readonly ResultRow[]): Message[] {
  const id = RED.util.generateId();
  const travelling = { ...msg, payload: undefined, response: undefined };
  return rows.map((row, index) => {
    const copy = RED.util.cloneMessage<Message>(travelling);
    carry(copy, row);
    copy.parts = partOf(copy, { id, count: rows.length, index });
    return copy;
  });
}

/** `msg.parts` of one message of an array sequence. That of an outer sequence, which the message has until then, is kept inside. */
export function partOf(
  { parts }: Pick<Message, 'parts'>,
  { id, count, index }: { readonly id: string; readonly count: number; readonly index: number },
): object {
  return { id, type: 'array', len: 1, count, index, ...(parts === undefined ? {} : { parts }) };
}
