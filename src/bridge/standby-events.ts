import { eventMessages } from '../home-assistant/events';
import type { BridgeOptions } from '../home-assistant/types';
import type { NasEvent } from '../monitor/events';
import { JOB_FINISHED } from '../monitor/finish-events';
import { type OutgoingEvent, UndeliveredEvents } from './undelivered-events';
import type { NasMonitor } from '../monitor/nas-monitor';
import type { OpenJournal } from './types';

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
    if (typeof name !== 'string' || typeof id !== 'number' || !JOB_FINISHED.has(name)) return null;
    return finishedKey(name, id, typeof startedAt === 'string' ? startedAt : null);
  } catch {
    return null;
  }
}

function keyOf({ event, result }: NasEvent): string | null {
  if (!JOB_FINISHED.has(event) || result === undefined || result.id === null) return null;
  return finishedKey(event, result.id, result.startedAt);
}

/** With the start time, because result ids restart when the package is reinstalled. */
function finishedKey(event: string, resultId: number, startedAt: string | null): string {
  return `${event} ${resultId}@${startedAt ?? '?'}`;
}

/** Settings of the events of a waiting bridge. */
interface StandbyEventsOptions {
  /** Id of the bridge node. */
  readonly id: string;
  readonly monitor: Pick<NasMonitor, 'onEvent'>;
  readonly topics: Pick<BridgeOptions, 'baseTopic' | 'nasId'>;
  /** The exclusive resources that the bridge waits for and another bridge of this process has. */
  readonly claims: readonly string[];
  readonly openJournal: OpenJournal | null;
  readonly warn: (message: string) => void;
}

const WAITING = new Set<StandbyEvents>();

/**
 * Receives the events of the NAS in place of a bridge that waits for another bridge of this process. Finished backups that
 * the other bridge does not publish any more are stored for the waiting one.
 */
export class StandbyEvents {
  readonly #claims: ReadonlySet<string>;
  readonly #events: UndeliveredEvents;
  readonly #unsubscribe: () => void;

  constructor({ id, monitor, topics, claims, openJournal, warn }: StandbyEventsOptions) {
    this.#claims = new Set(claims);
    this.#events = new UndeliveredEvents({ openJournal, send: () => undefined });
    this.#events.on('warning', warn);
    this.#events.load();
    this.#unsubscribe = monitor.onEvent({
      id,
      storageLowPercent: 0,
      onEvent: (event) => {
        const outgoing = outgoingEvent(event, topics);
        // Only finished jobs have a key. Other events would be outdated once the bridge is active.
        if (outgoing !== null && outgoing.key !== null) this.#events.add(outgoing);
      },
      areStored: () => this.#events.areStored,
    });
    WAITING.add(this);
  }

  /** Removes an event that has been published from the bridges that wait for one of these claims. */
  static noteDelivered(claims: readonly string[], key: string): void {
    for (const waiting of WAITING) {
      if (claims.some((claim) => waiting.#claims.has(claim))) waiting.#events.markPublished(key);
    }
  }

  /** Closes the file, which the bridge opens next. The subscription continues until {@link close}. */
  closeFile(): void {
    WAITING.delete(this);
    this.#events.end();
  }

  /** Ends the subscription: the bridge has its own, or is closed. */
  close(): void {
    this.closeFile();
    this.#unsubscribe();
  }
}
