import { BrokerRefusedError, type ConnectionLogger } from './types';

/** Discards everything. */
export const SILENT_CONNECTION_LOGGER: ConnectionLogger = { debug: () => undefined };

/** Counts the messages of a session and logs the counts whenever none is in flight: one line per batch. */
export class DeliveryLog {
  readonly #logger: ConnectionLogger;
  #published = 0;
  #acknowledged = 0;
  #refused = 0;
  #inFlight = 0;

  constructor(logger: ConnectionLogger) {
    this.#logger = logger;
  }

  /** @param sent resolves when the broker has acknowledged the message, rejects when it has refused it */
  add(sent: Promise<void>): void {
    this.#published += 1;
    this.#inFlight += 1;
    sent.then(
      () => {
        this.#acknowledged += 1;
        this.#finish();
      },
      (error: unknown) => {
        if (error instanceof BrokerRefusedError) this.#refused += 1;
        this.#finish();
      },
    );
  }

  #finish(): void {
    this.#inFlight -= 1;
    if (this.#inFlight > 0) return;
    const counts = [
      `${this.#published} published`,
      `${this.#acknowledged} acknowledged`,
      ...(this.#refused > 0 ? [`${this.#refused} refused`] : []),
    ];
    this.#published = this.#acknowledged = this.#refused = 0;
    this.#logger.debug(`MQTT: ${counts.join(', ')}`);
  }
}
