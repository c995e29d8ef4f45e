import { EventEmitter } from 'node:events';
import type { OutgoingMessage } from '../mqtt/types';
import type { Journal } from '../storage/journal';

/** An event that the broker has not acknowledged on all of its topics. */
interface PendingEvent {
  /** When it was added, epoch ms. */
  readonly at: number;
  readonly key: string | null;
  readonly payload: string;
  /** The topics without an acknowledgement. */
  readonly topics: Set<string>;
}

/** A line of the file of undelivered events (docs/interface.md §9). */
type JournalLine =
  | { readonly keys: readonly string[] }
  | { readonly number: number; readonly event: PendingEvent }
  /** `topic` null: the event is removed as a whole. */
  | { readonly done: number; readonly topic: string | null };

/** The line that records an event. */
function lineOf(number: number, { at, key, topics, payload }: PendingEvent): string {
  return JSON.stringify({ add: number, at, key, topics: [...topics], payload });
}

/** Parses a line; null if it is damaged. */
function parseLine(text: string): JournalLine | null {
  const { keys, add, at, key, topics, payload, done, topic } = fieldsOf(text);
  if (isStrings(keys)) return { keys };
  if (typeof done === 'number') return { done, topic: typeof topic === 'string' ? topic : null };
  if (typeof add !== 'number' || typeof at !== 'number' || typeof payload !== 'string' || !isStrings(topics)) {
    return null;
  }
  return { number: add, event: { at, key: typeof key === 'string' ? key : null, payload, topics: new Set(topics) } };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** An event to publish: the same payload on each of its topics. */
export interface OutgoingEvent {
  /** Identifies an event that must be published once, also across restarts; null: it may be repeated. */
  readonly key: string | null;
  readonly topics: readonly string[];
  readonly payload: string;
}

/** Settings of a queue of undelivered events. */
interface UndeliveredEventsOptions {
  /** Opens the file. @param lines the lines that the file is to contain. Null: events are lost when the process ends */
  readonly openJournal: ((lines: () => readonly string[]) => Journal) | null;
  /** Sends a message once. @param onAnswered receives whether the broker has accepted it */
  readonly send: (message: OutgoingMessage, onAnswered: (isAccepted: boolean) => void) => void;
  /** Epoch ms. */
  readonly now?: () => number;
}

interface UndeliveredEventsEvents {
  /** The broker has accepted the event with this key on all of its topics. */
  delivered: [key: string];
  /** A sentence for the user. */
  warning: [message: string];
}

/** Of more events the oldest are dropped (docs/mqtt.md). */
const MAX_EVENTS = 10_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** Keys of so many of the latest events are stored. */
const MAX_KEYS = 10_000;
/** Messages passed to `send` at a time: enough to keep the broker busy. */
const MAX_SENDING = 40;

/**
 * Events that the broker has not acknowledged on all of their topics. An event is on disk before {@link add} returns and is
 * removed once delivered, so no deploy, restart, kill or outage loses one. If the process is killed between acknowledgement
 * and removal, or the connection is lost before the acknowledgement, an event is published twice; subscribers recognize it by
 * `event_type` and `result_id`. Events that the monitor repeats after a kill are recognized by their key.
 */
export class UndeliveredEvents extends EventEmitter<UndeliveredEventsEvents> {
  readonly #options: UndeliveredEventsOptions;
  readonly #now: () => number;
  readonly #journal: Journal | null;
  /** By sequence number, oldest first. */
  readonly #pending = new Map<number, PendingEvent>();
  /** The pending events that have not been sent in this session. */
  readonly #unsent = new Set<number>();
  /** Keys of the latest events, delivered or not. */
  readonly #keys = new Set<string>();
  #characters = 0;
  #nextNumber = 1;
  #sending = 0;
  /** Counts the sessions, because an answer may arrive after its session. */
  #session = 0;
  #isOpen = false;
  #isFull = false;
  #isSending = false;

  constructor(options: UndeliveredEventsOptions) {
    super();
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#journal = options.openJournal?.(() => this.#lines()) ?? null;
  }

  /** Reads the file of an earlier run. Call it once, before all other methods. */
  load(): void {
    const damaged = (this.#journal?.load() ?? []).filter((line) => !this.#apply(line));
    if (damaged.length === 0) return;
    this.emit(
      'warning',
      `${damaged.length} lines of the events that wait for the MQTT broker are damaged and were left out`,
    );
    this.#journal?.rewrite();
  }

  /** Number of undelivered events. */
  get count(): number {
    return this.#pending.size;
  }

  /** Whether a kill of the process would lose none of them. */
  get areStored(): boolean {
    return this.#pending.size === 0 || this.#journal === null || this.#journal.isComplete;
  }

  /** Adds an event, unless one with the same key was added before. After the return a kill of the process does not lose it. */
  add({ key, topics, payload }: OutgoingEvent): void {
    if (key !== null && this.#keys.has(key)) return;
    const number = this.#nextNumber;
    const event = { at: this.#now(), key, payload, topics: new Set(topics) };
    this.#insert(number, event);
    this.#journal?.append(lineOf(number, event));
    this.#dropOldest();
    this.#sendNext();
  }

  /** Another bridge has published the event with this key. */
  markPublished(key: string): void {
    for (const [number, event] of this.#pending) if (event.key === key) this.#remove(number);
    this.#addKey(key);
  }

  /** A session has started: sends all events, oldest first. */
  open(): void {
    this.close();
    this.#isOpen = true;
    for (const number of this.#pending.keys()) this.#unsent.add(number);
    this.#sendNext();
  }

  /** The session has ended: unacknowledged events wait for the next one. */
  close(): void {
    this.#isOpen = false;
    this.#session += 1;
    this.#sending = 0;
  }

  /** Removes events older than `time` (epoch ms), which another bridge has published. */
  dropBefore(time: number): void {
    for (const [number, { at }] of this.#pending) if (at < time) this.#remove(number);
  }

  /** Closes the file. */
  end(): void {
    this.close();
    this.#journal?.close();
  }

  #sendNext(): void {
    if (this.#isSending) return; // called from within the loop when `send` answers at once
    this.#isSending = true;
    for (const number of this.#unsent) {
      if (!this.#isOpen || this.#sending >= MAX_SENDING) break;
      this.#unsent.delete(number);
      this.#send(number);
    }
    this.#isSending = false;
  }

  #send(number: number): void {
    const event = this.#pending.get(number);
    if (event === undefined) return;
    const session = this.#session;
    const topics = [...event.topics];
    this.#sending += topics.length;
    for (const topic of topics) {
      this.#options.send({ topic, payload: event.payload, retain: false }, (isAccepted) => {
        if (isAccepted) this.#accepted(number, topic);
        if (session !== this.#session) return;
        this.#sending -= 1;
        this.#sendNext();
      });
    }
  }

  /** A refused event stays and is sent again in the next session: the access rules may have changed by then. */
  #accepted(number: number, topic: string): void {
    const event = this.#pending.get(number);
    if (event === undefined) return;
    event.topics.delete(topic);
    if (event.topics.size > 0) {
      this.#logRemoval({ done: number, topic });
      return;
    }
    this.#remove(number);
    if (event.key !== null) this.emit('delivered', event.key);
  }

  #remove(number: number): void {
    this.#delete(number);
    this.#logRemoval({ done: number });
  }

  /** Not synced to disk: if a power cut loses the line, the event is published again. */
  #logRemoval(line: { readonly done: number; readonly topic?: string }): void {
    this.#journal?.append(JSON.stringify(line), { isLasting: false });
  }

  #insert(number: number, event: PendingEvent): void {
    this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    this.#pending.set(number, event);
    this.#unsent.add(number);
    this.#characters += event.payload.length;
    if (event.key !== null) this.#addKey(event.key);
  }

  #delete(number: number): void {
    const event = this.#pending.get(number);
    if (event === undefined) return;
    this.#characters -= event.payload.length;
    this.#pending.delete(number);
    this.#unsent.delete(number);
    this.#isFull &&= this.#pending.size > 0;
  }

  #addKey(key: string): void {
    this.#keys.add(key);
    for (const oldest of this.#keys) {
      if (this.#keys.size <= MAX_KEYS) return;
      this.#keys.delete(oldest);
    }
  }

  #dropOldest(): void {
    for (const number of this.#pending.keys()) {
      if (this.#pending.size <= MAX_EVENTS && this.#characters <= MAX_CHARACTERS) return;
      this.#remove(number);
      if (!this.#isFull)
        this.emit('warning', 'More events wait for the MQTT broker than are kept: the oldest are dropped');
      this.#isFull = true;
    }
  }

  #lines(): string[] {
    const events = [...this.#pending].map(([number, event]) => lineOf(number, event));
    return [JSON.stringify({ keys: [...this.#keys] }), ...events];
  }

  /** Repeats what a line of the file records. @returns false if the line is damaged */
  #apply(text: string): boolean {
    const line = parseLine(text);
    if (line === null) return false;
    if ('keys' in line) for (const key of line.keys) this.#addKey(key);
    else if ('event' in line) this.#insert(line.number, line.event);
    else {
      const { done, topic } = line;
      const event = this.#pending.get(done);
      if (topic !== null) event?.topics.delete(topic);
      if (topic === null || event?.topics.size === 0) this.#delete(done);
    }
    return true;
  }
}
