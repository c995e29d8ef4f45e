import { wordsIn } from '../../settings/event-settings';
import { AFTER_FAILURES, FULL_WITHIN_DAYS, LOW_STORAGE } from '../../settings/limits';
import { query } from '../form/dom';
import { checkboxGroup, saveNumbers, showNumbers } from '../form/fields';
import { EVENT_GROUPS, listText, storedList, storedWords, wordsOfGroup } from './event-names';

/** Properties that Node-RED cannot read by itself. */
interface EventsFields {
  events?: unknown;
  tasks?: unknown;
}

const NUMBERS = { storageLowPercent: LOW_STORAGE, afterFailures: AFTER_FAILURES, fullWithinDays: FULL_WITHIN_DAYS };

/**
 * Opens the dialog of the events node: a row of checkboxes for each group of events.
 * @param label name of an event
 * @returns stores the properties that Node-RED does not store by itself
 */
export function openEventsForm(node: EventsFields, label: (event: string) => string): () => void {
  const saved = wordsIn(node.events);
  const groups = Object.keys(EVENT_GROUPS) as (keyof typeof EVENT_GROUPS)[];
  const readers = groups.map((group) => {
    const row = query(`#active-backup-events-${group}`, HTMLElement);
    return checkboxGroup(row, EVENT_GROUPS[group], wordsOfGroup(group, saved), label);
  });
  const tasks = query('#active-backup-events-tasks-field', HTMLInputElement);
  tasks.value = listText(node.tasks);
  showNumbers(NUMBERS, 'node-input');
  return () => {
    node.events = storedWords(
      readers.flatMap((read) => wordsIn(read())),
      node.events,
    );
    node.tasks = storedList(tasks.value, node.tasks);
    saveNumbers(node, NUMBERS, 'node-input');
  };
}
