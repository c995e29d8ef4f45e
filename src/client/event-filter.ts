import { matchesGlob } from '../active-backup/task-selection';
import { DsmError } from '../dsm/errors';
import { quoted } from '../dsm/redact';
import { EVENTS, type EventName, type NasEvent } from '../monitor/events';
import { eventNamed } from '../settings/event-settings';

/** Options of {@link createEventFilter}. */
export interface EventFilter {
  /** Names of events; none: all but `backup_progress`. */
  readonly events: readonly string[];
  /** Names of tasks, with `*` and `?`; none: all. Events of no task pass. */
  readonly tasks: readonly string[];
  /** `backup_failed` passes from this failure in a row on. */
  readonly afterFailures: number;
}

/** A filter for events. @throws DsmError ECONFIG for an event that does not exist */
export function createEventFilter({ events: names, tasks, afterFailures }: EventFilter): (event: NasEvent) => boolean {
  const events = new Set(names.map(parseEventName));
  return ({ event, task, result, failuresInRow }) => {
    const passesEvents = events.size === 0 ? event !== 'backup_progress' : events.has(event);
    // An unknown count hides no failure.
    if (event === 'backup_failed' && (failuresInRow ?? Infinity) < afterFailures) return false;
    const name = task?.name ?? result?.taskName ?? null;
    return passesEvents && (tasks.length === 0 || name === null || tasks.some((glob) => matchesGlob(glob, name)));
  };
}

function parseEventName(text: string): EventName {
  const event = eventNamed(text);
  if (event !== null) return event;
  throw new DsmError('ECONFIG', `There is no event ${quoted(text)}; there are ${EVENTS.join(', ')}`);
}
