import type { Device, Task } from '../active-backup/types';
import type { DeviceHistory } from './device-history';
import { resultsOf } from './device-record';
import { partOf, type MonitorState } from './monitor-state';
import { protectionOf } from './protection';
import type { DeviceProtection } from './protection-types';
import type { Steps } from './slices';
import { applyHabit, overdueByHabit, type OverdueByHabit } from './task-overdue';
import { followsHabit } from './task-timing';
import { TasksOfDevices } from './tasks-of-devices';

/** A list of tasks, and what is known of them. */
interface ListedTasks {
  readonly at: Date;
  readonly tasks: readonly Task[];
  readonly stored: MonitorState['tasks'];
  readonly overdueHours: number;
}

/**
 * The stored tasks of a list with `overdue` by the habit of their devices, on a NAS that is not polled: nobody knows when the
 * devices were on line, so only what does not depend on it is decided. Tasks of a list that lacks others stay unknown, because
 * a backup of their devices may be of one of those.
 */
export function* withHabitUnwatched(
  listed: ListedTasks,
  history: Pick<DeviceHistory, 'recordOf' | 'isCurrent'>,
): Steps<MonitorState['tasks']> {
  const { at, tasks, stored, overdueHours } = listed;
  const overdue = new Map<Task, OverdueByHabit>();
  const tasksOf = new TasksOfDevices();
  tasksOf.update(tasks);
  const ids = new Set(tasks.map(({ id }) => String(id)));
  const isKnown = history.isCurrent(at) && Object.keys(stored).every((id) => ids.has(id));
  for (const task of tasks) {
    if (!followsHabit(task, overdueHours)) continue;
    const protectionFor = (device: Device): DeviceProtection | undefined => {
      const isOnly = device.id !== null && tasksOf.of(device.id).length === 1;
      return isKnown && isOnly ? protectionUnwatched(device, task, listed, history) : undefined;
    };
    overdue.set(task, overdueByHabit(task, protectionFor, at.getTime()));
    yield;
  }
  return applyHabit(stored, overdue, true).tasks;
}

/** The protection of a device of one task alone; undefined where it depends on when the device was on line. */
function protectionUnwatched(
  device: Device,
  task: Task,
  { at, stored }: ListedTasks,
  history: Pick<DeviceHistory, 'recordOf'>,
): DeviceProtection | undefined {
  const record = device.id === null ? undefined : history.recordOf(device.id);
  const results = record === undefined ? [] : resultsOf(record);
  if (results.some(({ taskId }) => taskId !== null && taskId !== task.id)) return undefined;
  const judge = (online: boolean): DeviceProtection =>
    protectionOf(
      {
        device: { ...device, online },
        tasks: [{ task, known: partOf(stored, task.id) ?? null }],
        results,
        lastSuccessAt: record?.lastSuccessAt ?? null,
        knownSince: record?.knownSince ?? null,
        onlinePeriods: online ? [{ from: new Date(0).toISOString(), to: at.toISOString() }] : [],
        previous: null,
      },
      {
        overdueHours: 0,
        now: at,
        polledSince: null,
        utcOffsets: task.schedule.utcOffsets.map((seconds) => seconds * 1000),
      },
    ).protection;
  const [off, on] = [judge(false), judge(true)];
  const isLate = ({ expectedBy }: DeviceProtection): boolean => expectedBy !== null && expectedBy <= at.toISOString();
  return isLate(off) === isLate(on) ? on : undefined;
}
