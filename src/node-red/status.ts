import type { NodeStatus, Node } from 'node-red';
import type { Task } from '../active-backup/types';
import { DsmError, type ErrorCode } from '../dsm/errors';

/** A status text as a key of the NAS node's catalogue: each editor shows it in its own language. */
export const key = (name: string): string => `node-red-contrib-synology-active-backup/nas:status.${name}`;

/** The status text of each error code, as a key of the catalogue. */
const ERROR_TEXT: Readonly<Record<ErrorCode, string>> = {
  ECONFIG: 'not-configured',
  EPARAM: 'bad-parameter',
  EACCESS: 'access-too-low',
  EAUTH: 'login-refused',
  EOTP: 'code-needed',
  EBLOCKED: 'blocked',
  ESESSION: 'session-lost',
  EPERMISSION: 'no-permission',
  EPACKAGE: 'package-missing',
  EUNSUPPORTED: 'not-supported',
  EBUSY: 'nas-busy',
  EUNREACHABLE: 'unreachable',
  ERESPONSE: 'bad-answer',
  EABB: 'refused',
};

/** A missing credential has a status of its own, because exported flows do not contain credentials. */
export const MISSING_CREDENTIAL: Readonly<Record<string, NodeStatus>> = {
  username: fixed({ fill: 'red', shape: 'ring', text: key('missing-username') }),
  password: fixed({ fill: 'red', shape: 'ring', text: key('missing-password') }),
};

/** Waiting for messages. */
export const IDLE = fixed({ fill: 'grey', shape: 'ring', text: key('idle') });
/** The session is being opened (login). */
export const CONNECTING = fixed({ fill: 'yellow', shape: 'ring', text: key('connecting') });
/** A request is running. */
export const WORKING = fixed({ fill: 'blue', shape: 'dot', text: key('working') });

/** The average progress of `count` backups, of which `active` have not finished. Yellow while all active ones are queued. */
export function progressStatus(active: readonly Task[], count: number): NodeStatus {
  const percents = active.map(({ progress }) => progress?.percent ?? 0);
  const finished = count - active.length;
  const percent = Math.floor((percents.reduce((sum, part) => sum + part, 0) + 100 * finished) / count);
  const of = count > 1 ? ` · ${finished}/${count}` : '';
  if (active.every(({ state }) => state === 'queued'))
    return { fill: 'yellow', shape: 'ring', text: `${percent} %${of}` };
  return { fill: 'blue', shape: 'dot', text: `${percent} %${of}` };
}

/** The time of the last success, and optionally a short detail: `18:47 · 5`. */
export function doneStatus(at: Date, detail = ''): NodeStatus {
  const time = at.toTimeString().slice(0, 5);
  return { fill: 'green', shape: 'dot', text: detail === '' ? time : `${time} · ${detail}` };
}

/** The status of an error: a red dot when the NAS is unreachable, else a red ring. */
export function errorStatus(error: unknown): NodeStatus {
  const { code = null, property = '' } = error instanceof DsmError ? error : {};
  const missing = MISSING_CREDENTIAL[property];
  if (missing !== undefined) return missing;
  const shape = code === 'EUNREACHABLE' ? 'dot' : 'ring';
  return { fill: 'red', shape, text: key(code === null ? 'failed' : ERROR_TEXT[code]) };
}

/** Freezes a status that several nodes share: the receivers of a status must not change it. */
export function fixed(status: NodeStatus): Readonly<NodeStatus> {
  return Object.freeze(status);
}

/** The backups that one message waits for. */
export interface MessageRuns {
  /** Updates the progress of a backup. */
  progress(task: Task): void;
  /** Marks a backup as finished. */
  ended(task: Task): void;
  /** Removes the message; may be called twice. @returns whether the node still waits for backups of other messages, whose status stays */
  done(): boolean;
}

/** Shows under a node the progress of all backups that its messages wait for, so that messages do not overwrite each other's status. */
export class RunStatusTracker {
  readonly #node: Node;
  readonly #messages = new Set<{ tasks: Map<number | null, Task>; count: number }>();

  constructor(node: Node) {
    this.#node = node;
  }

  /** Adds the backups of one message. */
  start(tasks: readonly Task[]): MessageRuns {
    const runs = { tasks: new Map(tasks.map((task) => [task.id, task])), count: tasks.length };
    this.#messages.add(runs);
    return {
      progress: (task) => {
        runs.tasks.set(task.id, task);
        this.#update();
      },
      ended: (task) => {
        runs.tasks.delete(task.id);
        this.#update();
      },
      done: () => {
        this.#messages.delete(runs);
        this.#update();
        return this.#messages.size > 0;
      },
    };
  }

  #update(): void {
    const messages = [...this.#messages];
    const count = messages.reduce((sum, message) => sum + message.count, 0);
    const tasks = messages.flatMap((message) => [...message.tasks.values()]);
    if (count > 0) this.#node.status(progressStatus(tasks, count));
  }
}
