import { describe, expect, test } from 'vitest';
import { EVENTS } from '../../../src/monitor/events';
import { EVENT_GROUPS, listText, storedList, storedWords, wordsOfGroup } from '../../../src/editor/events/event-names';
import { parseEventNames, wordsIn } from '../../../src/settings/event-settings';
import { problemOf } from '../../../src/settings/rules';

const GROUPS = Object.keys(EVENT_GROUPS) as (keyof typeof EVENT_GROUPS)[];
/** The ticked checkboxes of all rows when the form opens. */
const ticked = (saved: unknown): string[] => GROUPS.flatMap((group) => wordsOfGroup(group, wordsIn(saved)));

test('the form has exactly one checkbox for each event', () => {
  expect(Object.values(EVENT_GROUPS).flat().sort()).toEqual([...EVENTS].sort());
});

describe('a dialog that is closed without a change keeps the saved value', () => {
  test.each([
    [[]],
    [['backup_failed', 'nas_offline']],
    [['nas_offline', 'backup_failed']],
    [['backup_failed', 'backup_failed']],
    ['backup_failed, nas_offline'],
    ['${EVENTS}'],
    [['backup_failed', 'moon_rising']],
    [[1, null, ' storage_low ']],
    [undefined],
    [null],
    [''],
  ])('events: %j', (saved) => {
    expect(storedWords(ticked(saved), saved)).toBe(saved);
  });

  test.each([
    [[]],
    [['PC-*', 'Mail server']],
    [['Server, old']],
    ['PC-*,Mail server'],
    ['${TASKS}'],
    [['${A}', 'B']],
    [undefined],
    [''],
  ])('tasks: %j', (saved) => {
    expect(storedList(listText(saved), saved)).toBe(saved);
  });
});

test.each([
  { ticked: ['backup_failed'], saved: [] },
  { ticked: [], saved: ['backup_failed'] },
  { ticked: ['backup_failed'], saved: 'backup_failed, storage_low' },
  { ticked: ['storage_low'], saved: ['backup_failed'] },
])('ticking $ticked stores it in place of $saved', ({ ticked, saved }) => {
  expect(storedWords(ticked, saved)).toEqual(ticked);
});

test.each([
  { text: 'PC-*', stored: ['PC-*'] },
  { text: ' PC-* , Mail server,, ', stored: ['PC-*', 'Mail server'] },
  { text: '', stored: [] },
  { text: ' ${TASKS} ', stored: '${TASKS}' },
  { text: '${TASKS}, PC-*', stored: ['${TASKS}', 'PC-*'] },
])('typing $text as tasks stores $stored', ({ text, stored }) => {
  expect(storedList(text, ['something else'])).toEqual(stored);
});

test('a word that is no event has a checkbox in the last row, so that it can be removed, and a problem names it', () => {
  expect(wordsOfGroup('nas', ['moon_rising', 'nas_offline'])).toEqual(['moon_rising', 'nas_offline']);
  expect(wordsOfGroup('backups', ['moon_rising', 'nas_offline'])).toEqual([]);
  expect(problemOf(parseEventNames, ['moon_rising'])).toEqual({
    key: 'problem.word',
    values: { word: 'moon_rising' },
    reason: `must be some of ${EVENTS.join(', ')}`,
  });
});

test.each([[[]], [['backup_failed']], ['backup_failed,nas_offline'], ['${EVENTS}'], [undefined], [[...EVENTS]]])(
  '%j is a valid list of events',
  (saved) => {
    expect(problemOf(parseEventNames, saved)).toBeNull();
  },
);
