import { eventMessages } from '../home-assistant/events';
import type { BridgeOptions } from '../home-assistant/options';
import type { EventName, NasEvent } from '../monitor/events';
import { FINISH_EVENTS } from '../monitor/finished-backups';
import type { OutgoingEvent } from './undelivered-events';

const FINISHED: ReadonlySet<string> = new Set<EventName>(Object.values(FINISH_EVENTS));

/** Converts an event of the NAS for the broker; null: it is not published. */
export function outgoingEvent(
  event: NasEvent,
  options: Pick<BridgeOptions, 'baseTopic' | 'nasId'>,
): OutgoingEvent | null {
  const messages = eventMessages(event, options);
  const [first] = messages;
  if (first === undefined) return null;
  return { key: keyOf(event), topics: messages.map(({ topic }) => topic), payload: first.payload };
}

/** The key of an event that another bridge has published; null if it has no key or the payload is no event. */
export function publishedKeyOf(payload: string): string | null {
  try {
    const event: unknown = JSON.parse(payload);
    if (typeof event !== 'object' || event === null) return null;
    const { event_type: name, result_id: id, started_at: startedAt }: Record<string, unknown> = { ...event };
    if (typeof name !== 'string' || typeof id !== 'number' || !FINISHED.has(name)) return null;
    return finishedKey(name, id, typeof startedAt === 'string' ? startedAt : null);
  } catch {
    return null;
  }
}

function keyOf({ event, result }: NasEvent): string | null {
  if (!FINISHED.has(event) || result === undefined || result.id === null) return null;
  return finishedKey(event, result.id, result.startedAt);
}

/** With the start time, because result ids restart when the package is reinstalled. */
function finishedKey(event: string, resultId: number, startedAt: string | null): string {
  return `${event} ${resultId}@${startedAt ?? '?'}`;
}
