import { describe, expect, test } from 'vitest';
import { METHODS, type Method } from '../../src/active-backup/methods';
import { selectTasks, parseSelection, parseTaskIds } from '../../src/active-backup/task-selection';
import { filterTasks } from '../../src/active-backup/filter';
import { parseParameters } from '../../src/active-backup/parameters';
import { DsmError } from '../../src/dsm/errors';

const SECRET = 'hunter2';
/** A password in values of every type. */
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

/** Text of an error with its cause; empty when the value is accepted. */
function errorTextOf(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    if (error instanceof DsmError) return `${error.message} ${JSON.stringify(error.cause ?? null)}`;
    throw error;
  }
}

describe('a password in the wrong field is not in the error', () => {
  test.each(Object.entries<Method>(METHODS))('of any parameter of %s', (_name, row) => {
    const required = Object.fromEntries(
      Object.entries(row.parameters).map(([name, { type }]) => [name, type === 'string' ? 'x' : 1]),
    );
    for (const name of [...Object.keys(row.parameters), 'extra', SECRET, `${SECRET}!`]) {
      for (const value of PLANTED) {
        const text = [{ [name]: value }, { ...required, [name]: value }].map((given) =>
          errorTextOf(() => parseParameters(row, given)),
        );
        expect(text.join('\n')).not.toContain(SECRET);
      }
    }
    for (const value of PLANTED) expect(errorTextOf(() => parseParameters(row, value))).not.toContain(SECRET);
  });

  test('of task ids', () => {
    const text = PLANTED.map((value) => errorTextOf(() => parseTaskIds(value, 'The field "Tasks"')));
    expect(text.every((text) => text.includes('task ids'))).toBe(true);
    expect(text.join('\n')).not.toContain(SECRET);
  });

  test('of a task selection of the wrong type', () => {
    const odd = [[{ password: SECRET }], [[SECRET]], { password: SECRET }, Symbol(SECRET), Buffer.from(SECRET)];
    const text = odd.map((value) => errorTextOf(() => parseSelection(value, 'msg.tasks')));
    expect(text.every((text) => text !== '')).toBe(true);
    expect(text.join('\n')).not.toContain(SECRET);
  });

  test('of a filter', () => {
    const keys = ['type', 'state', 'result', 'name'];
    const text = PLANTED.flatMap((value) => [
      ...keys.map((key) => errorTextOf(() => filterTasks([], { [key]: value }, new Map()))),
      errorTextOf(() => filterTasks([], value, new Map())),
    ]);
    expect(text.join('\n')).not.toContain(SECRET);
  });
});

test('the name of a task that is not found is in its error', () => {
  expect(errorTextOf(() => selectTasks([], parseSelection('PC Anna', 'msg.tasks')))).toContain(
    'No backup task is called "PC Anna"',
  );
});
