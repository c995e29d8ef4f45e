import type { OutgoingMessage } from './types';

/** What is told once is not worth more memory than this while nobody can hear it. */
const MAX_QUEUED_EVENTS = 1000;

/** A message to be sent once. */
export interface QueuedEvent {
  readonly message: OutgoingMessage;
  /**
   * Of a message that somebody else keeps until the broker has it: whether the broker has taken it. Null: this one is kept
   * here alone.
   */
  readonly onAnswered: ((isTaken: boolean) => void) | null;
}

/** What waits to be sent: a retained topic, whose payload is looked up when its turn comes, or a message to be told. */
export type Entry = string | QueuedEvent;

/** A queue in which a retained topic stands once, however often it changes, and only so many messages to be told. */
export class PublishQueue {
  readonly #onDropped: () => void;
  #entries = new Set<Entry>();
  #told = 0;

  /** @param onDropped the oldest message to be told has been given up for a new one */
  constructor(onDropped: () => void) {
    this.#onDropped = onDropped;
  }

  get first(): Entry | undefined {
    return this.#entries.values().next().value;
  }

  has(entry: Entry): boolean {
    return this.#entries.has(entry);
  }

  /** At the end; a topic that waits already keeps its place. */
  add(entry: Entry): void {
    this.#entries.add(entry);
    if (isKeptHere(entry)) this.#told += 1;
    this.#bound();
  }

  remove(entry: Entry): void {
    if (this.#entries.delete(entry) && isKeptHere(entry)) this.#told -= 1;
  }

  /** Keeps only what is to be told and kept here, with what comes back at its head: it was sent, and perhaps never arrived. */
  requeue(back: readonly QueuedEvent[]): void {
    const told = [...back, ...this.#entries].filter(isKeptHere);
    this.#entries = new Set(told);
    this.#told = told.length;
    this.#bound();
  }

  /** Lets all retained topics go first. */
  retainedFirst(): void {
    const entries = [...this.#entries];
    this.#entries = new Set([...entries.filter((entry) => !isEvent(entry)), ...entries.filter(isEvent)]);
  }

  /** Gives up what is to be told. */
  dropEvents(): void {
    this.#entries = new Set([...this.#entries].filter((entry) => !isEvent(entry)));
    this.#told = 0;
  }

  #bound(): void {
    if (this.#told <= MAX_QUEUED_EVENTS) return;
    for (const entry of this.#entries) {
      if (this.#told <= MAX_QUEUED_EVENTS) return;
      if (!isKeptHere(entry)) continue;
      this.remove(entry);
      this.#onDropped();
    }
  }
}

function isEvent(entry: Entry): entry is QueuedEvent {
  return typeof entry !== 'string';
}

function isKeptHere(entry: Entry): entry is QueuedEvent {
  return isEvent(entry) && entry.onAnswered === null;
}
