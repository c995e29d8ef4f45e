import { describe, expect, test } from 'vitest';
import { parseTasks } from '../../src/active-backup/model/task';
import type { JsonObject } from '../../src/dsm/json';
import { initialState, isStateOfNas } from '../../src/monitor/change-detection';
import { comparison, queued, row, running, withLast, TASK, NOW, HOUR, DAY } from './support/compare-polls';

describe('a finished backup', () => {
  test.each([
    { status: 2, time: 'with an end', events: ['backup_succeeded 2'] },
    { status: 3, time: 'with an end', events: ['backup_partial 2'] },
    { status: 4, time: 'with an end', events: ['backup_failed 2'] },
    { status: 5, time: 'with an end', events: ['backup_cancelled 2'] },
    { status: 1, time: 'with an end', events: ['backup_failed 2'] },
    { status: 99, time: 'with an end', events: ['backup_failed 2'] },
    { status: 0, time: 'with an end', events: [] },
    { status: 6, time: 'with an end', events: [] },
    { status: 1, time: 'with an end of 0', events: [] },
    { status: 1, time: 'with an end before its start', events: [] },
    { status: 2, time: 'with an end of 0', events: [] },
    { status: 4, time: 'with an end before its start', events: [] },
  ])('of status $status $time: $events', ({ status, time, events }) => {
    const { poll } = comparison();
    poll({ at: NOW, tasks: [withLast(1, NOW - HOUR)] });
    const start = NOW + HOUR;
    const end = { 'with an end': start + 60, 'with an end of 0': 0, 'with an end before its start': NOW - HOUR }[time]!;
    const last = { result_id: 2, task_id: 1, status, job_action: 1, time_start: start, time_end: end };
    expect(poll({ at: NOW + 2 * HOUR, tasks: [{ ...TASK, last_result: last }] })).toEqual(events);
  });

  test('is reported when an open result gets its end', () => {
    const { poll } = comparison();
    poll({ at: NOW });
    const start = NOW + 60;
    const open = { time_start: start, status: 1 };
    const polls = [
      { at: start, tasks: [running()], log: [row(7, 0, open)] },
      { at: start + 30, tasks: [running()], log: [row(7, start - 5, open)] },
      { at: start + 90, tasks: [{ ...TASK, last_result: row(7, start + 60, { time_start: start }) }] },
      { at: start + 95, tasks: [{ ...TASK, last_result: row(7, start + 60, { time_start: start }) }] },
    ];
    expect(polls.map(poll)).toEqual([['backup_started PC'], [], ['backup_succeeded 7'], []]);
  });

  test('is reported once, whether the task, the log or both contain it, repeatedly, and after restarts', () => {
    const { poll, restart } = comparison();
    const end = NOW + HOUR;
    poll({ at: NOW, tasks: [withLast(1, NOW - HOUR)], log: [row(1, NOW - HOUR)] });
    expect(poll({ at: end + 60, tasks: [withLast(2, end)], log: [row(1, NOW - HOUR), row(2, end)] })).toEqual([
      'backup_succeeded 2',
    ]);
    expect(poll({ at: end + 120, tasks: [withLast(2, end)] })).toEqual([]);
    restart();
    expect(poll({ at: end + 180, tasks: [withLast(2, end)], log: [row(2, end), row(1, NOW - HOUR)] })).toEqual([]);
    expect(poll({ at: end + 30 * DAY, tasks: [withLast(2, end)], log: [row(1, NOW - HOUR), row(2, end)] })).toEqual([]);
    expect(poll({ at: end + 31 * DAY, tasks: [withLast(2, end)], log: [row(1, NOW - HOUR), row(2, end)] })).toEqual([]);
  });

  test('has the result of the task, which alone contains the bytes', () => {
    const { poll, events } = comparison();
    poll({ at: NOW });
    poll({ at: NOW + 60, tasks: [withLast(2, NOW + 50, { transfered_bytes: 77 })], log: [row(2, NOW + 50)] });
    expect(events()).toMatchObject([
      {
        at: '2026-03-01T12:00:50.000Z',
        result: { id: 2, transferredBytes: 77 },
        task: { id: 1, lastResult: { id: 2 } },
      },
    ]);
  });

  test('is late when it finished before the first poll after a restart', () => {
    const { poll, restart } = comparison();
    poll({ at: NOW });
    restart();
    expect(poll({ at: NOW + DAY, tasks: [withLast(2, NOW + HOUR)] })).toEqual(['backup_succeeded 2 late']);
    expect(poll({ at: NOW + 2 * DAY, tasks: [withLast(3, NOW + 2 * DAY)] })).toEqual(['backup_succeeded 3']);
  });

  test('several between two polls: each, in the order of their ends, before running ones', () => {
    const { poll } = comparison();
    poll({ at: NOW, tasks: [withLast(10, NOW - HOUR)], log: [row(10, NOW - HOUR)] });
    const log = [
      row(13, NOW + 300, { status: 4 }),
      row(11, NOW + 200),
      row(12, NOW + 100, { task_id: 2, status: 5 }),
      row(10, NOW - HOUR),
    ];
    expect(poll({ at: NOW + 400, tasks: [running({ last_result: row(13, NOW + 300, { status: 4 }) })], log })).toEqual([
      'backup_cancelled 12',
      'backup_succeeded 11',
      'backup_failed 13',
      'backup_started PC',
    ]);
  });

  test('overlapping runs end in another order than their ids', () => {
    const { poll } = comparison();
    poll({ at: NOW });
    const other = { task_id: 2, task_name: 'VM' };
    const open = row(11, 0, { status: 1, time_start: NOW + 10 });
    expect(poll({ at: NOW + 100, log: [open, row(12, NOW + 90, other)] })).toEqual(['backup_succeeded 12']);
    expect(poll({ at: NOW + 200, log: [row(11, NOW + 190), row(12, NOW + 90, other)] })).toEqual([
      'backup_succeeded 11',
    ]);
    expect(poll({ at: NOW + 300, log: [row(11, NOW + 190), row(12, NOW + 90, other)] })).toEqual([]);
  });

  test('an id that first appears at its end, days after higher ones', () => {
    const { poll } = comparison();
    poll({ at: NOW });
    const log: JsonObject[] = [];
    for (let day = 1; day <= 5; day++) {
      log.push(row(20 + day, NOW + day * DAY, { task_id: 2 }));
      expect(poll({ at: NOW + day * DAY + 60, tasks: [running()], log })).toContain(`backup_succeeded ${20 + day}`);
    }
    const end = NOW + 5 * DAY + 120;
    const long = row(20, end, { time_start: NOW + 60 });
    expect(poll({ at: end + 60, tasks: [{ ...TASK, last_result: long }], log: [...log, long] })).toEqual([
      'backup_succeeded 20',
    ]);
  });

  test('hidden by a deletion of versions is found in the log, and the deletion is no backup', () => {
    const { poll } = comparison();
    poll({ at: NOW, tasks: [withLast(1, NOW - HOUR)] });
    const deletion = row(3, NOW + 200, { job_action: 131072 });
    const hidden = {
      tasks: [{ ...TASK, last_result: deletion }],
      log: [row(1, NOW - HOUR), row(2, NOW + 100), deletion],
    };
    expect(poll({ at: NOW + 300, ...hidden })).toEqual(['backup_succeeded 2']);
    expect(poll({ at: NOW + 400, ...hidden })).toEqual([]);
  });

  test('of a task that is gone', () => {
    const { poll } = comparison();
    poll({ at: NOW });
    const gone = { tasks: [], log: [row(2, NOW + 100, { status: 5 })] };
    const polls = [300, 360, 420, 480].map((seconds) => poll({ at: NOW + seconds, ...gone }));
    expect(polls).toEqual([['backup_cancelled 2'], [], ['task_removed PC'], []]);
  });
});

describe('a backup before the first poll', () => {
  test('is not reported at the first poll, nor later', () => {
    const { poll } = comparison();
    const tasks = [withLast(9, NOW - 5 * DAY)];
    const ofRemoved = [row(7, NOW - 3 * DAY, { task_id: 6 }), row(8, NOW - DAY, { task_id: 6 })];
    const log = [row(9, NOW - 5 * DAY), ...ofRemoved];
    expect(poll({ at: NOW, tasks, log })).toEqual([]);
    expect(poll({ at: NOW + 60, tasks, log })).toEqual([]);
    expect(poll({ at: NOW + 3 * DAY, tasks: [withLast(10, NOW + 3 * DAY)], log })).toEqual(['backup_succeeded 10']);
  });

  test('a log that does not filter by time repeats nothing', () => {
    const { poll } = comparison();
    const log = Array.from({ length: 50 }, (_, index) => row(index, NOW - (50 - index) * DAY));
    poll({ at: NOW, log });
    for (let day = 1; day < 10; day++) {
      log.push(row(100 + day, NOW + day * DAY));
      expect(poll({ at: NOW + day * DAY + 60, log })).toEqual([`backup_succeeded ${100 + day}`]);
    }
  });

  test('a reinstalled NAS begins its ids again, and its backups are reported', () => {
    const { poll } = comparison();
    const old = [1, 2, 3].map((id) => row(id, NOW - id * HOUR));
    poll({ at: NOW, tasks: [{ ...TASK, last_result: old[0]! }], log: old });
    const recreated = { ...TASK, unikey: 'u9', task_name: 'New PC' };
    expect(poll({ at: NOW + HOUR, tasks: [recreated] })).toEqual(['task_added New PC', 'task_removed PC']);
    const fresh = [1, 2, 3].map((id) => row(id, NOW + 2 * HOUR + id * 60));
    expect(poll({ at: NOW + 3 * HOUR, tasks: [{ ...recreated, last_result: fresh[2]! }], log: fresh })).toEqual([
      'backup_succeeded 1',
      'backup_succeeded 2',
      'backup_succeeded 3',
    ]);
  });
});

describe('a start', () => {
  test('is reported once, when the run starts, not while it is queued', () => {
    const { poll } = comparison();
    poll({ at: NOW });
    const polls = [queued(), queued(), running(), running(), queued(), running()];
    expect(polls.map((each, index) => poll({ at: NOW + index, tasks: [each] }))).toEqual([
      [],
      [],
      ['backup_started PC'],
      [],
      [],
      [],
    ]);
  });

  test('a start that was cancelled while it waited was none', () => {
    const { poll } = comparison();
    poll({ at: NOW });
    expect([queued(), TASK, TASK].map((each, index) => poll({ at: NOW + index, tasks: [each] }))).toEqual([[], [], []]);
  });

  test.each([
    { code: 2, state: 'pausing' },
    { code: 3, state: 'cancelling' },
    { code: 42, state: 'unknown' },
  ])('a run first seen $state has started too', ({ code }) => {
    const { poll } = comparison();
    poll({ at: NOW });
    expect(poll({ at: NOW + 5, tasks: [{ ...TASK, progress: { running_task_status: code } }] })).toEqual([
      'backup_started PC',
    ]);
  });

  test('of the next run, right after another has finished', () => {
    const { poll } = comparison();
    poll({ at: NOW });
    poll({ at: NOW + 5, tasks: [running()] });
    const last = { last_result: row(2, NOW + 8) };
    expect(poll({ at: NOW + 10, tasks: [running(last)] })).toEqual(['backup_succeeded 2', 'backup_started PC']);
    expect(poll({ at: NOW + 15, tasks: [queued({ last_result: row(3, NOW + 12) })] })).toEqual(['backup_succeeded 3']);
    expect(poll({ at: NOW + 20, tasks: [running({ last_result: row(3, NOW + 12) })] })).toEqual(['backup_started PC']);
  });

  test('is not reported at the first poll, nor again after a restart', () => {
    const { poll, restart } = comparison();
    expect(poll({ at: NOW, tasks: [running()] })).toEqual([]);
    restart();
    expect(poll({ at: NOW + DAY, tasks: [running()] })).toEqual([]);
  });

  test('before the first poll after a restart is late, like every event of that poll', () => {
    const { poll, restart } = comparison();
    poll({ at: NOW, tasks: [TASK, { task_id: 2, task_name: 'VM' }] });
    restart();
    expect(poll({ at: NOW + DAY, tasks: [running(), { task_id: 3, task_name: 'NAS' }] })).toEqual([
      'backup_started PC late',
      'task_added NAS late',
    ]);
    const now = [running(), { task_id: 3, task_name: 'NAS' }];
    expect([1, 2].map((days) => poll({ at: NOW + DAY + days * 60, tasks: now }))).toEqual([[], ['task_removed VM']]);
  });
});

describe('tasks', () => {
  const vm = { task_id: 2, unikey: 'u2', task_name: 'VM', backup_type: 1 };

  test('added, renamed and removed', () => {
    const { poll, events } = comparison();
    poll({ at: NOW });
    expect(poll({ at: NOW + 1, tasks: [TASK, vm] })).toEqual(['task_added VM']);
    expect(poll({ at: NOW + 2, tasks: [TASK, { ...vm, task_name: 'Renamed' }] })).toEqual([]);
    expect([3, 4].map((seconds) => poll({ at: NOW + seconds, tasks: [TASK] }))).toEqual([[], []]);
    expect(poll({ at: NOW + 5, tasks: [TASK] })).toEqual(['task_removed Renamed']);
    expect(events()).toMatchObject([
      { at: '2026-03-01T12:00:05.000Z', task: { id: 2, name: 'Renamed', state: 'unknown' } },
    ]);
    expect(poll({ at: NOW + 6, tasks: [TASK] })).toEqual([]);
  });

  test.each([
    { list: 'without one of them', left: [TASK] },
    { list: 'that is empty', left: [] },
  ])('a list $list, once or twice, also over a restart, changes and repeats nothing', ({ left }) => {
    const { poll, stored, restart } = comparison();
    const daily = { sched_content: { schedule_setting_type: 1, repeat_type: 'Daily', run_hour: 22, run_min: 0 } };
    const due = { ...vm, ...daily, next_trigger_time: NOW + 10 * HOUR };
    const runs = { ...due, progress: { running_task_status: 1, percentage: 0.5 } };
    const last = { last_result: row(2, NOW - 61 * HOUR, { task_id: 2, status: 4 }) };
    poll({ at: NOW, tasks: [TASK, { ...due, ...last }] });
    expect(poll({ at: NOW + 60, tasks: [TASK, { ...runs, ...last }] })).toContain('backup_started VM');
    const known = stored()!.tasks['2']!;
    for (const at of [120, 180]) {
      expect(poll({ at: NOW + at, tasks: left })).toEqual([]);
      restart();
    }
    expect(poll({ at: NOW + 240, tasks: [TASK, { ...runs, ...last }] })).toEqual([]);
    expect(stored()!.tasks['2']).toEqual(known);
    expect(poll({ at: NOW + 300, tasks: left })).toEqual([]);
  });

  test('one that comes running has been added and has started', () => {
    const { poll } = comparison();
    poll({ at: NOW, tasks: [] });
    expect(poll({ at: NOW + 1, tasks: [running()] })).toEqual(['task_added PC', 'backup_started PC']);
  });

  test('a backup of the task that had the id before does not count for the task that has it now', () => {
    const { poll, events, stored } = comparison();
    poll({ at: NOW });
    const own = row(6, NOW + HOUR - 300, { status: 4 });
    const recreated = { ...TASK, unikey: 'u9', task_name: 'New PC', last_result: own };
    poll({ at: NOW + HOUR, tasks: [recreated], log: [row(5, NOW + 600), own] });
    const ends = events().filter(({ result }) => result !== undefined);
    expect(ends.map(({ result, task }) => [result?.id, task?.name])).toEqual([
      [5, undefined],
      [6, 'New PC'],
    ]);
    expect(stored()?.tasks['1']).toMatchObject({ lastSuccessAt: null, failing: true });
  });

  test('an answer without the uuid does not make another task of it', () => {
    const { poll } = comparison();
    poll({ at: NOW });
    expect(poll({ at: NOW + 1, tasks: [{ ...TASK, unikey: '' }] })).toEqual([]);
    expect(poll({ at: NOW + 2 })).toEqual([]);
  });
});

describe('devices', () => {
  const device = (online: boolean | null): JsonObject => ({
    device_id: 8,
    host_name: 'pc-8',
    backup_type: 2,
    ...(online === null ? {} : { agent_status: online ? 'online' : 'offline' }),
  });
  const tasksWith = (online: boolean | null): JsonObject[] => [
    { ...TASK, devices: [device(online)] },
    { ...TASK, task_id: 2, unikey: 'u2', task_name: 'Second', devices: [device(online)] },
  ];

  test('offline and online again, once each, although two tasks protect it', () => {
    const { poll } = comparison();
    const seen = [true, false, false, null, false, true, null, null, true].map((online, index) =>
      poll({ at: NOW + index, tasks: tasksWith(online) }),
    );
    expect(seen.flat()).toEqual(['device_offline pc-8', 'device_online pc-8']);
  });
});

describe('a stored state belongs to this NAS', () => {
  const [known, other] = parseTasks({ tasks: [TASK, { ...TASK, unikey: 'u2' }] }, null);
  const listing = { tasks: [known!], laterJobs: new Map() };
  const poll = { at: new Date(NOW), ...listing, results: [], isComplete: true, late: true, overdueHours: 0 };
  const state = initialState(poll, 'http://nas/', new Date(NOW).toISOString());

  test.each([
    ['the same address, the same tasks', 'http://nas/', [known!], true],
    ['the same address, other tasks: it was reinstalled', 'http://nas/', [other!], true],
    ['another address, a task of before', 'http://nas.lan/', [other!, known!], true],
    ['another address, other tasks: another NAS', 'http://nas.lan/', [other!], false],
    ['another address, no tasks', 'http://nas.lan/', [], false],
  ])('%s', (_name, address, tasks, expected) => {
    expect(isStateOfNas(state, address, tasks)).toBe(expected);
  });
});

test('the reported backups do not grow over the years', () => {
  const { poll, stored } = comparison();
  poll({ at: NOW });
  const sizes: number[] = [];
  for (let id = 1; id < 200; id++) {
    const end = NOW + id * 6 * HOUR;
    poll({ at: end + 60, tasks: [withLast(id, end)], log: [row(id - 1, end - 6 * HOUR), row(id, end)] });
    sizes.push(Object.keys(stored()?.ends ?? {}).length);
  }
  expect(Math.max(...sizes)).toBeLessThan(10);
});
