import type { Node, NodeAPI } from 'node-red';
import { TASK_API } from '../active-backup/methods';
import type { Result, Task, TaskListing } from '../active-backup/types';
import { startTimeout, type Timeout } from '../dsm/abort';
import type { FollowedRequestStore } from '../monitor/followed-request-store';
import type { FollowedRequest, FollowedTask } from '../monitor/followed-requests';
import { RequestState } from '../monitor/request-state';
import { followTasks, sendTask, type RequestParts } from '../monitor/run-following';
import { startWaiting, type Starter } from '../monitor/waiting-starts';
import { type InputContext, prepareMessage, setContent, type MessageOverride, messageNas, messageParts } from './input';
import type { NasConnection } from '../client/nas-connection';
import type { Receivers } from './receivers';
import { doneStatus, taskCount, type RunStatusTracker } from './status';
import type { Message } from './types';

/** The overrides that the task-backup node reads from a message. */
export const OVERRIDES = ['operation', 'params', 'tasks', 'startWhen'] as const satisfies readonly MessageOverride[];

/** A node whose requests are followed. */
export interface FollowingNode {
  readonly RED: NodeAPI;
  readonly node: Node;
  readonly runStatus: RunStatusTracker;
  readonly requests: FollowedRequestStore;
  readonly receivers: Receivers;
}

/** Options of a {@link RequestRun}. */
interface RequestOptions extends Starter {
  readonly nas: NasConnection;
  readonly request: FollowedRequest;
  readonly msg: Message;
  readonly context: InputContext;
  /** Whether the request was stored before the node was started. */
  readonly isResumed: boolean;
}

/** A resumed request is followed at least this long, so that the end of a backup that ended meanwhile is found. */
const MIN_RESUMED_MS = 2 * 60_000;

/** Starts and follows the tasks of one request until each has ended. */
export class RequestRun {
  /** To add errors before {@link complete}. */
  readonly state: RequestState;
  readonly #self: FollowingNode;
  readonly #options: RequestOptions;
  readonly #parts: RequestParts;
  readonly #followed: Promise<void>[] = [];

  constructor(self: FollowingNode, options: RequestOptions) {
    const { nas, request, msg, context } = options;
    this.#self = self;
    this.#options = options;
    this.state = new RequestState(self.requests, request);
    this.#parts = {
      nas,
      state: this.state,
      output: new RequestOutput(self.RED, nas, msg, (message) => {
        self.receivers.note();
        context.send(message);
      }),
      runs: self.runStatus.start(
        request.tasks.map(({ id }) => id),
        request.count,
      ),
      closing: context.signal,
    };
  }

  /**
   * Resolves when every task has ended, or the node closes: the request then stays in the store.
   * @param listing the tasks as they were just listed; null: unknown
   * @throws DsmError the errors of all tasks in one: a message ends once
   */
  async complete(listing: TaskListing | null): Promise<void> {
    const { state, runs, closing } = this.#parts;
    const waiting = state.tasks.filter(({ phase }) => phase === 'waiting');
    try {
      this.#follow(state.tasks.filter(({ phase }) => phase !== 'waiting'));
      await this.#within(waiting, (limit) => this.#startWaiting(listing, limit));
      await Promise.all(this.#followed);
      if (closing.aborted) return;
      const error = state.finish();
      if (error !== null) throw error;
      if (!runs.done()) this.#self.node.status(doneStatus(new Date(), taskCount(this.#self.RED, state.request.count)));
    } finally {
      runs.done();
    }
  }

  #follow(tasks: readonly FollowedTask[]): void {
    this.#followed.push(this.#within(tasks, (limit) => followTasks(this.#parts, tasks, limit)));
  }

  async #startWaiting(listing: TaskListing | null, limit: AbortSignal): Promise<void> {
    const { nas, state } = this.#parts;
    await startWaiting(this.#parts, this.#options, {
      listing,
      limit,
      onStarted: (task) => {
        const started = state.tasks.filter(({ id }) => id === task.id);
        if (state.request.wait) this.#follow(started);
        else
          for (const { id } of started)
            sendTask(this.#parts, id, nas.monitor.completeNow([task])[0] ?? task, undefined);
      },
    });
  }

  /** Does something for tasks within their time limit. An error ends all of them that still are in the same phase. */
  async #within(tasks: readonly FollowedTask[], action: (limit: AbortSignal) => Promise<void>): Promise<void> {
    if (tasks.length === 0) return;
    const { closing, state, runs } = this.#parts;
    const limit = this.#startLimit(tasks);
    try {
      await action(limit.signal);
    } catch (error) {
      if (closing.aborted) return;
      const isWaiting = tasks.every(({ phase }) => phase === 'waiting');
      const ids = state.tasks
        .filter(({ id, phase }) => tasks.some((task) => task.id === id) && (phase === 'waiting') === isWaiting)
        .map(({ id }) => id);
      for (const id of ids) runs.ended(id);
      state.fail(ids, error);
    } finally {
      limit.clear();
    }
  }

  /** The clock may have been set back: the limit is never longer than that of the node. */
  #startLimit(tasks: readonly FollowedTask[]): Timeout {
    const { waitMs } = this.#parts.state.request;
    const ends = tasks.map(({ phase, since, until }) => (phase === 'waiting' ? until : since + waitMs));
    const left = Math.max(...ends) - Date.now();
    const least = this.#options.isResumed ? MIN_RESUMED_MS : 0;
    return startTimeout(Math.max(Math.min(left, waitMs), least), [this.#parts.closing]);
  }
}

/** Sends the messages of one request: copies of the message that it came with. */
class RequestOutput {
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
