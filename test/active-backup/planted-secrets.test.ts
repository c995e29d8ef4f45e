import { describe, expect, test } from 'vitest';
import { METHODS, type Method } from '../../src/active-backup/methods';
import { selectTasks, parseSelection, parseTaskIds } from '../../src/active-backup/task-selection';
import { filterTasks } from '../../src/active-backup/filter';
import { parseParameters } from '../../src/active-backup/parameters';
import { DsmError } from '../../src/dsm/errors';

const SECRET = 'hunter2';
/** A password in every shape that a field may hold. */
const PLANTED: readonly unknown[] = [
  SECRET,
  `${SECRET}!`,
  [SECRET],
  [1, SECRET],
  { password: SECRET },
  [{ [SECRET]: 1 }],
  `["${SECRET}`,
  `{"key": "${SECRET}"`,
  `1, ${SECRET}`,
  ['', SECRET],
  [SECRET, NaN],
  { [SECRET]: 1n },
  Buffer.from(SECRET),
  Symbol(SECRET),
];

/** What an error says, with its cause; nothing when the value is taken. */
function saidOf(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    if (error instanceof DsmError) return `${error.message} ${JSON.stringify(error.cause ?? null)}`;
    throw error;
  }
}

describe('a password in the wrong field is in no error', () => {
  test.each(Object.entries<Method>(METHODS))('of any parameter of %s', (_name, row) => {
    const required = Object.fromEntries(
      Object.entries(row.parameters).map(([name, { type }]) => [name, type === 'string' ? 'x' : 1]),
    );
    for (const name of [...Object.keys(row.parameters), 'extra', SECRET, `${SECRET}!`]) {
      for (const value of PLANTED) {
        const said = [{ [name]: value }, { ...required, [name]: value }].map((given) =>
          saidOf(() => parseParameters(row, given)),
        );
        expect(said.join('\n')).not.toContain(SECRET);
      }
    }
    for (const value of PLANTED) expect(saidOf(() => parseParameters(row, value))).not.toContain(SECRET);
  });

  test('of task ids', () => {
    const said = PLANTED.map((value) => saidOf(() => parseTaskIds(value, 'The field "Tasks"')));
    expect(said.every((text) => text.includes('task ids'))).toBe(true);
    expect(said.join('\n')).not.toContain(SECRET);
  });

  test('of a choice of tasks, where its type is wrong', () => {
    const odd = [[{ password: SECRET }], [[SECRET]], { password: SECRET }, Symbol(SECRET), Buffer.from(SECRET)];
    const said = odd.map((value) => saidOf(() => parseSelection(value, 'msg.tasks')));
    expect(said.every((text) => text !== '')).toBe(true);
    expect(said.join('\n')).not.toContain(SECRET);
  });

  test('of a filter', () => {
    const keys = ['type', 'state', 'result', 'name'];
    const said = PLANTED.flatMap((value) => [
      ...keys.map((key) => saidOf(() => filterTasks([], { [key]: value }, new Map()))),
      saidOf(() => filterTasks([], value, new Map())),
    ]);
    expect(said.join('\n')).not.toContain(SECRET);
  });
});

test('a task that is not found is named, since that is what its message is about', () => {
  expect(saidOf(() => selectTasks([], parseSelection('PC Anna', 'msg.tasks')))).toContain(
    'No backup task is called "PC Anna"',
  );
});
