import type { BridgeOptions } from '../home-assistant/options';
import type { NasMonitor } from '../monitor/nas-monitor';
import type { BridgeDependencies } from './bridge';
import { outgoingEvent } from './outgoing-event';
import { UndeliveredEvents } from './undelivered-events';

/** What a stand-in works with. */
export interface StandbyEventsOptions extends Pick<BridgeDependencies, 'id' | 'openJournal' | 'warn'> {
  readonly monitor: Pick<NasMonitor, 'onEvent'>;
  readonly topics: Pick<BridgeOptions, 'baseTopic' | 'nasId'>;
  /** What the bridge waits for, which another one of this Node-RED has. */
  readonly claims: readonly string[];
}

/** All that wait now. */
const WAITING = new Set<StandbyEvents>();

/**
 * Listens in place of a bridge that waits until another one of this Node-RED has gone: what that one publishes is not
 * published again, and the ends of backups that it does not publish any more are kept for the bridge that comes after.
 */
export class StandbyEvents {
  readonly #claims: ReadonlySet<string>;
  readonly #events: UndeliveredEvents;
  readonly #undo: () => void;

  constructor({ id, monitor, topics, claims, openJournal = null, warn }: StandbyEventsOptions) {
    this.#claims = new Set(claims);
    this.#events = new UndeliveredEvents({ openJournal, warn, send: () => undefined });
    this.#undo = monitor.onEvent({
      id,
      storageLowPercent: 0,
      onEvent: (event) => {
        const outgoing = outgoingEvent(event, topics);
        // Of everything but ends the bridge that comes reports what is true then.
        if (outgoing !== null && outgoing.key !== null) this.#events.add(outgoing);
      },
    });
    WAITING.add(this);
  }

  /** Tells those who wait for one of these claims that an event has been published. @param key of the event */
  static noteDelivered(claims: readonly string[], key: string): void {
    for (const waiting of WAITING) {
      if (claims.some((claim) => waiting.#claims.has(claim))) waiting.#events.noteElsewhere(key);
    }
  }

  /** Leaves the file with the events to the bridge that follows; it goes on listening until {@link leave}. */
  letGo(): void {
    WAITING.delete(this);
    this.#events.end();
  }

  /** Ends listening: the bridge listens by itself, or nobody does any more. */
  leave(): void {
    this.letGo();
    this.#undo();
  }
}
