import { describe, expect, test } from 'vitest';
import type { MonitorState } from '../../src/monitor/monitor-state';
import {
  failureCounts,
  updateHistory,
  failuresWithoutReason,
  addFailureReasons,
  type BackupHistory,
} from '../../src/monitor/backup-history';
import { MAX_RECENT_BACKUPS } from '../../src/monitor/snapshot';
import { rawResult, task } from './support/builders';

const START = 1_762_848_000;
const HOUR = 3600;

/** DSM's result status numbers: 0 is no result, and 99 stands for an unknown number; a running backup has no end. */
const CODES = {
  none: 0,
  running: 1,
  success: 2,
  partial: 3,
  failed: 4,
  cancelled: 5,
  no_backup: 6,
  unknown: 99,
} as const;
type Ending = keyof typeof CODES;

/** A backup of an hour, the so manieth of its task. */
function end(id: number, ending: Ending = 'success', fields: { transfered_bytes?: number } = {}) {
  const time_start = START + id * 24 * HOUR;
  const time_end = ending === 'running' ? 0 : time_start + HOUR;
  return rawResult({ result_id: id, status: CODES[ending], time_start, time_end, ...fields });
}

const timeOf = (id: number): string | null => end(id).endedAt;

/** The history of a task after polls that each found these finished backups, oldest first. */
function after(polls: Ending[][]): BackupHistory {
  let known: BackupHistory | undefined;
  let id = 0;
  for (const endings of polls) {
    const results = endings.map((ending) => end((id += 1), ending));
    const finished = known === undefined ? [] : results;
    known = updateHistory(task(null, results.at(-1) ?? null), known, { results, finished, isHidden: false });
  }
  return known!;
}

describe('a task fails', () => {
  test.each<[string, Ending[][], boolean | null]>([
    ['not, when it never ran', [[]], false],
    ['not, when its only end is a success', [['success']], false],
    ['when its only end is a failure', [['failed']], true],
    ['perhaps, when its only end was cancelled', [['cancelled']], null],
    ['perhaps, when its only end is partial', [['partial']], null],
    ['perhaps, when there was only nothing to back up', [['no_backup']], null],
    ['perhaps, when its first known run goes on', [['running']], null],
    ['perhaps, when its only end is none yet', [['none']], null],
    ['when its end is unknown', [['unknown']], true],
    ['by the newest end that decides', [['failed', 'success', 'cancelled']], false],
    ['still, when the next one was cancelled', [['failed'], ['cancelled']], true],
    ['still, when the next one was partial', [['failed'], ['partial']], true],
    ['still, when there was nothing to back up', [['failed'], ['no_backup']], true],
    ['no more after a success', [['failed'], ['success']], false],
    ['from a failure on', [['success'], ['failed']], true],
    ['from an unknown end on', [['success'], ['unknown']], true],
    ['not, though one was cancelled', [['success'], ['cancelled']], false],
    ['not, though one was partial', [['success'], ['partial']], false],
    ['by the last of several at once', [['success'], ['failed', 'success', 'failed']], true],
    ['as soon as an end decides it, when it was unknown', [['cancelled'], ['partial'], ['failed']], true],
    ['not, as soon as an end decides it', [['cancelled'], ['success']], false],
    ['perhaps, as long as no end decides it', [['cancelled'], ['cancelled'], []], null],
    ['as before while nothing ends', [['failed'], [], []], true],
  ])('%s', (_name, polls, failing) => {
    expect(after(polls).failing).toBe(failing);
  });

  test('by newly finished backups alone: an old one in the log does not matter', () => {
    const failing = updateHistory(task(null, end(2, 'failed')), undefined, {
      results: [end(2, 'failed')],
      finished: [],
      isHidden: false,
    });
    const found = { results: [end(1), end(2, 'failed')], finished: [], isHidden: false };
    expect(updateHistory(task(null, end(2, 'failed')), failing, found).failing).toBe(true);
  });
});

test.each<[string, Ending[][], number | null]>([
  ['are none before the first run', [[]], 0],
  ['are none after a success', [['success'], ['failed'], ['success']], 0],
  ['are counted from the last success', [['failed', 'success', 'failed', 'failed']], 2],
  ['are counted further', [['success'], ['failed'], ['failed', 'unknown'], ['failed']], 4],
  ['count neither cancelled nor partial runs', [['success'], ['failed'], ['cancelled'], ['partial'], ['no_backup']], 1],
  ['are unknown without a success before them', [['failed'], ['failed']], null],
  ['are known as soon as a backup succeeds', [['failed'], ['success'], ['failed']], 1],
  ['go beyond the stored backups', [['success'], ...Array.from({ length: 9 }, (): Ending[] => ['failed'])], 9],
])('failures in a row %s', (_name, polls, count) => {
  expect(after(polls).failuresInRow).toBe(count);
});

test('failures in a row are unknown once a later job hides the first backup', () => {
  const never = updateHistory(task(null, null), undefined, { results: [], finished: [], isHidden: false });
  const hidden = updateHistory(task(null, null), never, { results: [], finished: [], isHidden: true });
  expect([never.failuresInRow, hidden.failuresInRow]).toEqual([0, null]);
});

describe('a task without a known finished backup', () => {
  const nothing = { results: [], finished: [] };
  const never = updateHistory(task(null, null), undefined, { ...nothing, isHidden: false });

  test.each([
    { name: 'never ran, when no job of it did', known: undefined, isHidden: false, failing: false },
    { name: 'is unknown, when a later job hides its backups', known: undefined, isHidden: true, failing: null },
    {
      name: 'is unknown, when it is unknown whether a job hides its backups',
      known: undefined,
      isHidden: null,
      failing: null,
    },
    {
      name: 'is unknown, when a job hides the first backup that ever ran',
      known: never,
      isHidden: true,
      failing: null,
    },
    { name: 'stays as it was, when that is unknown', known: never, isHidden: null, failing: false },
  ])('$name', ({ known, isHidden, failing }) => {
    expect(updateHistory(task(null, null), known, { ...nothing, isHidden }).failing).toBe(failing);
  });
});

describe('the last success', () => {
  test.each<[string, Ending[][], number | null]>([
    ['is unknown before there is one', [[]], null],
    ['is unknown when only failures are known', [['failed'], ['partial']], null],
    ['is the newest', [['success', 'success']], 2],
    ['stays while others end otherwise', [['success'], ['failed'], ['cancelled'], ['partial']], 1],
    ['is the next one when it comes', [['success'], ['failed'], ['success']], 3],
  ])('%s', (_name, polls, id) => {
    expect(after(polls).lastSuccessAt).toBe(id === null ? null : timeOf(id));
  });

  test('is that of the task when it is newer', () => {
    const older = after([['success']]);
    const own = { ...task(null, null), lastSuccessAt: timeOf(9) };
    expect(updateHistory(own, older, { results: [], finished: [], isHidden: false }).lastSuccessAt).toBe(timeOf(9));
    const before = { ...own, lastSuccessAt: timeOf(0) };
    expect(updateHistory(before, older, { results: [], finished: [], isHidden: false }).lastSuccessAt).toBe(timeOf(1));
  });
});

describe('the recent backups', () => {
  const idsOf = ({ recent }: BackupHistory): (number | null)[] => recent.map(({ id }) => id);

  test('are the ended ones, newest first, and no more than so many', () => {
    expect(idsOf(after([['success', 'failed'], ['cancelled'], ['no_backup', 'running'], []]))).toEqual([4, 3, 2, 1]);
    expect(idsOf(after([['success', 'none'], ['none']]))).toEqual([1]);
    const many = after([Array<Ending>(4).fill('success'), ['partial'], ['failed', 'success']]);
    expect(idsOf(many)).toEqual([7, 6, 5, 4, 3]);
    expect(many.recent).toHaveLength(MAX_RECENT_BACKUPS);
  });

  test('leave out what was no backup', () => {
    const deletion = rawResult({ result_id: 3, job_action: 131072, time_start: START, time_end: START + HOUR });
    expect(
      updateHistory(task(null, null), undefined, { results: [deletion, end(1)], finished: [], isHidden: false }).recent,
    ).toMatchObject([{ id: 1 }]);
  });

  test('hold each backup once, in any order, however often it is found', () => {
    const results = [end(2), end(1), end(3), end(2), end(1)];
    const first = updateHistory(task(null, end(3)), undefined, { results, finished: [], isHidden: false });
    expect(idsOf(first)).toEqual([3, 2, 1]);
    expect(updateHistory(task(null, end(3)), first, { results, finished: [], isHidden: false })).toEqual(first);
  });

  test('hold only the fields of a snapshot', () => {
    expect(Object.keys(after([['success']]).recent[0]!).sort()).toEqual(
      [
        ...['id', 'status', 'statusCode', 'startedAt', 'endedAt', 'durationSeconds', 'transferredBytes'],
        ...['successCount', 'warningCount', 'errorCount', 'reason'],
      ].sort(),
    );
  });

  test('keep stored fields, and fill in the bytes, which the log does not contain', () => {
    const fromLog = updateHistory(task(null, null), undefined, {
      results: [end(1, 'failed')],
      finished: [],
      isHidden: false,
    });
    const known = { ...fromLog, recent: [{ ...fromLog.recent[0]!, reason: 'The disk is full' }] };
    const own = end(1, 'failed', { transfered_bytes: 77 });
    const both = updateHistory(task(null, own), known, { results: [own], finished: [], isHidden: false });
    expect(both.recent).toEqual([{ ...known.recent[0], transferredBytes: 77 }]);
    expect(
      updateHistory(task(null, null), both, { results: [end(1, 'failed')], finished: [], isHidden: false }),
    ).toEqual(both);
  });
});

describe('reasons', () => {
  /** Memories of tasks with these backups, each in days of its own. */
  function stored(...tasks: Ending[][]): MonitorState['tasks'] {
    const rest = {
      uuid: null,
      name: null,
      activeSince: null,
      since: timeOf(1)!,
      overdue: false,
      timing: null,
      failuresInRow: 0,
      transferredBytes: 0,
      missedPolls: 0,
    };
    const entries = tasks.map((endings, index) => {
      const results = endings.map((ending, day) => end(10 * (index + 1) + day, ending));
      return [
        String(index + 1),
        { ...rest, ...updateHistory(task(null, null), undefined, { results, finished: [], isHidden: false }) },
      ] as const;
    });
    return Object.fromEntries(entries);
  }

  test('are missing for the newest failed or partial backup of each task, newest first', () => {
    const tasks = stored(['failed', 'success'], ['success', 'cancelled'], ['failed', 'partial'], ['failed'], []);
    expect(failuresWithoutReason(tasks, 20).map(({ id }) => id)).toEqual([40, 31, 10]);
    expect(failuresWithoutReason(tasks, 2).map(({ id }) => id)).toEqual([40, 31]);
  });

  test('are stored, and no longer missing', () => {
    const tasks = stored(['failed', 'partial'], ['failed'], ['success']);
    const asked = failuresWithoutReason(tasks, 20).map((each) => ({ ...each, reason: `Reason ${each.id}` }));
    const known = addFailureReasons(tasks, asked);
    const reasons = Object.values(known).map(({ recent }) => recent.map(({ reason }) => reason));
    expect(reasons).toEqual([['Reason 11', null], ['Reason 20'], [null]]);
    expect(failuresWithoutReason(known, 20)).toEqual([]);
  });

  test('that are unknown change nothing', () => {
    const tasks = stored(['failed']);
    expect(addFailureReasons(tasks, failuresWithoutReason(tasks, 20))).toBe(tasks);
  });
});

test.each<[before: number | null, after: number | null, finished: Ending[], counts: (number | null)[]]>([
  [0, 2, ['failed', 'unknown'], [1, 2]],
  [1, 1, ['failed', 'success', 'failed'], [2, 0, 1]],
  [2, 3, ['cancelled', 'partial', 'failed'], [2, 2, 3]],
  [null, 3, ['failed', 'failed'], [2, 3]],
  [null, 1, ['failed', 'success', 'failed'], [null, 0, 1]],
  [null, null, ['failed'], [null]],
])(
  'with %j failures before and %j after them, these backups %j have the counts %j',
  (before, later, endings, counts) => {
    const finished = endings.map((ending, index) => end(index, ending));
    const known = failureCounts(before, later, finished);
    expect(finished.map((backup) => known.get(backup))).toEqual(counts);
  },
);
