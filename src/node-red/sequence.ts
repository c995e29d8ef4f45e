import type { NodeAPI } from 'node-red';
import type { Message } from './types';

/** One row of a list: in our words, and as DSM sent it. */
export interface Row {
  readonly payload: unknown;
  readonly response: unknown;
}

/**
 * One message per row, as Node-RED's Split node makes them, so that Join puts them together again. `msg.parts` of an
 * outer sequence is kept inside. `msg.response` is the row's own part of the answer: the whole of it in every message
 * would be copied as many times as there are rows.
 */
export function sequence(RED: NodeAPI, msg: Message, rows: readonly Row[]): Message[] {
  const id = RED.util.generateId();
  const outer = msg.parts === undefined ? {} : { parts: msg.parts };
  return rows.map(({ payload, response }, index) => {
    const copy = RED.util.cloneMessage(msg);
    const parts = { id, type: 'array', len: 1, count: rows.length, index, ...outer };
    return Object.assign(copy, { payload, response, parts });
  });
}
