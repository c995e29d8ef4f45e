import type { OutgoingMessage } from './types';

/** Bounds the memory that messages take while there is no session. */
const MAX_QUEUED_EVENTS = 1000;

/** A message that is not retained and is sent once. */
export interface QueuedEvent {
  readonly message: OutgoingMessage;
  /**
   * Receives whether the broker has accepted the message. Its sender stores the message until then, so the queue drops it
   * with the session. Null: the queue alone stores the message.
   */
  readonly onAnswered: ((isAccepted: boolean) => void) | null;
}

/** A retained topic, whose payload is looked up when it is sent, or an event. */
export type QueueEntry = string | QueuedEvent;

/** Messages waiting to be sent. A retained topic is queued at most once however often its payload changes; events are bounded. */
export class PublishQueue {
  readonly #onDropped: () => void;
  #entries = new Set<QueueEntry>();
  /** Continues behind {@link #first}. A new iterator would step over all entries removed before, for each message of a long queue. */
  #rest: Iterator<QueueEntry> = this.#entries.values();
  /** The first entry; undefined: not known. */
  #first: QueueEntry | undefined;
  /** Queued events without a sender that stores them. */
  #ownEvents = 0;

  /** @param onDropped called for each event that is dropped because the queue is full; the oldest goes first */
  constructor(onDropped: () => void) {
    this.#onDropped = onDropped;
  }

  get first(): QueueEntry | undefined {
    this.#first ??= this.#next();
    return this.#first;
  }

  has(entry: QueueEntry): boolean {
    return this.#entries.has(entry);
  }

  /** Appends an entry; a queued topic keeps its position. */
  add(entry: QueueEntry): void {
    this.#entries.add(entry);
    if (isOwnEvent(entry)) this.#ownEvents += 1;
    this.#dropOldest();
  }

  remove(entry: QueueEntry): void {
    if (entry === this.#first) this.#first = undefined;
    if (this.#entries.delete(entry) && isOwnEvent(entry)) this.#ownEvents -= 1;
  }

  /** The session has ended: keeps only the queue's own events, after those in `unacknowledged`, which may not have arrived. */
  requeue(unacknowledged: readonly QueuedEvent[]): void {
    const events = [...unacknowledged, ...this.#entries].filter(isOwnEvent);
    this.#replace(events);
    this.#ownEvents = events.length;
    this.#dropOldest();
  }

  /** Moves retained topics before events. */
  retainedFirst(): void {
    const entries = [...this.#entries];
    this.#replace([...entries.filter((entry) => !isEvent(entry)), ...entries.filter(isEvent)]);
  }

  dropEvents(): void {
    this.#replace([...this.#entries].filter((entry) => !isEvent(entry)));
    this.#ownEvents = 0;
  }

  #replace(entries: readonly QueueEntry[]): void {
    this.#entries = new Set(entries);
    this.#rest = this.#entries.values();
    this.#first = undefined;
  }

  #next(): QueueEntry | undefined {
    const next = this.#rest.next();
    if (next.done !== true) return next.value;
    // An iterator that has ended does not see later entries.
    this.#rest = this.#entries.values();
    const again = this.#rest.next();
    return again.done === true ? undefined : again.value;
  }

  #dropOldest(): void {
    if (this.#ownEvents <= MAX_QUEUED_EVENTS) return;
    for (const entry of this.#entries) {
      if (this.#ownEvents <= MAX_QUEUED_EVENTS) return;
      if (!isOwnEvent(entry)) continue;
      this.remove(entry);
      this.#onDropped();
    }
  }
}

function isEvent(entry: QueueEntry): entry is QueuedEvent {
  return typeof entry !== 'string';
}

function isOwnEvent(entry: QueueEntry): entry is QueuedEvent {
  return isEvent(entry) && entry.onAnswered === null;
}
