import type { TaskListing } from '../active-backup/types';
import type { ErrorCode } from '../dsm/errors';
import type { PollResult, TaskPoller } from './poller';

/** Errors that no later poll resolves: the user must change something. */
export const FINAL_ERRORS: ReadonlySet<ErrorCode> = new Set([
  'ECONFIG',
  'EAUTH',
  'EOTP',
  'EBLOCKED',
  'EPERMISSION',
  'EUNSUPPORTED',
]);

/**
 * The poll results from now on, until `signal` aborts. A result that comes while one is processed replaces the one waiting.
 * @param fast polls at the interval of active tasks
 */
export async function* pollResults(
  poller: Pick<TaskPoller, 'subscribe'>,
  signal: AbortSignal,
  { fast }: { readonly fast: boolean },
): AsyncGenerator<PollResult, void> {
  const waiting: { poll: PollResult | null; wake: () => void } = { poll: null, wake: () => undefined };
  const unsubscribe = poller.subscribe(
    (poll) => {
      waiting.poll = poll;
      waiting.wake();
    },
    { fast },
  );
  const abort = (): void => {
    waiting.wake();
  };
  signal.addEventListener('abort', abort);
  try {
    while (!signal.aborted) {
      const { poll } = waiting;
      waiting.poll = null;
      if (poll !== null) yield poll;
      else await new Promise<void>((resolve) => (waiting.wake = resolve));
    }
  } finally {
    signal.removeEventListener('abort', abort);
    unsubscribe();
  }
}

/**
 * The next successful poll; failed ones are skipped.
 * @returns null if `signal` aborts before
 * @throws DsmError when a poll fails with an error that no later poll resolves
 */
export async function nextListing(
  poller: Pick<TaskPoller, 'subscribe'>,
  signal: AbortSignal,
): Promise<TaskListing | null> {
  for await (const poll of pollResults(poller, signal, { fast: true })) {
    if ('tasks' in poll) return poll;
    if (FINAL_ERRORS.has(poll.error.code)) throw poll.error;
  }
  return null;
}
