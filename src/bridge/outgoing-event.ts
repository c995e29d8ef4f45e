import { eventMessages } from '../home-assistant/events';
import type { BridgeOptions } from '../home-assistant/options';
import { FINISH_EVENTS } from '../monitor/finished-backups';
import type { EventName, NasEvent } from '../monitor/events';
import type { OutgoingEvent } from './undelivered-events';

const ENDS: ReadonlySet<EventName> = new Set(Object.values(FINISH_EVENTS));

/** An event as it goes to the broker; null: it is not published. */
export function outgoingEvent(
  event: NasEvent,
  options: Pick<BridgeOptions, 'baseTopic' | 'nasId'>,
): OutgoingEvent | null {
  const messages = eventMessages(event, options);
  const [first] = messages;
  if (first === undefined) return null;
  return { key: keyOf(event), topics: messages.map(({ topic }) => topic), payload: first.payload };
}

/** The key of an event that another bridge has published; null for one that has none, or no event at all. */
export function publishedKeyOf(payload: string): string | null {
  try {
    const { event_type: event, result_id: id, started_at: startedAt } = JSON.parse(payload) as Record<string, unknown>;
    const isEnd = typeof event === 'string' && typeof id === 'number' && ENDS.has(event as EventName);
    return isEnd ? `${event} ${id}@${typeof startedAt === 'string' ? startedAt : '?'}` : null;
  } catch {
    return null;
  }
}

/** Of what comes once: an end of a backup, by its result. The ids begin again when the package is reinstalled. */
function keyOf({ event, result }: NasEvent): string | null {
  if (!ENDS.has(event) || result === undefined || result.id === null) return null;
  return `${event} ${result.id}@${result.startedAt ?? '?'}`;
}
