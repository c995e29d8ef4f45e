import { EVENTS, type EventName } from '../../monitor/events';
import { isVariable, wordsOf, type Check } from '../nas/problems';

/** All events, by what they are about: the rows of the form. */
export const EVENT_GROUPS = {
  backups: [
    'backup_started',
    'backup_succeeded',
    'backup_partial',
    'backup_failed',
    'backup_cancelled',
    'backup_refused',
    'backup_progress',
  ],
  tasks: ['backup_overdue', 'backup_recovered', 'task_added', 'task_removed'],
  devices: ['device_online', 'device_offline'],
  storages: ['storage_low', 'storage_ok'],
  nas: ['nas_online', 'nas_offline'],
} as const satisfies Record<string, readonly EventName[]>;

/** Free space below which a storage is low (INTERFACE 4), in percent. */
export const LOW_STORAGE = { storageLowPercent: { default: 10, min: 0, max: 100 } } as const;

/** A list of words as the runtime reads it, each once: an array, or a text with commas. */
export function wordsIn(saved: unknown): string[] {
  const entries: unknown[] = Array.isArray(saved) ? saved : typeof saved === 'string' ? saved.split(',') : [];
  const words = entries.filter((entry) => typeof entry === 'string').map((entry) => entry.trim());
  return [...new Set(words.filter((word) => word !== ''))];
}

/** Names of events; none at all means the usual ones. */
export const eventsProblem: Check = (value) => wordsOf(EVENTS)(wordsIn(value));

/** Which of the words a group has; words that no group has stand in the last one, so that a person can take them out. */
export function wordsOfGroup(group: keyof typeof EVENT_GROUPS, words: readonly string[]): string[] {
  const own: readonly string[] = EVENT_GROUPS[group];
  const isStray = (word: string): boolean => group === 'nas' && !(EVENTS as readonly string[]).includes(word);
  return words.filter((word) => own.includes(word) || isStray(word));
}

/** What to store for chosen words: what was saved, whatever its form, as long as it says the same. */
export function storedWords(chosen: readonly string[], saved: unknown): unknown {
  const before = wordsIn(saved);
  const isSame = chosen.length === before.length && chosen.every((word) => before.includes(word));
  return isSame ? saved : chosen;
}

/** What to store for a text with commas: an array of its parts; what was saved as long as nobody touched it. */
export function storedList(text: string, saved: unknown): unknown {
  if (text === listText(saved)) return saved;
  return isVariable(text) ? text.trim() : wordsIn(text);
}

/** A list as a person types it. */
export function listText(saved: unknown): string {
  return Array.isArray(saved) ? wordsIn(saved).join(', ') : typeof saved === 'string' ? saved : '';
}
