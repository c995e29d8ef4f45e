import { alreadyRunningError, isRunRefusal, refusalMessage, withTaskLabels } from '../active-backup/errors';
import { TASK_API } from '../active-backup/methods';
import type { Task } from '../active-backup/types';
import { dsmErrorOf, type DsmError } from '../dsm/errors';
import type { NasSnapshot } from '../monitor/snapshot';
import type { ReceivedMessage } from '../mqtt/types';
import type { Action, Command, CommandTarget, CommandValidator, RejectedCommand } from './command-validator';
import type { BridgedNas } from './types';
import type { CommandResponder, CommandResponse } from './responses';

/** The result of a command. */
export interface CommandOutcome {
  /** The command's topic. */
  readonly topic: string;
  /** Null: the command is for the NAS, or its topic names no task. */
  readonly taskId: number | null;
  /** The final response: `rejected`, `done` or `error`. */
  readonly response: CommandResponse;
}

/** The parts that a command handler works with. */
export interface CommandHandlerOptions {
  readonly validator: Pick<CommandValidator, 'validate'>;
  readonly responder: Pick<CommandResponder, 'respond' | 'clearRetained'>;
  readonly nas: BridgedNas;
  /** False: every command is rejected. */
  readonly commandsEnabled: boolean;
  /** Executes `refresh`. */
  readonly refresh: () => void;
  /** Aborted when the bridge closes. */
  readonly signal: AbortSignal;
  readonly now?: () => Date;
}

/** Why a command is rejected: a word for programs, or the message of an error; and an error code if there is one. */
interface Rejection {
  readonly reason: string;
  readonly code?: string;
  /** The error that Active Backup would have returned. */
  readonly error?: DsmError;
}

/**
 * Executes commands. Each gets a response: `rejected` before anything is sent to the NAS, or `accepted`, then `done` when the
 * NAS has accepted it or `error` when it has refused it.
 */
export class CommandHandler {
  readonly #options: CommandHandlerOptions;
  readonly #now: () => Date;
  readonly #permittedActions: ReadonlySet<Action>;
  /** Topics cleared by this handler, whose empty message MQTT 3.1.1 returns. */
  readonly #cleared = new Set<string>();

  constructor(options: CommandHandlerOptions) {
    this.#options = options;
    this.#now = options.now ?? ((): Date => new Date());
    this.#permittedActions = permittedActionsOf(options.nas.activeBackup);
  }

  /** Whether the access level of the NAS config node permits an action on tasks. */
  isPermitted(action: Action): boolean {
    return this.#permittedActions.has(action);
  }

  /**
   * Handles a message on a command topic. Never rejects.
   * @param snapshot null before the first poll
   * @param returnsOwnMessages whether the broker returns the bridge's own messages, as MQTT 3.1.1 does
   * @returns null if the message is no command, or the bridge closes before the result
   */
  async handle(
    message: ReceivedMessage,
    target: CommandTarget,
    snapshot: NasSnapshot | null,
    returnsOwnMessages: boolean,
  ): Promise<CommandOutcome | null> {
    const { topic, payload, retain } = message;
    const isClearing = payload.length === 0 && (retain || this.#cleared.delete(topic));
    if (isClearing) return null;
    if (retain) {
      // It would arrive again with each connection.
      if (returnsOwnMessages) this.#cleared.add(topic);
      this.#options.responder.clearRetained(topic);
    }
    const command = this.#options.validator.validate(message, target, this.#now().getTime());
    const response = await this.#respond(message, command, snapshot);
    return response === null ? null : { topic, taskId: taskIdOf(command), response };
  }

  /** @returns the final response */
  async #respond(
    message: ReceivedMessage,
    command: Command | RejectedCommand,
    snapshot: NasSnapshot | null,
  ): Promise<CommandResponse | null> {
    const { responder, signal } = this.#options;
    const respond = (status: CommandResponse['status'], reason?: string, code?: string): CommandResponse => {
      const { id, action } = command;
      const ts = this.#now().toISOString();
      const response = { id, action, status, reason: reason ?? null, code: code ?? null, ts };
      responder.respond(response, message);
      return response;
    };
    const task = taskOf(command, snapshot);
    const rejection = await this.#rejectionOf(command, task, snapshot);
    if (rejection !== null || 'reason' in command) {
      this.#reportRefusal(task, rejection?.error);
      return respond('rejected', rejection?.reason, rejection?.code);
    }
    respond('accepted');
    try {
      await this.#execute(command);
      return respond('done');
    } catch (error) {
      if (signal.aborted) return null;
      this.#reportRefusal(task, error);
      const { code, message: reason } = errorOf(task === null ? error : withTaskLabels(error, [task], this.#now()));
      return respond('error', reason, code);
    }
  }

  /**
   * Emits an event if Active Backup has refused a start or cancel, or would have: the user of a button gets no response. Other
   * rejections concern the command, not the backup.
   */
  #reportRefusal(task: Task | null, error: unknown): void {
    if (task === null || !isRunRefusal(error)) return;
    const now = this.#now();
    const why = { code: error.code, message: refusalMessage(error, [task], now) };
    this.#options.nas.monitor.reportRefusal([task], why, now);
  }

  /** Null: the command may be executed. */
  async #rejectionOf(
    command: Command | RejectedCommand,
    task: Task | null,
    snapshot: NasSnapshot | null,
  ): Promise<Rejection | null> {
    if (!this.#options.commandsEnabled) return { reason: 'commands_off' };
    if ('reason' in command) return { reason: command.reason };
    if (command.action === 'refresh') return null;
    if (!snapshot?.tasks) return { reason: 'not_ready' };
    if (task === null) return { reason: 'unknown_task', code: 'EPARAM' };
    if (!snapshot.online) return { reason: 'nas_offline', code: 'EUNREACHABLE' };
    if (!this.isPermitted(command.action)) return { reason: 'access_level', code: 'EACCESS' };
    return command.action === 'backup' ? rejectionOfBackup(task) : this.#rejectionOfCancel(task);
  }

  /** A task that was idle at the last poll may have been started since. */
  async #rejectionOfCancel({ id, state }: Task): Promise<Rejection | null> {
    if (state !== 'idle') return null;
    const { nas, signal } = this.#options;
    try {
      const tasks = await nas.activeBackup.listTasks({ signal });
      const isIdle = tasks.every((task) => task.id !== id || task.state === 'idle');
      return isIdle ? { reason: 'not_running' } : null;
    } catch (error) {
      const { code, message } = errorOf(error);
      return { reason: code === 'EACCESS' ? 'access_level' : message, code };
    }
  }

  async #execute(command: Command): Promise<void> {
    const { nas, refresh, signal } = this.#options;
    if (command.action === 'refresh') {
      refresh();
      return;
    }
    const { action, taskId } = command;
    await nas.activeBackup.call({ api: TASK_API, method: action, parameters: { task_ids: [taskId] }, signal });
    nas.poller.expectChange();
  }
}

function permittedActionsOf(activeBackup: BridgedNas['activeBackup']): ReadonlySet<Action> {
  const actions: readonly Action[] = ['backup', 'cancel'];
  const isPermitted = (method: Action): boolean => {
    try {
      activeBackup.authorize({ api: TASK_API, method });
      return true;
    } catch {
      return false;
    }
  };
  return new Set(actions.filter(isPermitted));
}

function rejectionOfBackup(task: Task): Rejection | null {
  if (task.state === 'idle') return null;
  return { reason: 'already_running', error: alreadyRunningError([task], { api: TASK_API, method: 'backup' }) };
}

function taskIdOf(command: Command | RejectedCommand): number | null {
  return 'taskId' in command ? command.taskId : null;
}

function taskOf(command: Command | RejectedCommand, snapshot: NasSnapshot | null): Task | null {
  const taskId = taskIdOf(command);
  if (taskId === null) return null;
  return snapshot?.tasks?.find(({ task }) => task.id === taskId)?.task ?? null;
}

function errorOf(error: unknown): Pick<DsmError, 'code' | 'message'> {
  return dsmErrorOf(error, 'ERESPONSE', 'The command could not be carried out');
}
