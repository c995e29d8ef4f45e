import type { NodeAPI } from 'node-red';
import { setContent } from './outgoing-message';
import type { Message } from './types';

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
