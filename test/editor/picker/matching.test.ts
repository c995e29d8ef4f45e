import { describe, expect, test } from 'vitest';
import type { Task } from '../../../src/active-backup/types';
import { selectTasks, parseSelection } from '../../../src/active-backup/task-selection';
import { labelsOfIds, matchItems, MAX_ROWS, type InsertMode } from '../../../src/editor/picker/matching';
import type { PickerItem } from '../../../src/node-red/admin/responses';

const IDS: InsertMode = { writes: 'value', isList: true };
const NAMES: InsertMode = { writes: 'label', isList: true };
const ONE: InsertMode = { writes: 'value', isList: false };

const NAMED = ['Reception PC', 'PC 12', 'Finance, EU', 'finance PCs', '*', 'Lab "<b>"'];
const TASKS: PickerItem[] = NAMED.map((label, index) => ({ value: index + 1, label }));

const texts = (text: string, mode: InsertMode, isBrowsing = false): string[] =>
  matchItems(TASKS, text, mode, isBrowsing).rows.map((row) => row.text);

describe('matches', () => {
  test.each([
    ['an id, before a name that begins with it', '1', IDS, ['1', '2']],
    ['part of a name, whatever its case', 'FIN', IDS, ['3', '4']],
    ['names that begin with the text, before names that contain it', 'pc', IDS, ['2', '1', '4']],
    ['the last of several entries', '6,  fin', IDS, ['6, 3', '6, 4']],
    ['no item that the field already holds', '3, fin', IDS, ['3, 4']],
    ['a name', 'rec', NAMES, ['Reception PC']],
    ['a name with a comma, as a glob', 'eu', NAMES, ['Finance? EU']],
    ['one id in place of the other', 'rec', ONE, ['1']],
    ['nothing', 'zzz', IDS, []],
    ['a list as JSON: nothing', '[1, 2', IDS, []],
  ])('%s', (_, text, mode, expected) => expect(texts(text, mode)).toEqual(expected));

  test('all items, to be added, when the user opens the list', () => {
    expect(texts('1, 2', IDS, true)).toEqual(['1, 2, 3', '1, 2, 4', '1, 2, 5', '1, 2, 6']);
    expect(texts('', IDS, true)).toHaveLength(TASKS.length);
    expect(texts('1', ONE, true)).toHaveLength(TASKS.length);
  });

  test('a limited number of rows, and the number of further matches', () => {
    const many = Array.from({ length: 500 }, (__, index) => ({ value: index + 1, label: `PC ${index + 1}` }));
    const { rows, more } = matchItems(many, '', IDS, true);
    expect([rows.length, more]).toEqual([MAX_ROWS, 500 - MAX_ROWS]);
  });

  test('an id that no item has is reported, so that picking does not replace it', () => {
    const isUnknown = (text: string): boolean => matchItems(TASKS, text, IDS, false).isUnknownId;
    expect([isUnknown('12'), isUnknown('1, 7'), isUnknown('2'), isUnknown('PC')]).toEqual([true, true, false, false]);
  });
});

test('the runtime selects the task of every picked name, alone and in a list', () => {
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

test('ids are listed with the labels of their items', () => {
  expect(labelsOfIds(TASKS, '1, 99, x', IDS)).toEqual([
    { id: '1', label: 'Reception PC' },
    { id: '99', label: null },
  ]);
  expect(labelsOfIds(TASKS, '', IDS)).toEqual([]);
});
