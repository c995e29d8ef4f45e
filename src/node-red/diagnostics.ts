import type { Node } from 'node-red';
import type { Logger } from '../dsm/request-log';
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
