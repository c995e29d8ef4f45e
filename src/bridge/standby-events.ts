import type { BridgeOptions } from '../home-assistant/options';
import type { NasMonitor } from '../monitor/nas-monitor';
import type { OpenJournal } from './types';
import { outgoingEvent } from './outgoing-event';
import { UndeliveredEvents } from './undelivered-events';

/** Settings of the events of a waiting bridge. */
export interface StandbyEventsOptions {
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
        // Only finished backups have a key. Other events would be outdated once the bridge is active.
        if (outgoing !== null && outgoing.key !== null) this.#events.add(outgoing);
      },
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
