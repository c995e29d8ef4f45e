import type { PollContext } from '../active-backup/method-call';
import type { Task, TaskListing } from '../active-backup/types';
import { failureOf, type Logger } from '../dsm/request-log';
import { warnOfUnexpectedCause } from '../dsm/unexpected-errors';

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
