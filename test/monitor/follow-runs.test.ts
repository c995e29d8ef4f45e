import { describe, expect, test } from 'vitest';
import type { Result, Task, TaskListing } from '../../src/active-backup/types';
import { DsmError, type ErrorCode } from '../../src/dsm/errors';
import { followRuns, type UnfinishedRun } from '../../src/monitor/follow-runs';
import { trackStarted } from '../../src/monitor/run-tracker';
import type { PollListener, PollResult } from '../../src/monitor/poller';
import { rawResult, result, task } from './support/builders';

const START = new Date('2026-11-10T12:30:00Z');
const MINUTE_MS = 60_000;

type LogResponse = readonly Result[] | ErrorCode;

interface Step {
  readonly tasks: readonly Task[];
  /** The job that hides the last backup of task 1; default: none. */
  readonly job?: number;
  /** The response of the log; default: no rows. */
  readonly log?: LogResponse;
  /** When the poll was made, after the start; default: a minute after the one before. */
  readonly afterMs?: number;
}

/** A task whose last backup is hidden by a deletion of versions. */
const hidden = (job: number, running: number | null = null): { tasks: Task[]; job: number } => ({
  tasks: [task(running, null)],
  job,
});

const listingOf = ({ tasks, job }: Pick<Step, 'tasks' | 'job'>): TaskListing => ({
  tasks,
  laterJobs: new Map(job === undefined ? [] : [[1, rawResult({ result_id: job, job_action: 16 })]]),
});

/** Follows the start of one task through some polls. @returns what was reported, in order, and the runs without an end */
async function follow(
  before: Pick<Step, 'tasks' | 'job'>,
  steps: readonly Step[],
): Promise<{ reported: string[]; lost: UnfinishedRun[] }> {
  const { tasks, laterJobs } = listingOf(before);
  const reported: string[] = [];
  const stop = new AbortController();
  let listener: PollListener = () => undefined;
  let log: LogResponse = [];
  const done = followRuns({
    runs: tasks.map((task) => trackStarted(task, laterJobs)),
    since: START,
    poller: {
      subscribe: (each) => {
        listener = each;
        return () => undefined;
      },
    },
    readResults: () =>
      typeof log === 'string' ? Promise.reject(new DsmError(log, 'no answer')) : Promise.resolve([...log]),
    onProgress: () => void reported.push('progress'),
    onEnd: (_task, { id, status }) => void reported.push(`end ${id} ${status}`),
    startTimeoutMs: 30_000,
    signal: stop.signal,
  });
  for (const [index, step] of steps.entries()) {
    log = step.log ?? [];
    const at = new Date(START.getTime() + (step.afterMs ?? (index + 1) * MINUTE_MS));
    listener({ at, ...listingOf(step) } satisfies PollResult);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stop.abort();
  return { reported, lost: await done };
}

const STILL = [{ taskId: 1, why: 'still-running' }];

describe('a run whose task hides its last backup behind a deletion of versions', () => {
  const yesterday = result(600);

  test('does not end with the backup of yesterday if the log denied access before the start', async () => {
    const steps = [{ tasks: [task(1, yesterday)], job: 601, log: [yesterday] }, { tasks: [task(null, result(602))] }];
    expect(await follow(hidden(601), steps)).toEqual({ reported: ['progress', 'end 602 success'], lost: [] });
  });

  test('does not count as lost while the log, which contains the new job, cannot be read', async () => {
    const steps: Step[] = [
      hidden(601, 1),
      ...Array.from({ length: 5 }, (): Step => ({ ...hidden(603), log: 'EBUSY' })),
      { ...hidden(603), log: [yesterday, result(602, 4)] },
    ];
    expect(await follow(hidden(601), steps)).toEqual({ reported: ['progress', 'end 602 failed'], lost: [] });
  });
});

describe('a log that cannot be read when there is a new result', () => {
  const before = { tasks: [task(null, result(10))] };

  test('delays the end, because the result may belong to a later run', async () => {
    const steps: Step[] = [
      { tasks: [task(null, result(12))], log: 'EBUSY' },
      { tasks: [task(null, result(12))], log: 'EUNREACHABLE' },
      { tasks: [task(null, result(12))], log: [result(11, 4), result(12)] },
    ];
    expect((await follow(before, steps)).reported).toEqual(['end 11 failed']);
  });

  test('is ignored after three polls: the last result of the task then decides', async () => {
    const steps = Array.from({ length: 3 }, (): Step => ({ tasks: [task(null, result(11))], log: 'EBUSY' }));
    expect((await follow(before, steps)).reported).toEqual(['end 11 success']);
  });

  test.each(['EPERMISSION', 'EUNSUPPORTED', 'EPACKAGE'] as const)('and never will (%s) delays nothing', async (log) => {
    expect((await follow(before, [{ tasks: [task(null, result(11))], log }])).reported).toEqual(['end 11 success']);
  });

  test('does not stop reports of progress', async () => {
    const steps: Step[] = [{ tasks: [task(1, result(11, 1))], log: 'EBUSY' }];
    expect(await follow(before, steps)).toEqual({ reported: ['progress'], lost: STILL });
  });
});

describe('a task missing in the list', () => {
  const before = { tasks: [task(null, result(10))] };
  const others = [task(null, null, 2)];

  test('once or twice is still followed', async () => {
    const steps = [
      { tasks: [task(1, result(10))] },
      { tasks: [] },
      { tasks: others },
      { tasks: [task(null, result(11))] },
    ];
    expect(await follow(before, steps)).toEqual({ reported: ['progress', 'end 11 success'], lost: [] });
  });

  test('three times in a row counts as removed', async () => {
    const steps = [{ tasks: others }, { tasks: others }, { tasks: others }];
    expect(await follow(before, steps)).toEqual({ reported: [], lost: [{ taskId: 1, why: 'removed' }] });
  });
});

describe('a change of the clock of Node-RED', () => {
  const before = { tasks: [task(null, result(10))] };

  test.each([
    { by: 'back by half an hour', afterMs: -30 * MINUTE_MS },
    { by: 'back by a year', afterMs: -365 * 24 * 60 * MINUTE_MS },
    { by: 'ahead by a year', afterMs: 365 * 24 * 60 * MINUTE_MS },
  ])('$by just after the start delays neither progress nor end', async ({ afterMs }) => {
    const steps = [null, 1, 1].map((running) => ({ tasks: [task(running, result(10))], afterMs }));
    const end = { tasks: [task(null, result(11))], afterMs };
    expect(await follow(before, [...steps, end])).toEqual({
      reported: ['progress', 'progress', 'end 11 success'],
      lost: [],
    });
  });

  test('does not use up the start timeout', async () => {
    const steps = [
      { ...before, afterMs: 1000 },
      { ...before, afterMs: 24 * 60 * MINUTE_MS },
      { tasks: [task(1, result(10))], afterMs: 24 * 60 * MINUTE_MS + 5000 },
    ];
    expect(await follow(before, steps)).toEqual({ reported: ['progress'], lost: STILL });
  });

  test('skips a first poll that was sent before the start, and no other', async () => {
    const steps = [
      { tasks: [task(1, result(10))], afterMs: -1000 },
      { tasks: [task(1, result(10))], afterMs: -1000 },
    ];
    expect(await follow(before, steps)).toEqual({ reported: ['progress'], lost: STILL });
  });
});
