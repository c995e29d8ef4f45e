import type { OutgoingMessage } from '../mqtt/types';
import type { Journal } from '../storage/journal';

/** An event as it goes out: the same payload on each of its topics. */
export interface OutgoingEvent {
  /** Tells an event that must come once from every other, over restarts; null for one that need not. */
  readonly key: string | null;
  readonly topics: readonly string[];
  readonly payload: string;
}

/** What a queue of undelivered events works with. */
export interface UndeliveredOptions {
  /** Keeps the lines on disk; `lines` is what the queue holds now. Null: they end with the process. */
  readonly openJournal: ((lines: () => readonly string[]) => Journal) | null;
  /** Sends a message once. @param onAnswered hears whether the broker has taken it */
  readonly send: (message: OutgoingMessage, onAnswered: (isTaken: boolean) => void) => void;
  /** Receives the key of each event that the broker has taken on all of its topics. */
  readonly onDelivered?: (key: string) => void;
  /** For a person to read. */
  readonly warn: (message: string) => void;
  /** Epoch ms. */
  readonly now?: () => number;
}

/** An event that the broker has not acknowledged on all of its topics. */
interface Waiting {
  readonly at: number;
  readonly key: string | null;
  readonly payload: string;
  readonly topics: Set<string>;
}

/** INTERFACE 4: so many of the latest are kept. */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** Of so many the keys are known. */
const MOST_KEYS = 10_000;
/** So many messages are handed over at a time: enough to keep the broker busy. */
const MOST_HANDED = 40;

/**
 * The events that the broker has not acknowledged yet. They are on disk before {@link add} returns, and leave it when the
 * broker has taken them, so that no deploy, restart, kill or outage loses one. A process that is killed between an
 * acknowledgement and its noting, or a connection that is lost before the acknowledgement comes, repeats those events: a
 * subscriber tells by `event_type` and `result_id`. What the feed repeats after a kill is told by its key, and goes out once.
 */
export class UndeliveredEvents {
  readonly #options: UndeliveredOptions;
  readonly #now: () => number;
  readonly #journal: Journal | null;
  #warn: (message: string) => void;
  /** By sequence number, oldest first. */
  readonly #waiting = new Map<number, Waiting>();
  /** Those of them that were not handed over in this session. */
  readonly #unsent = new Set<number>();
  /** Of the latest events, delivered or not. */
  readonly #keys = new Set<string>();
  #bytes = 0;
  #next = 1;
  #handed = 0;
  /** Counts the sessions: an answer of one before says nothing. */
  #session = 0;
  #isOpen = false;
  #isFull = false;
  #isPumping = false;

  constructor(options: UndeliveredOptions) {
    this.#options = options;
    this.#warn = options.warn;
    this.#now = options.now ?? Date.now;
    this.#journal = options.openJournal?.(() => this.#lines()) ?? null;
    const unreadable = (this.#journal?.load() ?? []).filter((line) => !this.#take(line));
    if (unreadable.length === 0) return;
    this.#warn(`${unreadable.length} lines of the events that wait for the MQTT broker are damaged and were left out`);
    this.#journal?.rewrite();
  }

  /** How many events wait. */
  get count(): number {
    return this.#waiting.size;
  }

  /** Warnings go elsewhere from now on. */
  warnBy(warn: (message: string) => void): void {
    this.#warn = warn;
  }

  /** Keeps an event until it is delivered. When this returns a kill of the process does not lose it. */
  add({ key, topics, payload }: OutgoingEvent): void {
    if (key !== null && this.#keys.has(key)) return;
    const number = this.#next;
    const waiting = { at: this.#now(), key, payload, topics: new Set(topics) };
    this.#keep(number, waiting);
    this.#journal?.append(lineOf(number, waiting));
    this.#bound();
    this.#pump();
  }

  /** Another bridge has published it. */
  noteElsewhere(key: string): void {
    for (const [number, waiting] of this.#waiting) if (waiting.key === key) this.#remove(number);
    this.#know(key);
  }

  /** A session is there: everything goes out, oldest first. */
  open(): void {
    this.close();
    this.#isOpen = true;
    for (const number of this.#waiting.keys()) this.#unsent.add(number);
    this.#pump();
  }

  /** The session has ended: what was not acknowledged waits for the next one. */
  close(): void {
    this.#isOpen = false;
    this.#session += 1;
    this.#handed = 0;
  }

  /** Forgets what came before `time` (epoch ms): another bridge has published it. */
  dropBefore(time: number): void {
    for (const [number, { at }] of this.#waiting) if (at < time) this.#remove(number);
  }

  /** Lets go of the file. */
  end(): void {
    this.close();
    this.#journal?.close();
  }

  #pump(): void {
    if (this.#isPumping) return; // an answer may come at once, within the loop
    this.#isPumping = true;
    for (const number of this.#unsent) {
      if (!this.#isOpen || this.#handed >= MOST_HANDED) break;
      this.#unsent.delete(number);
      this.#send(number);
    }
    this.#isPumping = false;
  }

  #send(number: number): void {
    const event = this.#waiting.get(number);
    if (event === undefined) return;
    const session = this.#session;
    const topics = [...event.topics];
    this.#handed += topics.length;
    for (const topic of topics) {
      this.#options.send({ topic, payload: event.payload, retain: false }, (isTaken) => {
        if (isTaken) this.#delivered(number, topic);
        if (session !== this.#session) return;
        this.#handed -= 1;
        this.#pump();
      });
    }
  }

  /** One that the broker refuses stays, and is sent again in the next session: it may be allowed then. */
  #delivered(number: number, topic: string): void {
    const event = this.#waiting.get(number);
    if (event === undefined) return;
    event.topics.delete(topic);
    if (event.topics.size > 0) {
      this.#note({ done: number, topic });
      return;
    }
    this.#remove(number);
    if (event.key !== null) this.#options.onDelivered?.(event.key);
  }

  #remove(number: number): void {
    this.#forget(number);
    this.#note({ done: number });
  }

  /** Lost with the power it is said once more. */
  #note(done: object): void {
    this.#journal?.append(JSON.stringify(done), { isLasting: false });
  }

  #keep(number: number, waiting: Waiting): void {
    this.#next = Math.max(this.#next, number + 1);
    this.#waiting.set(number, waiting);
    this.#unsent.add(number);
    this.#bytes += bytesOf(waiting);
    this.#know(waiting.key);
  }

  #forget(number: number): void {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) return;
    this.#bytes -= bytesOf(waiting);
    this.#waiting.delete(number);
    this.#unsent.delete(number);
    this.#isFull &&= this.#waiting.size > 0;
  }

  #know(key: string | null): void {
    if (key === null) return;
    this.#keys.add(key);
    for (const oldest of this.#keys) {
      if (this.#keys.size <= MOST_KEYS) return;
      this.#keys.delete(oldest);
    }
  }

  #bound(): void {
    for (const number of this.#waiting.keys()) {
      if (this.#waiting.size <= MOST_EVENTS && this.#bytes <= MOST_BYTES) return;
      this.#remove(number);
      if (!this.#isFull) this.#warn('More events wait for the MQTT broker than are kept: the oldest are dropped');
      this.#isFull = true;
    }
  }

  #lines(): string[] {
    const waiting = [...this.#waiting].map(([number, event]) => lineOf(number, event));
    return [JSON.stringify({ keys: [...this.#keys] }), ...waiting];
  }

  /** @returns false when the line is none of ours */
  #take(line: string): boolean {
    const { keys, add, at, key, topics, payload, done, topic } = fieldsOf(line);
    if (isTexts(keys)) {
      for (const known of keys) this.#know(known);
      return true;
    }
    if (typeof done === 'number') {
      const event = this.#waiting.get(done);
      if (typeof topic === 'string') event?.topics.delete(topic);
      if (typeof topic !== 'string' || event?.topics.size === 0) this.#forget(done);
      return true;
    }
    if (typeof add !== 'number' || typeof at !== 'number' || typeof payload !== 'string' || !isTexts(topics)) {
      return false;
    }
    this.#keep(add, { at, key: typeof key === 'string' ? key : null, payload, topics: new Set(topics) });
    return true;
  }
}

function lineOf(number: number, { at, key, topics, payload }: Waiting): string {
  return JSON.stringify({ add: number, at, key, topics: [...topics], payload });
}

function bytesOf({ payload }: Waiting): number {
  return payload.length;
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> {
  try {
    const read = JSON.parse(line) as unknown;
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
