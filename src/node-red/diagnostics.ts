import type { Node } from 'node-red';
import type { PollContext } from '../active-backup/active-backup';
import type { Task, TaskListing } from '../active-backup/types';
import type { Logger } from '../dsm/logger';
import { dsmErrorOf, originStackOf } from '../dsm/errors';
import { failureOf } from '../dsm/request-log';
import type { NasEvent } from '../monitor/events';
import type { Action } from '../bridge/command-validator';
import type { CommandResponse } from '../bridge/responses';
import type { Store } from '../storage/json-file';

/** Logs as a node: its lines carry the node's type and name, and Node-RED's log level decides which are shown. */
export function loggerOf(node: Node): Logger {
  return {
    debug: (message) => {
      node.debug(message);
    },
    warn: (message) => {
      node.warn(message);
    },
  };
}

/** Stacks that were logged; a poll may meet the same fault every minute. */
const LOGGED_STACKS = new Set<string>();
const MOST_STACKS = 100;

/** Logs the stack of the foreign error behind one of ours, each stack once: it is a fault of this package. */
export function warnOfOrigin(logger: Logger, error: unknown): void {
  const stack = originStackOf(error);
  if (stack === null || LOGGED_STACKS.has(stack)) return;
  if (LOGGED_STACKS.size >= MOST_STACKS) LOGGED_STACKS.clear();
  LOGGED_STACKS.add(stack);
  logger.warn(`A fault of this package, please report it: ${stack}`);
}

/** As {@link warnOfOrigin}, of what was thrown in a listener or timer: it ends neither the process nor what it was part of. */
export function warnOfFault(logger: Logger, error: unknown): void {
  warnOfOrigin(logger, dsmErrorOf(error, 'ERESPONSE', 'Code of this package has failed'));
}

type ReadTasks = (look: PollContext) => Promise<TaskListing>;

/** Logs what each poll brought: `Poll: 5 tasks, 1 at work`, `Poll: unchanged` or `Poll: EUNREACHABLE (ETIMEDOUT)`. */
export function logPolls(read: ReadTasks, logger: Logger): ReadTasks {
  let before: readonly Task[] | null = null;
  return async (look) => {
    try {
      const listing = await read(look);
      const { tasks } = listing;
      const active = tasks.filter(({ state }) => state !== 'idle').length;
      logger.debug(tasks === before ? 'Poll: unchanged' : `Poll: ${tasks.length} tasks, ${active} at work`);
      before = tasks;
      return listing;
    } catch (error) {
      if (look.signal?.aborted !== true) logger.debug(`Poll: ${failureOf(error)}`);
      warnOfOrigin(logger, error);
      throw error;
    }
  };
}

/** Logs each save that reached the disk. The store itself says what did not. @param what names the content */
export function logSaves<T>(store: Store<T>, what: string, logger: Logger): Store<T> {
  return {
    load: () => store.load(),
    get isUnread() {
      return store.isUnread;
    },
    save: (value) => {
      const isSaved = store.save(value);
      if (isSaved) logger.debug(`Saved: ${what}`);
      return isSaved;
    },
    close: () => {
      store.close();
    },
  };
}

/** An event in a line, by ids alone, since a person chose the names: `Event backup_failed: task 3, result 17, failed`. */
export function eventLine({ event, task, result, device, storage, late }: NasEvent): string {
  const taskId = task?.id ?? result?.taskId;
  const parts = [
    ...(taskId === undefined || taskId === null ? [] : [`task ${taskId}`]),
    ...(result === undefined ? [] : [`result ${result.id ?? '?'}`, result.status]),
    ...(device === undefined ? [] : [`device ${device.id ?? '?'}`]),
    ...(storage === undefined ? [] : [`storage ${storage.id ?? '?'}`]),
    ...(late ? ['late'] : []),
  ];
  return `Event ${event}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}

/** What a command may ask for; anything else was typed by somebody, and may be anything. */
const ACTIONS: ReadonlySet<string | null> = new Set<Action>(['backup', 'cancel', 'refresh']);
/** Reasons are words of ours, or sentences for people, which may quote what somebody typed. */
const WORD = /^[a-z_]{1,30}$/;

/** What became of a command, in a line: `Command backup for task 3: rejected, already_running`. */
export function commandLine({ action, status, reason, code }: CommandResponse, taskId: number | null): string {
  const why = reason !== null && WORD.test(reason) ? reason : code;
  const what = ACTIONS.has(action) ? action : '?';
  return `Command ${what}${taskId === null ? '' : ` for task ${taskId}`}: ${status}${why === null ? '' : `, ${why}`}`;
}
