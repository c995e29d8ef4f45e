import { describe, expect, test } from 'vitest';
import type { Task } from '../../src/active-backup/types';
import { selectTasks, parseSelection } from '../../src/active-backup/task-selection';
import { namesIn, matchItems, SHOWN_ROWS, type PickerItem, type InsertMode } from '../../src/editor/picker/matching';

const IDS: InsertMode = { writes: 'value', isList: true };
const NAMES: InsertMode = { writes: 'label', isList: true };
const ONE: InsertMode = { writes: 'value', isList: false };

const NAMED = ['Reception PC', 'PC 12', 'Finance, EU', 'finance PCs', '*', 'Lab "<b>"'];
const TASKS: PickerItem[] = NAMED.map((label, index) => ({ value: index + 1, label }));

const texts = (text: string, way: InsertMode, isBrowsing = false): string[] =>
  matchItems(TASKS, text, way, isBrowsing).rows.map((row) => row.text);

describe('what fits', () => {
  test.each([
    ['an id, before a name that begins with it', '1', IDS, ['1', '2']],
    ['part of a name, whatever its case', 'FIN', IDS, ['3', '4']],
    ['what begins with it, before what has it inside', 'pc', IDS, ['2', '1', '4']],
    ['the last of several entries', '6,  fin', IDS, ['6, 3', '6, 4']],
    ['nothing that is there already', '3, fin', IDS, ['3, 4']],
    ['a name', 'rec', NAMES, ['Reception PC']],
    ['a name with a comma, as a glob', 'eu', NAMES, ['Finance? EU']],
    ['one id in place of the other', 'rec', ONE, ['1']],
    ['nothing', 'zzz', IDS, []],
    ['a list as JSON: nothing', '[1, 2', IDS, []],
  ])('%s', (_, text, way, expected) => expect(texts(text, way)).toEqual(expected));

  test('all, to add to what is there, when a person asks for the list', () => {
    expect(texts('1, 2', IDS, true)).toEqual(['1, 2, 3', '1, 2, 4', '1, 2, 5', '1, 2, 6']);
    expect(texts('', IDS, true)).toHaveLength(TASKS.length);
    expect(texts('1', ONE, true)).toHaveLength(TASKS.length);
  });

  test('no more rows than anybody reads, and how many are left', () => {
    const many = Array.from({ length: 500 }, (__, index) => ({ value: index + 1, label: `PC ${index + 1}` }));
    const { rows, more } = matchItems(many, '', IDS, true);
    expect([rows.length, more]).toEqual([SHOWN_ROWS, 500 - SHOWN_ROWS]);
  });

  test('an id that nothing has is known as such, so that no other takes its place', () => {
    const isUnknown = (text: string): boolean => matchItems(TASKS, text, IDS, false).isUnknownId;
    expect([isUnknown('12'), isUnknown('1, 7'), isUnknown('2'), isUnknown('PC')]).toEqual([true, true, false, false]);
  });
});

test('every name that is picked means its task to the runtime, alone and beside others', () => {
  const tasks = TASKS.map(({ value, label }) => ({ id: value, name: label }) as Task);
  for (const { value } of TASKS) {
    const index = Number(value) - 1;
    const alone = texts('', NAMES, true)[index] ?? '';
    expect(selectTasks(tasks, parseSelection(alone, 'x')).map(({ id }) => id)).toEqual([value]);
    if (value === 1) continue;
    const beside = texts('Reception PC', NAMES, true)[index - 1] ?? '';
    expect(selectTasks(tasks, parseSelection(beside, 'x')).map(({ id }) => id)).toEqual([1, value]);
  }
});

test('ids are called by their names', () => {
  expect(namesIn(TASKS, '1, 99, x', IDS)).toEqual([
    { entry: '1', name: 'Reception PC' },
    { entry: '99', name: null },
  ]);
  expect(namesIn(TASKS, '', IDS)).toEqual([]);
});
