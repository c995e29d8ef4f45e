import type { Node } from 'node-red';
import type { PollContext } from '../active-backup/method-call';
import type { Task, TaskListing } from '../active-backup/types';
import { type Logger, failureOf } from '../dsm/request-log';
import { dsmErrorOf, originStackOf } from '../dsm/errors';
import type { Action } from '../bridge/command-validator';
import type { CommandResponse } from '../bridge/responses';
import type { Store } from '../storage/json-file';

/** Logs through a node: Node-RED adds the node's type and name, and filters by its log level. */
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

/** Stacks that were logged already: the same error may occur in every poll. */
const LOGGED_STACKS = new Set<string>();
const MAX_LOGGED_STACKS = 100;

/** Logs the stack of the unexpected error that a DsmError was made from (a bug of this package); each stack once. */
export function warnOfUnexpectedCause(logger: Logger, error: unknown): void {
  const stack = originStackOf(error);
  if (stack === null || LOGGED_STACKS.has(stack)) return;
  if (LOGGED_STACKS.size >= MAX_LOGGED_STACKS) LOGGED_STACKS.clear();
  LOGGED_STACKS.add(stack);
  logger.warn(`A fault of this package, please report it: ${stack}`);
}

/** Logs an unexpected error of a listener or timer, as {@link warnOfUnexpectedCause}. */
export function warnOfUnexpectedError(logger: Logger, error: unknown): void {
  warnOfUnexpectedCause(logger, dsmErrorOf(error, 'ERESPONSE', 'Code of this package has failed'));
}

type ReadTasks = (context: PollContext) => Promise<TaskListing>;

/** Logs each poll: `Poll: 5 tasks, 1 active`, `Poll: unchanged` or `Poll: EUNREACHABLE (ETIMEDOUT)`. */
export function logPolls(read: ReadTasks, logger: Logger): ReadTasks {
  let previous: readonly Task[] | null = null;
  return async (context) => {
    try {
      const listing = await read(context);
      const { tasks } = listing;
      const active = tasks.filter(({ state }) => state !== 'idle').length;
      logger.debug(tasks === previous ? 'Poll: unchanged' : `Poll: ${tasks.length} tasks, ${active} active`);
      previous = tasks;
      return listing;
    } catch (error) {
      if (context.signal?.aborted !== true) logger.debug(`Poll: ${failureOf(error)}`);
      warnOfUnexpectedCause(logger, error);
      throw error;
    }
  };
}

/** Logs each successful save. Failed ones are logged by the store. @param what the content, for the log line */
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

/** The actions of commands. Any other text in a command is not logged, since it may contain anything. */
const ACTIONS: ReadonlySet<string | null> = new Set<Action>(['backup', 'cancel', 'refresh']);
/** A reason that is one of our codes. Other reasons are sentences that may quote the command. */
const REASON_CODE = /^[a-z_]{1,30}$/;

/** The log line of a command: `Command backup for task 3: rejected, already_running`. */
export function commandLine({ action, status, reason, code }: CommandResponse, taskId: number | null): string {
  const why = reason !== null && REASON_CODE.test(reason) ? reason : code;
  const what = ACTIONS.has(action) ? action : '?';
  return `Command ${what}${taskId === null ? '' : ` for task ${taskId}`}: ${status}${why === null ? '' : `, ${why}`}`;
}
