import type { Incoming } from '../mqtt/mqtt-connection';
import type { Publisher } from '../mqtt/publisher';
import type { BridgeConnection, SeatOwner } from './bridge-connection';
import type { UndeliveredEvents } from './undelivered-events';

/** What of a bridge may outlive a deploy: its connection, with all that is on its way. */
export interface LiveConnection {
  readonly seat: BridgeConnection;
  readonly publisher: Publisher;
  readonly events: UndeliveredEvents;
  /** What has come since nobody was there to take it. */
  readonly messages: readonly Incoming[];
}

/** More commands than these are not kept for a bridge that is being restarted. */
const MOST_MESSAGES = 100;

/**
 * Looks after the connection of a bridge that a deploy has closed: it goes on delivering, and what comes in is kept.
 * A connection that is lost meanwhile is of no use to anybody.
 */
export class ConnectionKeeper {
  readonly #live: Omit<LiveConnection, 'messages'>;
  readonly #messages: Incoming[] = [];

  /** @param onLost the connection has ended by itself */
  constructor(live: Omit<LiveConnection, 'messages'>, onLost: () => void) {
    this.#live = live;
    const ignore = (): void => undefined;
    const owner: SeatOwner = {
      onConnecting: ignore,
      onActive: ignore,
      onInactive: () => {
        live.events.close();
        live.publisher.clearSession();
        onLost();
      },
      onTrouble: ignore,
      onStandby: ignore,
      onOverheard: ignore,
      onMessage: (incoming) => {
        if (this.#messages.length < MOST_MESSAGES) this.#messages.push(incoming);
      },
      onStateOverwritten: ignore,
      warn: ignore,
    };
    live.seat.ownBy(owner);
    live.publisher.warnBy(ignore);
    live.events.warnBy(ignore);
  }

  /** Hands it to the bridge that comes after. */
  release(): LiveConnection {
    return { ...this.#live, messages: this.#messages };
  }

  /** Says goodbye to the broker. At most 800 ms. */
  async end(): Promise<void> {
    const { seat, events } = this.#live;
    await seat.stop({ saysGoodbye: true });
    events.end();
  }
}
