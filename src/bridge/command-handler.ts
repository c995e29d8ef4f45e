import { alreadyRunningError, isRunRefusal, refusalMessage, withTaskLabels } from '../active-backup/run-refusal';
import type { Task } from '../active-backup/types';
import { dsmErrorOf, type DsmError } from '../dsm/errors';
import type { NasSnapshot } from '../monitor/snapshot';
import type { Command, CommandValidator, RejectedCommand } from './command-validator';
import type { Incoming } from '../mqtt/mqtt-connection';
import type { CommandResponse } from './responses';
import type { NasConnection } from '../node-red/nas-connection';

/** What became of a command, for the output of the node. */
export interface CommandOutcome {
  /** The topic it came on. */
  readonly topic: string;
  readonly taskId: number | null;
  /** The last response: `rejected`, `done` or `error`. */
  readonly response: CommandResponse;
}

/** What a desk works with. */
export interface CommandHandlerOptions {
  readonly gate: Pick<CommandValidator, 'validate'>;
  /** Whether commands are taken at all. */
  readonly commandsEnabled: boolean;
  readonly nas: Pick<NasConnection, 'activeBackup' | 'poller' | 'monitor'>;
  /** The NAS as it was last seen; null before the first look. */
  readonly picture: () => NasSnapshot | null;
  /** Publishes everything again. */
  readonly publishAgain: () => void;
  readonly respond: (response: CommandResponse, incoming: Incoming) => void;
  /** Makes the broker forget what it holds there. */
  readonly clear: (topic: string) => void;
  /** Whether the broker sends us our own messages too, as MQTT 3.1.1 has it. */
  readonly hearsItself: () => boolean;
  /** For a person to read. */
  readonly warn: (message: string) => void;
  readonly onOutcome: (outcome: CommandOutcome) => void;
  /** Aborted when the bridge closes. */
  readonly signal: AbortSignal;
  readonly now?: () => Date;
}

/** Why a command is not carried out: a word for programs, and the code of INTERFACE 2.4 where there is one. */
interface Rejection {
  readonly reason: string;
  readonly code?: string;
  /** What Active Backup would have answered. */
  readonly refusal?: DsmError;
}

/** Of the methods that commands call. */
export const TASK_API = 'SYNO.ActiveBackup.Task';

/**
 * Where commands arrive. Each gets a response: `rejected` before anything is sent to the NAS, or `accepted`, and then
 * `done` when the NAS has accepted it too, or `error` when it has not.
 */
export class CommandHandler {
  readonly #options: CommandHandlerOptions;
  readonly #now: () => Date;
  /** Where our own clearing is going to come back to us. */
  readonly #cleared = new Set<string>();

  constructor(options: CommandHandlerOptions) {
    this.#options = options;
    this.#now = options.now ?? ((): Date => new Date());
  }

  /** Takes a message on a command topic; others are left alone. Never rejects. */
  async handle(incoming: Incoming): Promise<void> {
    const { topic, payload, retain } = incoming;
    const isClearing = payload.length === 0 && (retain || this.#cleared.delete(topic));
    if (isClearing) return;
    if (retain) this.#clear(topic);
    const read = this.#options.gate.validate(incoming, this.#now().getTime());
    if (read === null) return;
    const taskId = 'taskId' in read ? read.taskId : null;
    const respond = (
      status: CommandResponse['status'],
      reason: string | null = null,
      code: string | null = null,
    ): CommandResponse => {
      const response = { id: read.id, action: read.action, status, reason, code, ts: this.#now().toISOString() };
      this.#options.respond(response, incoming);
      return response;
    };
    const end = (response: CommandResponse): void => {
      this.#options.onOutcome({ topic: incoming.topic, taskId, response });
    };
    const rejection = await this.#rejection(read);
    if (rejection !== null || 'reason' in read) {
      this.#reportRefusal(taskId, rejection?.refusal);
      end(respond('rejected', rejection?.reason, rejection?.code));
      return;
    }
    respond('accepted');
    try {
      await this.#execute(read);
      end(respond('done'));
    } catch (error) {
      if (this.#options.signal.aborted) return; // whoever would hear of it is going down too
      this.#reportRefusal(taskId, error);
      const task = this.#taskOf(taskId);
      const { code, message } = errorOf(task === null ? error : withTaskLabels(error, [task]));
      end(respond('error', message, code));
    }
  }

  /**
   * Makes an event of it when Active Backup has refused a start or cancel, or would have: who has pressed a button gets no
   * response. Any other rejection is about the command, not about the backup.
   */
  #reportRefusal(taskId: number | null, error: unknown): void {
    const task = this.#taskOf(taskId);
    if (task === null || !isRunRefusal(error)) return;
    const why = { code: error.code, message: refusalMessage(error) };
    this.#options.nas.monitor.reportRefusal([task], why, this.#now());
  }

  #taskOf(taskId: number | null): Task | null {
    return this.#options.picture()?.tasks?.find(({ task }) => task.id === taskId)?.task ?? null;
  }

  /** A command that stays at the broker would come again at each connection. */
  #clear(topic: string): void {
    const { clear, hearsItself, warn } = this.#options;
    if (hearsItself()) this.#cleared.add(topic);
    clear(topic);
    warn(`A retained command was refused and removed (${topic}): whoever sends it must not set the retain flag`);
  }

  async #rejection(read: Command | RejectedCommand): Promise<Rejection | null> {
    const { commandsEnabled: isOpen, nas, picture } = this.#options;
    if (!isOpen) return { reason: 'commands_off' };
    if ('reason' in read) return { reason: read.reason };
    if (read.taskId === null) return null;
    const { tasks = null, online = false } = picture() ?? {};
    if (tasks === null) return { reason: 'not_ready' };
    const task = tasks.map((each) => each.task).find(({ id }) => id === read.taskId);
    if (task === undefined) return { reason: 'unknown_task', code: 'EPARAM' };
    if (!online) return { reason: 'nas_offline', code: 'EUNREACHABLE' };
    try {
      nas.activeBackup.authorize({ api: TASK_API, method: read.action });
      return await this.#rejectionBy(task, read.action);
    } catch (error) {
      const { code, message } = errorOf(error);
      return { reason: code === 'EACCESS' ? 'access_level' : message, code };
    }
  }

  /** Whether a task can do that now. One that seems idle may have been started since the last look. */
  async #rejectionBy(task: Task, action: Command['action']): Promise<Rejection | null> {
    const { id, state } = task;
    if (action === 'backup') {
      const refusal = alreadyRunningError([task], { api: TASK_API, method: action });
      return state === 'idle' ? null : { reason: 'already_running', refusal };
    }
    if (state !== 'idle') return null;
    const { activeBackup } = this.#options.nas;
    const tasks = await activeBackup.listTasks({ signal: this.#options.signal });
    const isIdle = tasks.every((task) => task.id !== id || task.state === 'idle');
    return isIdle ? { reason: 'not_running' } : null;
  }

  async #execute({ action, taskId }: Command): Promise<void> {
    const { nas, publishAgain, signal } = this.#options;
    if (taskId === null) {
      publishAgain();
      nas.poller.pollNow();
      return;
    }
    await nas.activeBackup.call({ api: TASK_API, method: action, parameters: { task_ids: [taskId] }, signal });
    nas.poller.expectChange();
  }
}

function errorOf(error: unknown): { code: string; message: string } {
  const { code, message } = dsmErrorOf(error, 'ERESPONSE', 'The command could not be carried out');
  return { code, message };
}
