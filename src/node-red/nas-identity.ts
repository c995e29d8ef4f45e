import { startTimeout } from '../dsm/abort';

/** What it takes to find out which NAS answers. */
export interface NasIdentityOptions {
  /** The address of the NAS node; its host stands in until the serial number is known. */
  readonly address: string;
  /** Reads the serial number; null where the NAS refuses it to the account. */
  readonly readSerialNumber: (signal: AbortSignal) => Promise<string | null>;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** A message never waits longer than this for the identity of its NAS. */
const READ_MS = 5000;
/** After a failure the NAS is asked again with the first message after this pause. */
const RETRY_MS = 60_000;
/** A refusal is believed this long: an administrator may allow it meanwhile. */
const REFUSED_MS = 3600_000;

/**
 * The id of one NAS in messages, topics and Home Assistant: its serial number in lower case, else its host (INTERFACE 2.3
 * and 5). The serial number is read once per connection; until then, and where the NAS refuses it, the host stands in.
 */
export class NasIdentity {
  readonly #options: NasIdentityOptions;
  readonly #now: () => number;
  #serialNumber: string | null = null;
  #askAgainAt = -Infinity;
  #reading: Promise<void> | null = null;

  constructor(options: NasIdentityOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** As far as it is known now; never empty. */
  get id(): string {
    return nasIdOf(this.#serialNumber, this.#options.address);
  }

  /** Reads the serial number unless it is known: one request, however many callers. Never rejects. Call it when the NAS has just answered. */
  learn(): Promise<void> {
    if (this.#serialNumber !== null || this.#now() < this.#askAgainAt) return Promise.resolve();
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const deadline = startTimeout(READ_MS, []);
    try {
      this.#serialNumber = await this.#options.readSerialNumber(deadline.signal);
      this.#askAgainAt = this.#now() + REFUSED_MS;
    } catch {
      this.#askAgainAt = this.#now() + RETRY_MS;
    } finally {
      deadline.clear();
    }
  }
}

/** The id of a NAS: its serial number, else the host of its address, as one level of a topic: `[a-z0-9_]+`. */
export function nasIdOf(serialNumber: string | null, address: string): string {
  return plain(serialNumber ?? '') || plain(new URL(address).hostname) || 'nas';
}

/** One level of a topic and part of an id: `[a-z0-9_]+`; `''` when nothing is left. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}
