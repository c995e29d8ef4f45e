import { describe, expect, test } from 'vitest';
import { nonBackupLastJobs, parseTasks } from '../../src/active-backup/model/task';
import type { JsonObject } from '../../src/dsm/json';
import { initialState, detectChanges, isStateOfNas, type PollData } from '../../src/monitor/change-detection';
import { initialReportedSince } from '../../src/monitor/finished-backups';
import type { NasEvent } from '../../src/monitor/events';
import { parseMonitorState, type MonitorState } from '../../src/monitor/monitor-state';
import { rawResult } from './support/builders';

/** Sunday 2026-03-01 12:00 UTC, epoch seconds as DSM has them. */
const NOW = Date.parse('2026-03-01T12:00Z') / 1000;
const HOUR = 3600;
const DAY = 24 * HOUR;

/** What there is to see at one look. Times in epoch seconds. */
interface Sight {
  at: number;
  tasks?: JsonObject[];
  /** Rows of the log. */
  log?: JsonObject[];
  overdueHours?: number;
}

/** Shows one look after the other. The memory goes through its file each time, as it does over a restart. */
function watcher(): {
  look: (sight: Sight) => string[];
  /** All about the events of the last look. */
  events: () => readonly NasEvent[];
  memory: () => MonitorState | null;
  /** The next look is the first of another life. */
  restart: () => void;
} {
  let memory: MonitorState | null = null;
  let isFirst = true;
  let last: readonly NasEvent[] = [];
  const look = ({ at, tasks: raw = [TASK], log = [], overdueHours = 0 }: Sight): string[] => {
    const tasks = parseTasks({ tasks: raw }, null);
    const results = [...log.map(rawResult), ...tasks.map(({ lastResult }) => lastResult).filter((own) => own !== null)];
    const laterJobs = nonBackupLastJobs({ tasks: raw });
    const now = new Date(at * 1000);
    const snapshot = { at: now, tasks, laterJobs, results, isComplete: true, late: isFirst, overdueHours };
    const found = memory === null ? { events: [], after: begun(snapshot) } : detectChanges(memory, snapshot);
    memory = parseMonitorState(JSON.stringify(found.after));
    expect(memory).toEqual(found.after);
    isFirst = false;
    last = found.events;
    return last.map(named);
  };
  const restart = (): void => {
    isFirst = true;
  };
  return { look, events: () => last, memory: () => memory, restart };
}

function begun(snapshot: PollData): MonitorState {
  return initialState(snapshot, 'http://nas/', initialReportedSince(snapshot.tasks, snapshot.at));
}

/** `backup_failed 12` with the id of its result, else with the name of the task or the device. */
function named({ event, result, task, device, late }: NasEvent): string {
  const about = result?.id ?? device?.name ?? task?.name ?? '';
  return `${event} ${about}${late ? ' late' : ''}`;
}

const TASK: JsonObject = { task_id: 1, unikey: 'u1', task_name: 'PC', backup_type: 2 };

/** A task whose last result, or progress, is this. */
function withLast(id: number, end: number, fields: JsonObject = {}): JsonObject {
  return { ...TASK, last_result: row(id, end, fields) };
}

/** A backup of an hour that ended then. */
function row(id: number, end: number, fields: JsonObject = {}): JsonObject {
  return {
    result_id: id,
    task_id: 1,
    task_name: 'PC',
    status: 2,
    job_action: 1,
    time_start: end - HOUR,
    time_end: end,
    ...fields,
  };
}

const running = (fields: JsonObject = {}): JsonObject => ({ ...TASK, progress: { running_task_status: 1 }, ...fields });
const queued = (fields: JsonObject = {}): JsonObject => ({ ...TASK, progress: { running_task_status: 0 }, ...fields });

describe('the end of a backup', () => {
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
    const { look } = watcher();
    look({ at: NOW, tasks: [withLast(1, NOW - HOUR)] });
    const start = NOW + HOUR;
    const end = { 'with an end': start + 60, 'with an end of 0': 0, 'with an end before its start': NOW - HOUR }[time]!;
    const last = { result_id: 2, task_id: 1, status, job_action: 1, time_start: start, time_end: end };
    expect(look({ at: NOW + 2 * HOUR, tasks: [{ ...TASK, last_result: last }] })).toEqual(events);
  });

  test('is told when a result that stood open gets its end', () => {
    const { look } = watcher();
    look({ at: NOW });
    const start = NOW + 60;
    const open = { time_start: start, status: 1 };
    const looks = [
      { at: start, tasks: [running()], log: [row(7, 0, open)] },
      { at: start + 30, tasks: [running()], log: [row(7, start - 5, open)] },
      { at: start + 90, tasks: [{ ...TASK, last_result: row(7, start + 60, { time_start: start }) }] },
      { at: start + 95, tasks: [{ ...TASK, last_result: row(7, start + 60, { time_start: start }) }] },
    ];
    expect(looks.map(look)).toEqual([['backup_started PC'], [], ['backup_succeeded 7'], []]);
  });

  test('is told once, seen in the task, in the log or in both, again and again, and after restarts', () => {
    const { look, restart } = watcher();
    const end = NOW + HOUR;
    look({ at: NOW, tasks: [withLast(1, NOW - HOUR)], log: [row(1, NOW - HOUR)] });
    expect(look({ at: end + 60, tasks: [withLast(2, end)], log: [row(1, NOW - HOUR), row(2, end)] })).toEqual([
      'backup_succeeded 2',
    ]);
    expect(look({ at: end + 120, tasks: [withLast(2, end)] })).toEqual([]);
    restart();
    expect(look({ at: end + 180, tasks: [withLast(2, end)], log: [row(2, end), row(1, NOW - HOUR)] })).toEqual([]);
    expect(look({ at: end + 30 * DAY, tasks: [withLast(2, end)], log: [row(1, NOW - HOUR), row(2, end)] })).toEqual([]);
    expect(look({ at: end + 31 * DAY, tasks: [withLast(2, end)], log: [row(1, NOW - HOUR), row(2, end)] })).toEqual([]);
  });

  test('brings the result as the task has it, which alone knows the bytes', () => {
    const { look, events } = watcher();
    look({ at: NOW });
    look({ at: NOW + 60, tasks: [withLast(2, NOW + 50, { transfered_bytes: 77 })], log: [row(2, NOW + 50)] });
    expect(events()).toMatchObject([
      {
        at: '2026-03-01T12:00:50.000Z',
        result: { id: 2, transferredBytes: 77 },
        task: { id: 1, lastResult: { id: 2 } },
      },
    ]);
  });

  test('comes late when it happened before the first look of this life', () => {
    const { look, restart } = watcher();
    look({ at: NOW });
    restart();
    expect(look({ at: NOW + DAY, tasks: [withLast(2, NOW + HOUR)] })).toEqual(['backup_succeeded 2 late']);
    expect(look({ at: NOW + 2 * DAY, tasks: [withLast(3, NOW + 2 * DAY)] })).toEqual(['backup_succeeded 3']);
  });

  test('several between two looks: each, in the order of their ends, before what runs now', () => {
    const { look } = watcher();
    look({ at: NOW, tasks: [withLast(10, NOW - HOUR)], log: [row(10, NOW - HOUR)] });
    const log = [
      row(13, NOW + 300, { status: 4 }),
      row(11, NOW + 200),
      row(12, NOW + 100, { task_id: 2, status: 5 }),
      row(10, NOW - HOUR),
    ];
    expect(look({ at: NOW + 400, tasks: [running({ last_result: row(13, NOW + 300, { status: 4 }) })], log })).toEqual([
      'backup_cancelled 12',
      'backup_succeeded 11',
      'backup_failed 13',
      'backup_started PC',
    ]);
  });

  test('runs that overlap may end out of the order of their ids', () => {
    const { look } = watcher();
    look({ at: NOW });
    const other = { task_id: 2, task_name: 'VM' };
    const open = row(11, 0, { status: 1, time_start: NOW + 10 });
    expect(look({ at: NOW + 100, log: [open, row(12, NOW + 90, other)] })).toEqual(['backup_succeeded 12']);
    expect(look({ at: NOW + 200, log: [row(11, NOW + 190), row(12, NOW + 90, other)] })).toEqual([
      'backup_succeeded 11',
    ]);
    expect(look({ at: NOW + 300, log: [row(11, NOW + 190), row(12, NOW + 90, other)] })).toEqual([]);
  });

  test('an id that is seen only at its end, days after higher ones', () => {
    const { look } = watcher();
    look({ at: NOW });
    const log: JsonObject[] = [];
    for (let day = 1; day <= 5; day++) {
      log.push(row(20 + day, NOW + day * DAY, { task_id: 2 }));
      expect(look({ at: NOW + day * DAY + 60, tasks: [running()], log })).toContain(`backup_succeeded ${20 + day}`);
    }
    const end = NOW + 5 * DAY + 120;
    const long = row(20, end, { time_start: NOW + 60 });
    expect(look({ at: end + 60, tasks: [{ ...TASK, last_result: long }], log: [...log, long] })).toEqual([
      'backup_succeeded 20',
    ]);
  });

  test('hidden by a deletion of versions is found in the log, and the deletion is no backup', () => {
    const { look } = watcher();
    look({ at: NOW, tasks: [withLast(1, NOW - HOUR)] });
    const deletion = row(3, NOW + 200, { job_action: 131072 });
    const sight = {
      tasks: [{ ...TASK, last_result: deletion }],
      log: [row(1, NOW - HOUR), row(2, NOW + 100), deletion],
    };
    expect(look({ at: NOW + 300, ...sight })).toEqual(['backup_succeeded 2']);
    expect(look({ at: NOW + 400, ...sight })).toEqual([]);
  });

  test('of a task that is gone', () => {
    const { look } = watcher();
    look({ at: NOW });
    const gone = { tasks: [], log: [row(2, NOW + 100, { status: 5 })] };
    const looks = [300, 360, 420, 480].map((seconds) => look({ at: NOW + seconds, ...gone }));
    expect(looks).toEqual([['backup_cancelled 2'], [], ['task_removed PC'], []]);
  });
});

describe('the past', () => {
  test('is no news at the first look ever, nor later', () => {
    const { look } = watcher();
    const tasks = [withLast(9, NOW - 5 * DAY)];
    const ofRemoved = [row(7, NOW - 3 * DAY, { task_id: 6 }), row(8, NOW - DAY, { task_id: 6 })];
    const log = [row(9, NOW - 5 * DAY), ...ofRemoved];
    expect(look({ at: NOW, tasks, log })).toEqual([]);
    expect(look({ at: NOW + 60, tasks, log })).toEqual([]);
    expect(look({ at: NOW + 3 * DAY, tasks: [withLast(10, NOW + 3 * DAY)], log })).toEqual(['backup_succeeded 10']);
  });

  test('a log that does not filter by time repeats nothing', () => {
    const { look } = watcher();
    const log = Array.from({ length: 50 }, (_, index) => row(index, NOW - (50 - index) * DAY));
    look({ at: NOW, log });
    for (let day = 1; day < 10; day++) {
      log.push(row(100 + day, NOW + day * DAY));
      expect(look({ at: NOW + day * DAY + 60, log })).toEqual([`backup_succeeded ${100 + day}`]);
    }
  });

  test('a NAS that was reinstalled begins its ids again, and is not taken for the past', () => {
    const { look } = watcher();
    const old = [1, 2, 3].map((id) => row(id, NOW - id * HOUR));
    look({ at: NOW, tasks: [{ ...TASK, last_result: old[0]! }], log: old });
    const anew = { ...TASK, unikey: 'u9', task_name: 'New PC' };
    expect(look({ at: NOW + HOUR, tasks: [anew] })).toEqual(['task_added New PC', 'task_removed PC']);
    const fresh = [1, 2, 3].map((id) => row(id, NOW + 2 * HOUR + id * 60));
    expect(look({ at: NOW + 3 * HOUR, tasks: [{ ...anew, last_result: fresh[2]! }], log: fresh })).toEqual([
      'backup_succeeded 1',
      'backup_succeeded 2',
      'backup_succeeded 3',
    ]);
  });
});

describe('clocks', () => {
  test.each([
    ['five days behind', -5 * DAY],
    ['an hour ahead', HOUR],
    ['five days ahead', 5 * DAY],
  ])('a NAS whose clock is %s: each end once', (_name, skew) => {
    const { look } = watcher();
    const log = [row(1, NOW + skew - HOUR)];
    look({ at: NOW, tasks: [withLast(1, NOW + skew - HOUR)], log });
    for (let id = 2; id < 12; id++) {
      const end = NOW + id * 6 * HOUR;
      log.push(row(id, end + skew));
      const sight = { at: end + 30, tasks: [withLast(id, end + skew)], log };
      expect(look(sight)).toEqual([`backup_succeeded ${id}`]);
      expect(look({ ...sight, at: end + 60 })).toEqual([]);
    }
  });

  test.each([
    ['years behind, as on a small computer without a battery', -1000 * DAY],
    ['a day behind', -DAY - HOUR],
    ['years ahead', 1000 * DAY],
  ])('a Node-RED whose clock is %s for a while: each end once', (_name, wrong) => {
    const { look, restart } = watcher();
    const log = [row(1, NOW - 6 * DAY), row(2, NOW - HOUR)];
    const tasks = [
      withLast(2, NOW - HOUR),
      { ...TASK, task_id: 2, unikey: 'u2', task_name: 'VM', last_result: row(1, NOW - 6 * DAY, { task_id: 2 }) },
    ];
    look({ at: NOW, tasks, log });
    restart();
    const seen = [NOW + HOUR + wrong, NOW + 2 * HOUR + wrong, NOW + 3 * HOUR, NOW + 4 * HOUR, NOW + 2 * DAY].flatMap(
      (at, index) => {
        log.push(row(3 + index, NOW + (index + 1) * HOUR - 60));
        return look({ at, tasks, log }).filter((event) => event.startsWith('backup_'));
      },
    );
    expect(seen.map((event) => event.replace(' late', ''))).toEqual(
      [3, 4, 5, 6, 7].map((id) => `backup_succeeded ${id}`),
    );
  });

  test('a clock that goes back an hour repeats nothing and loses nothing', () => {
    const { look } = watcher();
    look({ at: NOW, log: [row(1, NOW - HOUR)] });
    expect(look({ at: NOW + 60, log: [row(1, NOW - HOUR), row(2, NOW + 50)] })).toEqual(['backup_succeeded 2']);
    const log = [row(1, NOW - HOUR), row(2, NOW + 50), row(3, NOW - HOUR + 100)];
    expect(look({ at: NOW - HOUR + 120, log })).toEqual(['backup_succeeded 3']);
    expect(look({ at: NOW - HOUR + 180, log })).toEqual([]);
  });
});

describe('a start', () => {
  test('is told once, when the run begins, not while it waits for its turn', () => {
    const { look } = watcher();
    look({ at: NOW });
    const looks = [queued(), queued(), running(), running(), queued(), running()];
    expect(looks.map((each, index) => look({ at: NOW + index, tasks: [each] }))).toEqual([
      [],
      [],
      ['backup_started PC'],
      [],
      [],
      [],
    ]);
  });

  test('a start that was cancelled while it waited was none', () => {
    const { look } = watcher();
    look({ at: NOW });
    expect([queued(), TASK, TASK].map((each, index) => look({ at: NOW + index, tasks: [each] }))).toEqual([[], [], []]);
  });

  test.each([
    { code: 2, state: 'pausing' },
    { code: 3, state: 'cancelling' },
    { code: 42, state: 'unknown' },
  ])('a run first seen $state has started too', ({ code }) => {
    const { look } = watcher();
    look({ at: NOW });
    expect(look({ at: NOW + 5, tasks: [{ ...TASK, progress: { running_task_status: code } }] })).toEqual([
      'backup_started PC',
    ]);
  });

  test('of the next run, right after the end of one', () => {
    const { look } = watcher();
    look({ at: NOW });
    look({ at: NOW + 5, tasks: [running()] });
    const last = { last_result: row(2, NOW + 8) };
    expect(look({ at: NOW + 10, tasks: [running(last)] })).toEqual(['backup_succeeded 2', 'backup_started PC']);
    expect(look({ at: NOW + 15, tasks: [queued({ last_result: row(3, NOW + 12) })] })).toEqual(['backup_succeeded 3']);
    expect(look({ at: NOW + 20, tasks: [running({ last_result: row(3, NOW + 12) })] })).toEqual(['backup_started PC']);
  });

  test('is no news at the first look ever, and not told again after a restart', () => {
    const { look, restart } = watcher();
    expect(look({ at: NOW, tasks: [running()] })).toEqual([]);
    restart();
    expect(look({ at: NOW + DAY, tasks: [running()] })).toEqual([]);
  });

  test('before the first look of this life is late, like everything that look tells', () => {
    const { look, restart } = watcher();
    look({ at: NOW, tasks: [TASK, { task_id: 2, task_name: 'VM' }] });
    restart();
    expect(look({ at: NOW + DAY, tasks: [running(), { task_id: 3, task_name: 'NAS' }] })).toEqual([
      'backup_started PC late',
      'task_added NAS late',
    ]);
    const now = [running(), { task_id: 3, task_name: 'NAS' }];
    expect([1, 2].map((days) => look({ at: NOW + DAY + days * 60, tasks: now }))).toEqual([[], ['task_removed VM']]);
  });
});

describe('tasks', () => {
  const vm = { task_id: 2, unikey: 'u2', task_name: 'VM', backup_type: 1 };

  test('added, renamed and removed', () => {
    const { look, events } = watcher();
    look({ at: NOW });
    expect(look({ at: NOW + 1, tasks: [TASK, vm] })).toEqual(['task_added VM']);
    expect(look({ at: NOW + 2, tasks: [TASK, { ...vm, task_name: 'Renamed' }] })).toEqual([]);
    expect([3, 4].map((seconds) => look({ at: NOW + seconds, tasks: [TASK] }))).toEqual([[], []]);
    expect(look({ at: NOW + 5, tasks: [TASK] })).toEqual(['task_removed Renamed']);
    expect(events()).toMatchObject([
      { at: '2026-03-01T12:00:05.000Z', task: { id: 2, name: 'Renamed', state: 'unknown' } },
    ]);
    expect(look({ at: NOW + 6, tasks: [TASK] })).toEqual([]);
  });

  test.each([
    { list: 'without one of them', left: [TASK] },
    { list: 'that is empty', left: [] },
  ])('a list $list, once or twice, also over a restart, changes nothing and repeats nothing', ({ left }) => {
    const { look, memory, restart } = watcher();
    const daily = { sched_content: { schedule_setting_type: 1, repeat_type: 'Daily', run_hour: 22, run_min: 0 } };
    const due = { ...vm, ...daily, next_trigger_time: NOW + 10 * HOUR };
    const runs = { ...due, progress: { running_task_status: 1, percentage: 0.5 } };
    const last = { last_result: row(2, NOW - 61 * HOUR, { task_id: 2, status: 4 }) };
    look({ at: NOW, tasks: [TASK, { ...due, ...last }] });
    expect(look({ at: NOW + 60, tasks: [TASK, { ...runs, ...last }] })).toContain('backup_started VM');
    const known = memory()!.tasks['2']!;
    for (const at of [120, 180]) {
      expect(look({ at: NOW + at, tasks: left })).toEqual([]);
      restart();
    }
    expect(look({ at: NOW + 240, tasks: [TASK, { ...runs, ...last }] })).toEqual([]);
    expect(memory()!.tasks['2']).toEqual(known);
    expect(look({ at: NOW + 300, tasks: left })).toEqual([]);
  });

  test('one that comes running has been added and has started', () => {
    const { look } = watcher();
    look({ at: NOW, tasks: [] });
    expect(look({ at: NOW + 1, tasks: [running()] })).toEqual(['task_added PC', 'backup_started PC']);
  });

  test('an end of the task that had the id before says nothing of the task that has it now', () => {
    const { look, events, memory } = watcher();
    look({ at: NOW });
    const own = row(6, NOW + HOUR - 300, { status: 4 });
    const anew = { ...TASK, unikey: 'u9', task_name: 'New PC', last_result: own };
    look({ at: NOW + HOUR, tasks: [anew], log: [row(5, NOW + 600), own] });
    const ends = events().filter(({ result }) => result !== undefined);
    expect(ends.map(({ result, task }) => [result?.id, task?.name])).toEqual([
      [5, undefined],
      [6, 'New PC'],
    ]);
    expect(memory()?.tasks['1']).toMatchObject({ lastSuccessAt: null, failing: true });
  });

  test('an answer without the uuid does not make another task of it', () => {
    const { look } = watcher();
    look({ at: NOW });
    expect(look({ at: NOW + 1, tasks: [{ ...TASK, unikey: '' }] })).toEqual([]);
    expect(look({ at: NOW + 2 })).toEqual([]);
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

  test('off line and on line again, once each, though two tasks protect it', () => {
    const { look } = watcher();
    const seen = [true, false, false, null, false, true, null, null, true].map((online, index) =>
      look({ at: NOW + index, tasks: tasksWith(online) }),
    );
    expect(seen.flat()).toEqual(['device_offline pc-8', 'device_online pc-8']);
  });
});

describe('overdue', () => {
  const schedule = { schedule_setting_type: 1, repeat_type: 'Daily', run_hour: 3, run_min: 0, repeat_hour: 0 };
  const today = Date.parse('2026-03-01T03:00Z') / 1000;
  const daily = (last: JsonObject, next: number): JsonObject => ({
    ...TASK,
    sched_content: schedule,
    next_trigger_time: next,
    last_result: last,
  });

  test('is told once, and the recovery with the success that brings it', () => {
    const { look } = watcher();
    const good = row(1, today + HOUR);
    const bad = row(2, today + DAY + HOUR, { status: 4 });
    const day = (days: number): number => today + days * DAY;
    const looks: Sight[] = [
      { at: NOW, tasks: [daily(good, day(1))] },
      { at: day(1) + 2 * HOUR, tasks: [daily(bad, day(2))] },
      { at: day(1) + 12 * HOUR - 1, tasks: [daily(bad, day(2))] },
      { at: day(1) + 12 * HOUR, tasks: [daily(bad, day(2))] },
      { at: day(2), tasks: [{ ...daily(bad, day(2)), progress: { running_task_status: 0 } }] },
      { at: day(2), tasks: [{ ...daily(bad, day(3)), progress: { running_task_status: 1 } }] },
      { at: day(2) + HOUR, tasks: [daily(row(3, day(2) + HOUR), day(3))] },
    ];
    expect(looks.map(look)).toEqual([
      [],
      ['backup_failed 2'],
      [],
      ['backup_overdue PC'],
      [],
      ['backup_started PC'],
      ['backup_succeeded 3', 'backup_recovered PC'],
    ]);
  });

  test('counts from the success in the log when the last result is a failure, from the first look on', () => {
    const { look } = watcher();
    const bad = row(2, today + HOUR, { status: 4 });
    look({ at: NOW, tasks: [daily(bad, today + DAY)], log: [row(1, today - DAY + HOUR), bad] });
    // The run of the first of March had to succeed within half a day, which was over three hours after the first look.
    expect(look({ at: NOW + 3 * HOUR, tasks: [daily(bad, today + DAY)] })).toEqual(['backup_overdue PC']);
  });

  test('the task says so itself', () => {
    const { look, events } = watcher();
    look({ at: NOW, tasks: [daily(row(1, today + HOUR), today + DAY)], overdueHours: 12 });
    look({ at: today + 14 * HOUR, tasks: [daily(row(1, today + HOUR), today + DAY)], overdueHours: 12 });
    expect(events()).toMatchObject([{ event: 'backup_overdue', task: { overdue: true }, late: false }]);
  });
});

describe('nothing is due before the first run that a schedule could have made', () => {
  const at = (time: string): number => Date.parse(time) / 1000;
  const DAILY = { schedule_setting_type: 1, repeat_type: 'Daily', run_hour: 22, run_min: 0, repeat_hour: 0 };
  const SUNDAYS = { ...DAILY, repeat_type: 'Weekly', run_weekday: [0] };
  const success = row(7, at('2026-11-08T22:30Z')); // on a Sunday
  const planned = (sched: JsonObject, next: number, changed: number, fields: JsonObject = {}): JsonObject => ({
    ...TASK,
    sched_content: sched,
    next_trigger_time: next,
    sched_modify_time: changed,
    last_result: success,
    ...fields,
  });
  /** Looks every hour, and when the rule says. @returns each event with the time of its look */
  function looks(from: string, to: string, ...sights: Omit<Sight, 'at'>[]): string[] {
    const { look } = watcher();
    const told: string[] = [];
    let time = at(from);
    for (const sight of sights.slice(0, -1)) look({ at: time - 60, ...sight });
    for (; time <= at(to); time += HOUR) {
      const next = Math.ceil((time - at('2026-11-01T22:00Z')) / DAY) * DAY + at('2026-11-01T22:00Z');
      const last = sights.at(-1)!;
      const tasks = last.tasks?.map((raw) => ({ ...raw, next_trigger_time: next }));
      const events = look({ at: time, ...last, ...(tasks && { tasks }) });
      told.push(...events.map((event) => `${event} ${new Date(time * 1000).toISOString().slice(0, 16)}`));
    }
    return told;
  }
  const CHANGED = '2026-11-11T20:00';
  const OVERDUE = ['backup_overdue PC 2026-11-12T10:00']; // half a day after the run of that evening

  test.each<[string, boolean]>([
    ['DSM tells of the change', true],
    ['DSM tells nothing of it', false],
  ])('when a weekly one becomes daily, and %s', (_name, isTold) => {
    const changed = isTold ? at(`${CHANGED}Z`) - 30 : 0;
    const before = { tasks: [planned(SUNDAYS, at('2026-11-15T22:00Z'), 0)] };
    expect(looks(`${CHANGED}Z`, '2026-11-13T12:00Z', before, { tasks: [planned(DAILY, 0, changed)] })).toEqual(OVERDUE);
  });

  test('when it is switched on again after three weeks', () => {
    const off = { tasks: [planned(DAILY, -1, 0)] };
    const on = { tasks: [planned(DAILY, 0, 0)] };
    const from = '2026-11-29T20:00Z';
    expect(looks(from, '2026-12-01T12:00Z', off, on)).toEqual(['backup_overdue PC 2026-11-30T10:00']);
  });

  test.each([0, 48])('when a manual task gets its first schedule; overdueHours %i', (overdueHours) => {
    const manual = { tasks: [planned({ schedule_setting_type: 0 }, -1, 0)], overdueHours };
    const first = { tasks: [planned(DAILY, 0, at('2026-12-10T19:59Z'))], overdueHours };
    const told = looks('2026-12-10T20:00Z', '2026-12-12T12:00Z', manual, first);
    expect(told).toEqual([`backup_overdue PC ${overdueHours === 0 ? '2026-12-11T10:00' : '2026-12-11T00:00'}`]);
  });

  test('also at the first look ever, and in another life of Node-RED', () => {
    const { look, restart, memory } = watcher();
    const changed = planned(DAILY, at('2026-11-11T22:00Z'), at('2026-11-11T19:59Z'));
    look({ at: at('2026-11-11T20:00Z'), tasks: [changed] });
    expect(memory()?.tasks['1']?.overdue).toBe(false);
    restart();
    expect(look({ at: at('2026-11-11T21:00Z'), tasks: [changed] })).toEqual([]);
    const later = { ...changed, next_trigger_time: at('2026-11-12T22:00Z') };
    expect(look({ at: at('2026-11-12T09:59Z'), tasks: [later] })).toEqual([]);
    expect(look({ at: at('2026-11-12T10:00Z'), tasks: [later] })).toEqual(['backup_overdue PC']);
  });

  test('a change that lies a year ahead, by a wrong clock, silences nothing', () => {
    const wrong = { tasks: [planned(DAILY, 0, at('2027-11-11T19:59Z'))] };
    expect(looks('2026-11-08T23:00Z', '2026-11-11T20:00Z', wrong)).toEqual(['backup_overdue PC 2026-11-10T10:00']);
  });
});

describe('what a task does meanwhile', () => {
  const schedule = { schedule_setting_type: 1, repeat_type: 'Daily', run_hour: 22, run_min: 0, repeat_hour: 0 };
  const run = Date.parse('2026-11-10T22:00Z') / 1000;
  const doing = (status: number | null, at: number, last: JsonObject | null = row(7, run + HOUR)): JsonObject => ({
    ...TASK,
    sched_content: schedule,
    next_trigger_time: run + Math.ceil((at - run) / DAY) * DAY,
    ...(last && { last_result: last }),
    ...(status !== null && { progress: { running_task_status: status, percentage: 0.3 } }),
  });
  /** Idle until its run of the next evening, then so for ten days; looks every hour. */
  function tenDays(status: number, overdueHours: number, last?: JsonObject | null): string[] {
    const { look } = watcher();
    const told: string[] = [];
    for (let hour = 2; hour < 240; hour++) {
      const at = run + hour * HOUR;
      const events = look({ at, tasks: [doing(hour < 24 ? null : status, at, last)], overdueHours });
      told.push(...events.filter((event) => !event.startsWith('backup_started')).map((event) => `${event} ${hour}`));
    }
    return told;
  }

  test.each([
    ['waits for its machine', 0, 0, 36],
    ['waits for its machine, by hours of one’s own', 0, 48, 49],
    ['is paused', 2, 0, 36],
    ['is paused, by hours of one’s own', 2, 48, 49],
    ['is being cancelled and never ends', 4, 48, 49],
    ['runs and never ends: three times the usual hour after its start, when it is due longer already', 1, 25, 27],
    ['runs and never ends: a day after its start by its schedule, though an hour is usual', 1, 0, 48],
  ])('does not put the alarm off when it %s', (_name, status, overdueHours, expected) => {
    expect(tenDays(status, overdueHours)).toEqual([`backup_overdue PC ${expected}`]);
  });

  test('a run of which no length is known may take three days', () => {
    expect(tenDays(1, 25, null)).toEqual(['backup_overdue PC 96']);
  });

  test('a run under way puts it off; a task that is overdue stays so while it runs, until it succeeds', () => {
    const { look } = watcher();
    const long = row(7, run + HOUR, { time_start: run - 9 * HOUR });
    const after = (hours: number): number => run + hours * HOUR;
    look({ at: after(2), tasks: [doing(null, after(2), long)] });
    look({ at: after(30), tasks: [doing(1, after(30), long)] });
    expect(look({ at: after(37), tasks: [doing(1, after(37), long)] })).toEqual([]);
    expect(look({ at: after(38), tasks: [doing(null, after(38), long)] })).toEqual(['backup_overdue PC']);
    expect(look({ at: after(39), tasks: [doing(1, after(39), long)] })).toEqual(['backup_started PC']);
    const good = row(8, after(40));
    expect(look({ at: after(40), tasks: [doing(null, after(40), good)] })).toEqual([
      'backup_succeeded 8',
      'backup_recovered PC',
    ]);
  });
});

describe('what a task does and what the NAS leaves out: nothing false about being overdue, for a daily task that', () => {
  const run = Date.parse('2026-11-10T22:00Z') / 1000;
  const after = (hours: number): number => run + hours * HOUR;
  const schedule = { schedule_setting_type: 1, repeat_type: 'Daily', run_hour: 22, run_min: 0, repeat_hour: 0 };
  const daily = (at: number, fields: JsonObject = {}): JsonObject => ({
    ...TASK,
    sched_content: schedule,
    next_trigger_time: run + Math.ceil((at - run + 1) / DAY) * DAY,
    last_result: row(7, after(1)),
    ...fields,
  });
  const active = (status: number): JsonObject => ({ progress: { running_task_status: status, percentage: 0.3 } });
  const OFF = { next_trigger_time: -1 };
  const MISSING = { next_trigger_time: undefined } as unknown as JsonObject;
  /** Polls at so many hours after its run. @returns what is reported of being overdue, with the hour */
  function hours(...polls: [hour: number, fields?: JsonObject][]): {
    told: string[];
    overdue: boolean | null | undefined;
  } {
    const { look, memory } = watcher();
    const told = polls.flatMap(([hour, fields]) =>
      look({ at: after(hour), tasks: [daily(after(hour), fields)] }).map((event) => `${event} ${hour}`),
    );
    const events = told.filter((event) => /overdue|recovered/.test(event));
    return { told: events, overdue: memory()?.tasks['1']?.overdue };
  }

  test('takes fourteen hours once, where a machine was installed anew and an hour is usual', () => {
    const done = { last_result: row(8, after(38), { time_start: after(24) }) };
    const polls = [25, 30, 36, 37].map((hour): [number, JsonObject] => [hour, active(1)]);
    expect(hours([2], [23], ...polls, [38.1, done])).toEqual({ told: [], overdue: false });
  });

  test('goes on after a pause of a night', () => {
    const done = { last_result: row(8, after(50), { time_start: after(24) }) };
    const told = hours([2], [24.1, active(2)], [35, active(1)], [37, active(1)], [49, active(1)], [50.1, done]);
    expect(told).toEqual({ told: [], overdue: false });
  });

  test('is switched off while it is overdue: overdue no more, and not recovered', () => {
    const told = hours([2], [36], [36.1, OFF], [36.2, OFF], [36.3, OFF]);
    expect(told).toEqual({ told: ['backup_overdue PC 36'], overdue: false });
  });

  test('becomes weekly while it is overdue: overdue no more, and not recovered', () => {
    const weekly = { sched_content: { ...schedule, repeat_type: 'Weekly', run_weekday: [0] } };
    const next = { next_trigger_time: Date.parse('2026-11-15T22:00Z') / 1000 };
    const told = hours([2], [36], [36.1, { ...weekly, ...next }]);
    expect(told).toEqual({ told: ['backup_overdue PC 36'], overdue: false });
  });

  test.each<[string, JsonObject]>([
    ['its next run', MISSING],
    ['its schedule', { sched_content: {} }],
  ])('lacks %s in one answer, or two: neither off and on again, nor overdue once more', (_name, lacking) => {
    const alarm = ['backup_overdue PC 36'];
    expect(hours([2], [30, lacking], [30.1, lacking], [31], [35.9], [36]).told).toEqual(alarm);
    expect(hours([2], [36], [37, lacking], [38], [39, lacking], [40])).toEqual({ told: alarm, overdue: true });
  });

  test('succeeds in an answer that lacks its next run', () => {
    const good = { last_result: row(8, after(37)) };
    const told = hours([2], [36], [37.1, { ...good, ...MISSING }], [37.2, good]).told;
    expect(told).toEqual(['backup_overdue PC 36', 'backup_recovered PC 37.1']);
  });

  test('is on a NAS whose clock is three hours ahead: the alarm is no period late', () => {
    const ahead = (hour: number): [number, JsonObject] => [
      hour,
      { next_trigger_time: run + Math.ceil((hour + 3) / 24) * DAY },
    ];
    expect(hours(...[2, 20.9, 21.1, 30, 35.9, 36].map(ahead)).told).toEqual(['backup_overdue PC 36']);
  });
});

describe('of a task without a fixed schedule', () => {
  const task = (kind: number): JsonObject => ({
    ...withLast(7, NOW - HOUR),
    sched_content: { schedule_setting_type: kind },
  });

  test.each([2, 4])('nobody can say whether it is overdue, unless there are hours: setting %i', (kind) => {
    const { look, memory } = watcher();
    look({ at: NOW, tasks: [task(kind)] });
    expect(look({ at: NOW + 90 * DAY, tasks: [task(kind)] })).toEqual([]);
    expect(memory()?.tasks['1']?.overdue).toBeNull();
    const hours = { tasks: [task(kind)], overdueHours: 48 };
    expect(look({ at: NOW + 90 * DAY + 60, ...hours })).toEqual(['backup_overdue PC']);
  });

  test('that it runs by the clock no more does not say that it has recovered', () => {
    const { look, memory } = watcher();
    const hours = { tasks: [task(2)], overdueHours: 48 };
    look({ at: NOW, ...hours });
    look({ at: NOW + 3 * DAY, ...hours });
    expect(look({ at: NOW + 3 * DAY + 60, tasks: [task(2)] })).toEqual([]);
    expect(memory()?.tasks['1']?.overdue).toBeNull();
  });
});

test('a task that runs once and did not is overdue half a day later; one that was switched off before is not', () => {
  const once = (next: number): JsonObject => ({
    ...withLast(7, NOW - DAY),
    sched_content: { schedule_setting_type: 1, repeat_type: 'Once', run_hour: 22, run_min: 0 },
    next_trigger_time: next,
  });
  const run = NOW + 10 * HOUR;
  const missed = watcher();
  missed.look({ at: NOW, tasks: [once(run)] });
  expect(missed.look({ at: run + 60, tasks: [once(-1)] })).toEqual([]);
  expect(missed.look({ at: run + 12 * HOUR, tasks: [once(-1)] })).toEqual(['backup_overdue PC']);
  const off = watcher();
  off.look({ at: NOW, tasks: [once(run)] });
  off.look({ at: NOW + HOUR, tasks: [once(-1)] });
  expect(off.look({ at: run + 12 * HOUR, tasks: [once(-1)] })).toEqual([]);
});

describe('a memory is of this NAS', () => {
  const [known, other] = parseTasks({ tasks: [TASK, { ...TASK, unikey: 'u2' }] }, null);
  const listing = { tasks: [known!], laterJobs: new Map() };
  const snapshot = { at: new Date(NOW), ...listing, results: [], isComplete: true, late: true, overdueHours: 0 };

  test.each([
    ['the same address, the same tasks', 'http://nas/', [known!], true],
    ['the same address, other tasks: it was reinstalled', 'http://nas/', [other!], true],
    ['another address, a task of before', 'http://nas.lan/', [other!, known!], true],
    ['another address, other tasks: another NAS', 'http://nas.lan/', [other!], false],
    ['another address, no tasks', 'http://nas.lan/', [], false],
  ])('%s', (_name, address, tasks, expected) => {
    expect(isStateOfNas(begun(snapshot), address, tasks)).toBe(expected);
  });
});

test('the memory of ends does not grow with the years', () => {
  const { look, memory } = watcher();
  look({ at: NOW });
  const sizes: number[] = [];
  for (let id = 1; id < 200; id++) {
    const end = NOW + id * 6 * HOUR;
    look({ at: end + 60, tasks: [withLast(id, end)], log: [row(id - 1, end - 6 * HOUR), row(id, end)] });
    sizes.push(Object.keys(memory()?.ends ?? {}).length);
  }
  expect(Math.max(...sizes)).toBeLessThan(10);
});

describe('a wrong clock', () => {
  const YEAR = 365 * DAY;
  const daily = {
    sched_content: { schedule_setting_type: 1, repeat_type: 'Daily', run_hour: 22, run_min: 0 },
  };
  const at = (days: number, last: JsonObject): Sight => {
    const now = NOW + days * DAY;
    return { at: now, tasks: [{ ...TASK, ...daily, next_trigger_time: now + 10 * HOUR, last_result: last }] };
  };

  test('of the NAS, a year ahead for one night: the failure of the next is told, and its success silences nothing', () => {
    const { look, memory } = watcher();
    look(at(0, row(1, NOW - HOUR)));
    expect(look(at(1, row(2, NOW + YEAR + DAY - HOUR)))).toEqual(['backup_succeeded 2']);
    const told = [2, 3, 4, 30, 300].flatMap((days) => look(at(days, row(3, NOW + 2 * DAY - HOUR, { status: 4 }))));
    expect([...told, memory()!.tasks['1']!.overdue]).toEqual(['backup_failed 3', 'backup_overdue PC', true]);
    expect(memory()!.tasks['1']!.recent[0]).toMatchObject({ id: 3, status: 'failed' });
    expect(look(at(301, row(4, NOW + 301 * DAY - HOUR)))).toEqual(['backup_succeeded 4', 'backup_recovered PC']);
    expect(memory()!.tasks['1']!.lastSuccessAt).toBe(new Date((NOW + 301 * DAY - HOUR) * 1000).toISOString());
  });

  test.each([2, 30, 17 * 365])(
    'of the NAS, set back by %i days: what fails in the repeated time is told once',
    (days) => {
      const { look, restart } = watcher();
      for (let day = 0; day <= 6; day += 1) look(at(day, row(1 + day, NOW + day * DAY - HOUR)));
      const failure = row(9, NOW + (6 - days) * DAY - HOUR, { status: 4 });
      expect(look(at(6.5, failure))).toEqual(['backup_failed 9']);
      restart();
      expect(look(at(6.6, failure)).filter((event) => event.startsWith('backup_f'))).toEqual([]);
    },
  );

  test('of Node-RED, set back by a year: nothing is told, failures are, and all is known again when it is right', () => {
    const { look, memory } = watcher();
    look(at(0, row(1, NOW - HOUR)));
    expect(look(at(-365, row(1, NOW - HOUR)))).toEqual([]);
    expect(look(at(-364.9, row(2, NOW + DAY, { status: 4 })))).toEqual(['backup_failed 2']);
    look(at(1.1, row(3, NOW + 1.1 * DAY - 60)));
    expect(memory()!.tasks['1']).toMatchObject({ failing: false, overdue: false });
  });
});
