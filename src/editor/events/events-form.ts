import { query } from '../form/dom';
import { EVENT_GROUPS, listText, LOW_STORAGE, storedList, storedWords, wordsIn, wordsOfGroup } from './event-names';
import { saveNumbers, showNumbers } from '../form/number-fields';
import { checkboxGroup } from '../form/checkbox-group';

/** What the dialog reads of the node, and writes back: properties Node-RED cannot read by itself. */
interface EventsFields {
  events?: unknown;
  tasks?: unknown;
}

/**
 * Brings the dialog of the node that tells what happens to life: a row of checkboxes for each group of events.
 * @param label what an event is called
 * @returns stores what Node-RED does not store by itself
 */
export function openEventsForm(node: EventsFields, label: (event: string) => string): () => void {
  const saved = wordsIn(node.events);
  const readers = (Object.keys(EVENT_GROUPS) as (keyof typeof EVENT_GROUPS)[]).map((group) => {
    const row = query(`#active-backup-events-${group}`, HTMLElement);
    return checkboxGroup(row, EVENT_GROUPS[group], wordsOfGroup(group, saved), label);
  });
  const tasks = query('#active-backup-events-tasks-field', HTMLInputElement);
  tasks.value = listText(node.tasks);
  showNumbers(LOW_STORAGE, 'node-input');
  return () => {
    node.events = storedWords(
      readers.flatMap((read) => wordsIn(read())),
      node.events,
    );
    node.tasks = storedList(tasks.value, node.tasks);
    saveNumbers(node, LOW_STORAGE, 'node-input');
  };
}
