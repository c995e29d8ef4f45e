import { describe, expect, test } from 'vitest';
import * as codes from '../../src/active-backup/codes';
import { ACTIVE_BACKUP_ERRORS } from '../../src/active-backup/errors';
import { LOG_TYPE, RESULT_ERROR } from '../../src/active-backup/log-types';

const { nameToCode: codeOf, hasFlag, codeToName: wordOf } = codes;

const TABLES: Record<string, codes.Codes> = { LOG_TYPE, RESULT_ERROR };
for (const [name, table] of Object.entries(codes)) if (isTable(table)) TABLES[name] = table;

function isTable(value: unknown): value is codes.Codes {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

test('there are tables', () => {
  expect(Object.keys(TABLES).sort()).toEqual([
    'BACKUP_TYPE',
    'FS_TYPE',
    'JOB_ACTION',
    'LOG_LEVEL',
    'LOG_TYPE',
    'PLATFORM',
    'RELINK_STATE',
    'RESULT_ERROR',
    'RESULT_STATUS',
    'RUNNING_TASK_STATUS',
    'SOURCE_TYPE',
    'STORAGE_COMPRESSION',
    'STORAGE_ENCRYPTION',
    'VERSION_STATUS',
  ]);
});

describe.each(Object.entries(TABLES))('%s', (_name, table) => {
  test('is frozen', () => {
    expect(Object.isFrozen(table)).toBe(true);
  });

  test.each(Object.entries(table))('%s is "%s", and back', (code, word) => {
    expect(wordOf(table, Number(code))).toBe(word);
    expect(word).not.toBe('unknown');
    expect(table[codeOf(table, word) ?? NaN]).toBe(word);
  });

  test.each([null, 99_999, -99_999, 1.5, NaN])('%s is unknown', (code) => {
    expect(wordOf(table, code)).toBe('unknown');
  });

  test('has no number for an unknown name', () => {
    expect(codeOf(table, 'no such word')).toBeNull();
    expect(codeOf(table, 'toString')).toBeNull();
  });
});

test.each([
  // docs/facts/dsm.md §3.1–§3.4, the numbers on which several sources agree
  [codes.BACKUP_TYPE, 'vm pc physical_server file_server nas', [1, 2, 3, 4, 5]],
  [codes.RESULT_STATUS, 'none incomplete success partial failed cancelled no_backup', [0, 1, 2, 3, 4, 5, 6]],
  [codes.RUNNING_TASK_STATUS, 'queued running pausing cancelling', [0, 1, 2, 3]],
  [codes.PLATFORM, 'none windows linux macos dsm', [0, 1, 2, 3, 4]],
  [codes.JOB_ACTION, 'backup restore delete_version', [1, 128, 131_072]],
])('the numbers of a table are those of DSM', (table, words, numbers) => {
  expect(words.split(' ').map((word) => codeOf(table, word))).toEqual(numbers);
});

test('the names are those of docs/interface.md §4', () => {
  expect(codes.TASK_TYPES).toEqual(['vm', 'pc', 'physical_server', 'file_server', 'nas', 'unknown']);
  expect(codes.TASK_STATES).toEqual(['idle', 'queued', 'running', 'pausing', 'cancelling', 'unknown']);
  expect(codes.RESULT_STATUSES).toEqual([
    'success',
    'partial',
    'failed',
    'cancelled',
    'no_backup',
    'running',
    'none',
    'unknown',
  ]);
});

test('every status of a result is in the model, except the one resolved by its times', () => {
  const words: readonly string[] = codes.RESULT_STATUSES;
  expect(Object.values(codes.RESULT_STATUS).filter((word) => !words.includes(word))).toEqual(['incomplete']);
});

test.each([
  [1, 1, true],
  [3, 1, true],
  [2, 1, false],
  [131_072, 131_072, true],
  [131_073, 1, true],
  [2 ** 40 + 1, 1, true],
  [2 ** 32, 1, false],
  [0, 1, false],
  [-1, 1, false],
])('%d has the flag %d: %s', (code, flag, expected) => {
  expect(hasFlag(code, flag)).toBe(expected);
});

describe('error numbers of Active Backup', () => {
  const rows = Object.entries(ACTIVE_BACKUP_ERRORS);
  const numbersOf = (error: string): number[] =>
    rows.filter(([, row]) => row.error === error).map(([code]) => Number(code));

  test('missing permissions, temporary errors, and all others', () => {
    expect(numbersOf('EPERMISSION')).toEqual([1011, 1014, 1036]);
    expect(numbersOf('EBUSY')).toEqual([1006, 1007, 1031]);
    expect(numbersOf('EABB')).toHaveLength(rows.length - 6);
  });

  test.each(rows)('%s has a message that fits into a sentence', (_code, { message: words }) => {
    expect(words).toMatch(/^(?:[a-z]|Active Backup )/);
    expect(words).not.toMatch(/[.\n]$|undefined/);
    expect(words.length).toBeGreaterThan(15);
  });

  test.each([
    [1010, /no such task/],
    [1104, /backup window/],
    [4005, /already running/],
    [4007, /already running/],
    [5001, /offline/],
    [3001, /could not be reached/],
    [3002, /account/],
    [3052, /hypervisor/],
    [4055, /file server/],
    [6004, /password/],
    [6030, /agent/],
  ])('%d means %s', (code, words) => {
    expect(ACTIVE_BACKUP_ERRORS[code]?.message).toMatch(words);
  });

  test('unpublished numbers have no row', () => {
    for (const code of [0, 100, 1000, 1032, 3053, 4007.5, 9999]) expect(ACTIVE_BACKUP_ERRORS[code]).toBeUndefined();
  });
});
