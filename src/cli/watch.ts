import { ERRORS, type DsmError } from '../dsm/errors';
import type { NasEvent } from '../monitor/events';
import type { PollResult } from '../monitor/poller';
import { wordsIn } from '../settings/event-settings';
import { EXIT, type CommandContext, type Interruption } from './context';

/**
 * `active-backup watch`: one JSON object per line and event, until the signal aborts. A NAS that does not answer is waited for.
 * @throws DsmError of a poll when only another configuration helps, so that no login is repeated
 */
export async function watch({ nas, options, signal, print, warn }: CommandContext): Promise<number> {
  let lastError: DsmError | null = null;
  const stops: (() => void)[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const end = (): void => resolve();
      signal.addEventListener('abort', end);
      stops.push(
        () => signal.removeEventListener('abort', end),
        nas.onEvent((event) => print(lineOf(event, nas)), {
          id: 'watch',
          events: wordsIn(options.events),
          tasks: wordsIn(options.tasks),
        }),
        nas.poller.subscribe((poll) => takePoll(poll, reject)),
      );
    });
  } finally {
    for (const stop of stops) stop();
  }
  const { code, isPipe } = signal.reason as Interruption;
  return isPipe ? code : EXIT.success;

  function takePoll(poll: PollResult, reject: (error: DsmError) => void): void {
    const error = 'error' in poll ? poll.error : null;
    if (error !== null && ERRORS[error.code].nextLogin === 'after-configuration-change') reject(error);
    else if (error !== null && error.code !== lastError?.code) warn(error.message);
    lastError = error;
  }
}

/** The event as the payload of the events node, without its text. */
function lineOf(event: NasEvent, { identity, name }: CommandContext['nas']): string {
  return `${JSON.stringify({ ...event, nas: { id: identity.id, name } })}\n`;
}
