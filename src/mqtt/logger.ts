import { BrokerRefusedError } from './types';

/** Takes lines for whoever looks for the cause of trouble: no payload, no name and no password is in them. */
export interface ConnectionLogger {
  debug(message: string): void;
  /** Takes what code of ours threw in a listener or timer, where nobody else can catch it; default: nobody. */
  fault?(error: unknown): void;
}

/** Takes everything, and keeps nothing. */
export const SILENT_CONNECTION_LOGGER: ConnectionLogger = { debug: () => undefined };

/**
 * Counts what a session publishes, and logs the counts whenever nothing is under way any more: one line for a hundred
 * messages that go out together.
 */
export class DeliveryLog {
  readonly #logger: ConnectionLogger;
  #published = 0;
  #acknowledged = 0;
  #refused = 0;
  #open = 0;

  constructor(logger: ConnectionLogger) {
    this.#logger = logger;
  }

  /** @param sent resolves when the broker has acknowledged the message, and rejects when it has not taken it */
  add(sent: Promise<void>): void {
    this.#published += 1;
    this.#open += 1;
    sent.then(
      () => {
        this.#acknowledged += 1;
        this.#close();
      },
      (error: unknown) => {
        if (error instanceof BrokerRefusedError) this.#refused += 1;
        this.#close();
      },
    );
  }

  #close(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    const counts = [
      `${this.#published} published`,
      `${this.#acknowledged} acknowledged`,
      ...(this.#refused > 0 ? [`${this.#refused} refused`] : []),
    ];
    this.#published = this.#acknowledged = this.#refused = 0;
    this.#logger.debug(`MQTT: ${counts.join(', ')}`);
  }
}
