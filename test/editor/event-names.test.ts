import { describe, expect, test } from 'vitest';
import { EVENTS } from '../../src/monitor/events';
import {
  EVENT_GROUPS,
  eventsProblem,
  listText,
  storedList,
  storedWords,
  wordsIn,
  wordsOfGroup,
} from '../../src/editor/events/event-names';

const GROUPS = Object.keys(EVENT_GROUPS) as (keyof typeof EVENT_GROUPS)[];
/** What the form's rows have ticked when it was opened. */
const ticked = (saved: unknown): string[] => GROUPS.flatMap((group) => wordsOfGroup(group, wordsIn(saved)));

test('the form has a checkbox for each event, and one only', () => {
  expect(Object.values(EVENT_GROUPS).flat().sort()).toEqual([...EVENTS].sort());
});

describe('a dialog that was only looked at leaves what it found', () => {
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

test('a word that is no event has a checkbox in the last row, so that it can be taken out, and says what it is', () => {
  expect(wordsOfGroup('nas', ['moon_rising', 'nas_offline'])).toEqual(['moon_rising', 'nas_offline']);
  expect(wordsOfGroup('backups', ['moon_rising', 'nas_offline'])).toEqual([]);
  expect(eventsProblem(['moon_rising'])).toEqual({ key: 'problem.word', values: { word: 'moon_rising' } });
});

test.each([[[]], [['backup_failed']], ['backup_failed,nas_offline'], ['${EVENTS}'], [undefined], [[...EVENTS]]])(
  '%j is a choice of events that the runtime takes',
  (saved) => {
    expect(eventsProblem(saved)).toBeNull();
  },
);
