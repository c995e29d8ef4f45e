import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { Task } from '../active-backup/types';
import type { MessageRuns } from '../monitor/run-following';
import type { WaitReason } from '../monitor/start-when-online';
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

/** By the property that is missing. A missing credential has a status of its own, because exported flows do not contain credentials. */
export const MISSING_STATUS: Readonly<Record<string, NodeStatus>> = {
  username: fixed({ fill: 'red', shape: 'ring', text: key('missing-username') }),
  password: fixed({ fill: 'red', shape: 'ring', text: key('missing-password') }),
  nas: fixed({ fill: 'red', shape: 'ring', text: key('missing-nas') }),
  broker: fixed({ fill: 'red', shape: 'ring', text: key('missing-broker') }),
};

/** Waiting for messages. */
export const IDLE = fixed({ fill: 'grey', shape: 'ring', text: key('idle') });
/** Waiting for messages, each of which names its NAS. */
export const NAS_OF_MESSAGE = fixed({ fill: 'grey', shape: 'ring', text: key('nas-of-message') });
/** The session is being opened (login). */
export const CONNECTING = fixed({ fill: 'yellow', shape: 'ring', text: key('connecting') });
/** A request is running. */
export const WORKING = fixed({ fill: 'blue', shape: 'dot', text: key('working') });

/** The start of a backup waits. */
export const WAITING: Readonly<Record<WaitReason, NodeStatus>> = {
  offline: fixed({ fill: 'yellow', shape: 'ring', text: key('waiting-device') }),
  window: fixed({ fill: 'yellow', shape: 'ring', text: key('waiting-window') }),
  disk: fixed({ fill: 'yellow', shape: 'ring', text: key('waiting-disk') }),
};

/** The part of a task that its progress consists of. */
type RunProgress = Pick<Task, 'progress' | 'state'>;

/** The average progress of `count` backups, of which `active` have not finished. Yellow while all active ones are queued. */
export function progressStatus(active: readonly RunProgress[], count: number): NodeStatus {
  const percents = active.map(({ progress }) => progress?.percent ?? 0);
  const finished = count - active.length;
  const percent = Math.floor((percents.reduce((sum, part) => sum + part, 0) + 100 * finished) / count);
  const of = count > 1 ? ` · ${finished}/${count}` : '';
  if (active.every(({ state }) => state === 'queued'))
    return { fill: 'yellow', shape: 'ring', text: `${percent} %${of}` };
  return { fill: 'blue', shape: 'dot', text: `${percent} %${of}` };
}

/** What was done, if there is something to say about it, and when: `5 tasks · 18:47`. */
export function doneStatus(at: Date, detail = ''): NodeStatus {
  const time = at.toTimeString().slice(0, 5);
  return { fill: 'green', shape: 'dot', text: detail === '' ? time : `${detail} · ${time}` };
}

/** A number of tasks in the language of Node-RED: `5 tasks`. */
export function taskCount(RED: NodeAPI, count: number): string {
  return RED._(count === 1 ? key('task') : key('tasks'), { count });
}

/** A node for which a NAS is polled, and that has nothing to report yet. @param details `5 tasks` */
export function watchingStatus(RED: NodeAPI, ...details: readonly string[]): NodeStatus {
  return { fill: 'grey', shape: 'ring', text: [RED._(key('watching')), ...details].join(' · ') };
}

/** The status of an error: a red dot when the NAS is unreachable, else a red ring. */
export function errorStatus(error: unknown): NodeStatus {
  const { code = null, property = '' } = error instanceof DsmError ? error : {};
  const missing = MISSING_STATUS[property];
  if (missing !== undefined) return missing;
  const shape = code === 'EUNREACHABLE' ? 'dot' : 'ring';
  return { fill: 'red', shape, text: key(code === null ? 'failed' : ERROR_TEXT[code]) };
}

/** Freezes a status that several nodes share: the receivers of a status must not change it. */
export function fixed(status: NodeStatus): Readonly<NodeStatus> {
  return Object.freeze(status);
}

/** A backup that a message waits for, and why its start waits. */
interface ShownRun extends RunProgress {
  readonly waits: WaitReason | null;
}

const STARTED: ShownRun = { progress: null, state: 'idle', waits: null };

/** Shows under a node the progress of all backups that its messages wait for, so that messages do not overwrite each other's status. */
export class RunStatusTracker {
  readonly #node: Node;
  readonly #messages = new Set<{ runs: Map<number | null, ShownRun>; count: number }>();

  constructor(node: Node) {
    this.#node = node;
  }

  /** Adds the backups of one message. @param count of its tasks, ended ones included */
  start(taskIds: readonly (number | null)[], count: number): MessageRuns {
    const message = { runs: new Map(taskIds.map((id) => [id, STARTED])), count };
    const show = (id: number | null, run: ShownRun): void => {
      message.runs.set(id, run);
      this.#update();
    };
    this.#messages.add(message);
    return {
      progress: ({ id, progress, state }) => {
        show(id, { progress, state, waits: null });
      },
      waiting: (id, waits) => {
        show(id, { ...STARTED, waits });
      },
      ended: (id) => {
        message.runs.delete(id);
        this.#update();
      },
      done: () => {
        this.#messages.delete(message);
        this.#update();
        return this.#messages.size > 0;
      },
    };
  }

  /** Words while no backup of any message has started, else the progress. */
  #update(): void {
    const messages = [...this.#messages];
    const count = messages.reduce((sum, message) => sum + message.count, 0);
    const runs = messages.flatMap((message) => [...message.runs.values()]);
    const waits = runs.flatMap((run) => run.waits ?? []);
    const [why] = waits;
    if (why !== undefined && waits.length === runs.length) this.#node.status(WAITING[why]);
    else if (count > 0) this.#node.status(progressStatus(runs, count));
  }
}
