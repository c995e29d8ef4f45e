import { EVENTS, type EventName } from '../monitor/events';
import { someOf, type Rule } from './rules';

/** A list of words as it was stored, each once: an array, or a text with commas. */
export function wordsIn(value: unknown): string[] {
  const entries: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  const words = entries.filter((entry) => typeof entry === 'string').map((entry) => entry.trim());
  return [...new Set(words.filter((word) => word !== ''))];
}

/** An event by its name; null if there is no such event. */
export function eventNamed(word: string): EventName | null {
  return EVENTS.find((event) => event === word) ?? null;
}

/** Names of events; an empty list means all but `backup_progress`. */
export const parseEventNames: Rule<string[]> = (value) => someOf(EVENTS)(wordsIn(value));
