import { expect } from 'vitest';
import { nonBackupLastJobs, parseTasks } from '../../../src/active-backup/model/task';
import type { JsonObject } from '../../../src/dsm/json';
import { detectChanges, initialState } from '../../../src/monitor/change-detection';
import type { NasEvent } from '../../../src/monitor/events';
import { initialReportedSince } from '../../../src/monitor/finished-backups';
import { parseMonitorState, type MonitorState } from '../../../src/monitor/monitor-state';
import { rawResult } from './builders';
import { describeEvent } from './connect';

/** Sunday 2026-03-01 12:00 UTC, in epoch seconds as DSM sends them. */
export const NOW = Date.parse('2026-03-01T12:00Z') / 1000;
export const HOUR = 3600;
export const DAY = 24 * HOUR;

/** The responses of one poll. Times in epoch seconds. */
export interface RawPoll {
  at: number;
  /** Default: an idle {@link TASK}. */
  tasks?: JsonObject[];
  /** Rows of the log. */
  log?: JsonObject[];
  overdueHours?: number;
}

/** Compares one poll after the other. The state is written and parsed each time, as over a restart. */
export interface PollComparison {
  /** @returns {@link describeEvent} of each event */
  poll: (poll: RawPoll) => string[];
  /** The events of the last poll. */
  events: () => readonly NasEvent[];
  stored: () => MonitorState | null;
  /** Makes the next poll the first one after a restart. */
  restart: () => void;
}

export function comparison(): PollComparison {
  let stored: MonitorState | null = null;
  let isFirst = true;
  let last: readonly NasEvent[] = [];
  const poll = ({ at, tasks: raw = [TASK], log = [], overdueHours = 0 }: RawPoll): string[] => {
    const tasks = parseTasks({ tasks: raw }, null);
    const results = [...log.map(rawResult), ...tasks.map(({ lastResult }) => lastResult).filter((own) => own !== null)];
    const laterJobs = nonBackupLastJobs({ tasks: raw });
    const now = new Date(at * 1000);
    const data = { at: now, tasks, laterJobs, results, isComplete: true, late: isFirst, overdueHours };
    const found =
      stored === null
        ? { events: [], after: initialState(data, 'http://nas/', initialReportedSince(tasks, now)) }
        : detectChanges(stored, data);
    stored = parseMonitorState(JSON.stringify(found.after));
    expect(stored).toEqual(found.after);
    isFirst = false;
    last = found.events;
    return last.map(describeEvent);
  };
  const restart = (): void => {
    isFirst = true;
  };
  return { poll, events: () => last, stored: () => stored, restart };
}

/** An idle task without results. */
export const TASK: JsonObject = { task_id: 1, unikey: 'u1', task_name: 'PC', backup_type: 2 };

/** {@link TASK} with this last result. */
export function withLast(id: number, end: number, fields: JsonObject = {}): JsonObject {
  return { ...TASK, last_result: row(id, end, fields) };
}

/** A successful backup of one hour that ended at `end`. */
export function row(id: number, end: number, fields: JsonObject = {}): JsonObject {
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

export const running = (fields: JsonObject = {}): JsonObject => ({
  ...TASK,
  progress: { running_task_status: 1 },
  ...fields,
});

export const queued = (fields: JsonObject = {}): JsonObject => ({
  ...TASK,
  progress: { running_task_status: 0 },
  ...fields,
});
