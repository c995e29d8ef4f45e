/** An event that the broker has not acknowledged on all of its topics. */
export interface PendingEvent {
  /** When it was added, epoch ms. */
  readonly at: number;
  readonly key: string | null;
  readonly payload: string;
  /** The topics without an acknowledgement. */
  readonly topics: Set<string>;
}

/** A line of the file of undelivered events (docs/interface.md §9). */
export type JournalLine =
  | { readonly keys: readonly string[] }
  | { readonly number: number; readonly event: PendingEvent }
  /** `topic` null: the event is removed as a whole. */
  | { readonly done: number; readonly topic: string | null };

/** The line that records an event. */
export function lineOf(number: number, { at, key, topics, payload }: PendingEvent): string {
  return JSON.stringify({ add: number, at, key, topics: [...topics], payload });
}

/** Parses a line; null if it is damaged. */
export function parseLine(text: string): JournalLine | null {
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
