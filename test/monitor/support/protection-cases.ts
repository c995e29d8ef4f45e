import type { Device, Schedule, Task } from '../../../src/active-backup/types';
import type { OnlinePeriod } from '../../../src/monitor/online-periods';
import type { ProtectionContext, ProtectionInput } from '../../../src/monitor/protection';
import { updateTiming } from '../../../src/monitor/task-timing';
import { scheduledTask } from './builders';
import { resultsAt } from './device-results';

const HOUR_MS = 3600_000;
export const DAY_MS = 24 * HOUR_MS;
/** A Monday, on a NAS on UTC. */
const MONDAY = Date.parse('2026-03-02T00:00Z');
/** A time of the week of {@link MONDAY}, or before it. */
export const at = (day: number, hour = 0): number => MONDAY + day * DAY_MS + hour * HOUR_MS;
export const iso = (time: number): string => new Date(time).toISOString();

/** A device with an agent. */
export function device(fields: Partial<Device> = {}): Device {
  return {
    ...{ id: 5, uuid: 'u', name: 'PC', type: 'pc', typeCode: 2, platform: 'windows', platformCode: 1, os: null },
    ...{ address: null, online: true, agentCanBackup: true, loginUser: null, createdAt: null, lastLoginAt: null },
    ...fields,
  };
}

/** Each day at 12:00, unless `fields` differ. */
export function daily(fields: Partial<Schedule> = {}): Partial<Schedule> {
  return { kind: 'weekly', weekdays: [0, 1, 2, 3, 4, 5, 6], hour: 12, minute: 0, repeatHours: null, ...fields };
}

/** A task as the monitor knows it, whose stored timing is of `now`. @param nextRun epoch ms; null: none */
export function protecting(
  schedule: Partial<Schedule>,
  nextRun: number | null,
  { since, now, task: fields = {} }: { since: number | null; now: number; task?: Partial<Task> },
): ProtectionInput['tasks'][number] {
  const task = { ...scheduledTask(schedule, nextRun), id: 1, ...fields };
  const base = since === null ? null : iso(since);
  const timing = updateTiming(task, null, base, new Date(now));
  return { task, known: { since: base, timing, recent: [], overdue: null } };
}

/** A period on line. */
export const online = (from: number, to: number): OnlinePeriod => ({ from: iso(from), to: iso(to) });

/** What is known of a device with successes at these times (epoch ms), which was on line all the time. */
export function knownDevice(successes: readonly number[], fields: Partial<ProtectionInput> = {}): ProtectionInput {
  const [first, last] = [successes[0] ?? MONDAY, successes.at(-1)];
  return {
    device: device(),
    tasks: [],
    results: resultsAt(successes),
    lastSuccessAt: last === undefined ? null : iso(last),
    knownSince: iso(first - DAY_MS),
    onlinePeriods: [online(first - DAY_MS, (last ?? first) + 365 * DAY_MS)],
    previous: null,
    ...fields,
  };
}

/** By the habit, on UTC. */
export function context(now: number, fields: Partial<ProtectionContext> = {}): ProtectionContext {
  return { overdueHours: 0, now: new Date(now), utcOffsets: [0], polledSince: null, ...fields };
}
