import { nasIdOf } from '../active-backup/nas-info';
import { startTimeout } from '../dsm/abort';

/** Options of a {@link NasIdResolver}. */
interface NasIdResolverOptions {
  /** The URL of the NAS; its host is the id until the serial number is known. */
  readonly address: string;
  /** Reads the serial number; null where the NAS refuses it to the account. */
  readonly readSerialNumber: (signal: AbortSignal) => Promise<string | null>;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** A message waits at most this long for the serial number. */
const READ_TIMEOUT_MS = 5000;
/** After a failed read the next attempt is made with the first message after this time. */
const RETRY_AFTER_FAILURE_MS = 60_000;
/** The same after a refusal: an administrator may have given the account the right meanwhile. */
const RETRY_AFTER_REFUSAL_MS = 3600_000;

/**
 * Finds the id of one NAS in messages, topics and Home Assistant: its serial number in lower case, else its host
 * (`docs/interface.md §2.3, §5`). The serial number is read once per connection.
 */
export class NasIdResolver {
  readonly #options: NasIdResolverOptions;
  readonly #now: () => number;
  #serialNumber: string | null = null;
  #retryAt = -Infinity;
  #reading: Promise<void> | null = null;

  constructor(options: NasIdResolverOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** The id as far as it is known; never empty. */
  get id(): string {
    return nasIdOf(this.#serialNumber, this.#options.address);
  }

  /** Reads the serial number unless it is known. Concurrent calls share one request. Never rejects. Call it after a successful response of the NAS. */
  resolve(): Promise<void> {
    if (this.#serialNumber !== null || this.#now() < this.#retryAt) return Promise.resolve();
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const timeout = startTimeout(READ_TIMEOUT_MS, []);
    try {
      this.#serialNumber = await this.#options.readSerialNumber(timeout.signal);
      this.#retryAt = this.#now() + RETRY_AFTER_REFUSAL_MS;
    } catch {
      this.#retryAt = this.#now() + RETRY_AFTER_FAILURE_MS;
    } finally {
      timeout.clear();
    }
  }
}
