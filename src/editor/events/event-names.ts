import { EVENTS, type EventName } from '../../monitor/events';
import { wordsIn } from '../../settings/event-settings';
import { isVariable } from '../../settings/rules';

/** All events by subject: the rows of the form. */
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
  jobs: ['verification_succeeded', 'verification_failed', 'restore_succeeded', 'restore_failed'],
  devices: ['device_online', 'device_offline', 'device_overdue', 'device_recovered', 'backup_unusual'],
  storages: ['storage_low', 'storage_ok', 'storage_filling'],
  nas: ['nas_online', 'nas_offline'],
} as const satisfies Record<string, readonly EventName[]>;

/** The words of a group. Words that are no event are in the last group, so that the user can remove them. */
export function wordsOfGroup(group: keyof typeof EVENT_GROUPS, words: readonly string[]): string[] {
  const own: readonly string[] = EVENT_GROUPS[group];
  const isUnknown = (word: string): boolean => group === 'nas' && !EVENTS.some((event) => event === word);
  return words.filter((word) => own.includes(word) || isUnknown(word));
}

/** The value to store for the chosen words: the saved value, whatever its form, if it has the same words. */
export function storedWords(chosen: readonly string[], saved: unknown): unknown {
  const before = wordsIn(saved);
  const isSame = chosen.length === before.length && chosen.every((word) => before.includes(word));
  return isSame ? saved : chosen;
}

/** The value to store for a text with commas: the array of its parts; the saved value until the user changes the text. */
export function storedList(text: string, saved: unknown): unknown {
  if (text === listText(saved)) return saved;
  return isVariable(text) ? text.trim() : wordsIn(text);
}

/** A stored list as text with commas. */
export function listText(saved: unknown): string {
  return Array.isArray(saved) ? wordsIn(saved).join(', ') : typeof saved === 'string' ? saved : '';
}
