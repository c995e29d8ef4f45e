import type { NodeAPI } from 'node-red';
import { TASK_API } from '../active-backup/methods';
import type { Result, Task } from '../active-backup/types';
import type { FollowedRequest } from '../monitor/followed-requests';
import { type InputContext, prepareMessage, setContent, type MessageOverride, messageNas, messageParts } from './input';
import type { NasConnection } from '../client/nas-connection';
import type { Message } from './types';

/** The overrides that the task-backup node reads from a message. */
export const OVERRIDES = ['operation', 'params', 'tasks', 'startWhen'] as const satisfies readonly MessageOverride[];

/** Sends the messages of one request: copies of the message that it came with. */
export class RequestOutput {
  readonly #RED: NodeAPI;
  readonly #nas: NasConnection;
  readonly #msg: Message;
  readonly #send: InputContext['send'];

  /** @param msg the message that the request came with */
  constructor(RED: NodeAPI, nas: NasConnection, msg: Message, send: InputContext['send']) {
    this.#RED = RED;
    this.#nas = nas;
    this.#msg = msg;
    this.#send = send;
  }

  /** Sends the progress of a task on output 2. */
  sendProgress(request: FollowedRequest, task: Task | undefined): void {
    this.#send([null, this.#messageWith(request, { payload: task })]);
  }

  /**
   * Sends a task on output 1, as part of the sequence of its request.
   * @param result of its backup; undefined: it was only started
   */
  sendTask(request: FollowedRequest, task: Task | null, index: number, result: Result | null | undefined): void {
    const content = result === undefined ? { payload: task } : { payload: task, result };
    const message = this.#messageWith(request, content);
    message.parts = messageParts(message, { id: request.id, count: request.count, index });
    this.#send([message, null]);
  }

  #messageWith({ method, response }: FollowedRequest, content: { payload: unknown; result?: unknown }): Message {
    const copy = this.#RED.util.cloneMessage<Message>({ ...this.#msg, payload: undefined, response: undefined });
    prepareMessage(copy, messageNas(this.#nas, { api: TASK_API, method }), OVERRIDES);
    const data: unknown = JSON.parse(response);
    setContent(copy, { response: data, ...content });
    return copy;
  }
}
