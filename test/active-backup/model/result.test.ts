import { describe, expect, test } from 'vitest';
import { isBackup, parseResult, parseResults } from '../../../src/active-backup/model/result';

const START = 1_762_848_003;
const END = START + 522;

test.each([
  { status: 0, word: 'none' },
  { status: 2, word: 'success' },
  { status: 3, word: 'partial' },
  { status: 4, word: 'failed' },
  { status: 5, word: 'cancelled' },
  { status: 6, word: 'no_backup' },
  { status: 8, word: 'unknown' },
  { status: -1, word: 'unknown' },
  { status: '2', word: 'success' },
  { status: 'success', word: 'unknown' },
  { status: null, word: 'unknown' },
])('status $status is $word, with or without an end', ({ status, word }) => {
  for (const time_end of [END, 0]) {
    expect(parseResult({ status, time_start: START, time_end }).status).toBe(word);
  }
});

test.each([
  { time_end: 0, word: 'running', endedAt: null },
  { time_end: null, word: 'running', endedAt: null },
  { time_end: undefined, word: 'running', endedAt: null },
  { time_end: -1, word: 'running', endedAt: null },
  { time_end: START - 1, word: 'running', endedAt: null },
  { time_end: END, word: 'failed', endedAt: '2025-11-11T08:08:45.000Z' },
])('status 1 with the end $time_end is $word', ({ time_end, word, endedAt }) => {
  const result = parseResult({ status: 1, time_start: START, time_end });
  expect(result).toMatchObject({ status: word, statusCode: 1, endedAt });
});

test.each([
  [START, END, 522],
  [String(START), String(END), 522],
  [START, START, 0],
  [START, START - 5, null],
  [START, 0, null],
  [0, END, null],
  [null, null, null],
  [START, 'soon', null],
])('a run from %j to %j lasts %j seconds', (time_start, time_end, seconds) => {
  expect(parseResult({ time_start, time_end }).durationSeconds).toBe(seconds);
});

describe('the action of a job', () => {
  test.each([
    [1, 'backup', true],
    [128, 'restore', false],
    [131_072, 'delete_version', false],
    [131_073, 'backup', true],
    [2 ** 40, 'unknown', false],
    [0, 'unknown', false],
    [null, 'unknown', true],
  ])('job_action %j is %s', (job_action, action, backup) => {
    const result = parseResult({ job_action });
    expect(result).toMatchObject({ action, actionCode: job_action });
    expect(isBackup(result.actionCode)).toBe(backup);
  });
});

test('invalid numbers are null, never 0', () => {
  const raw = {
    result_id: 'abc',
    task_id: 1.5,
    transfered_bytes: -1,
    success_count: NaN,
    warning_count: '',
    error_count: {},
  };
  expect(parseResult(raw)).toMatchObject({
    id: null,
    taskId: null,
    transferredBytes: null,
    successCount: null,
    warningCount: null,
    errorCount: null,
  });
});

test.each([null, undefined, 5, 'x', [], {}, { results: null }, { results: {} }, { results: [null, 1] }])(
  '%j holds no results',
  (data) => {
    expect(parseResults(data)).toEqual([]);
  },
);
