import { isEqualData } from '../active-backup/json-fields';
import type { Device, Task } from '../active-backup/types';
import type { DeviceRecord } from './device-record';
import type { StoredTask } from './monitor-state';
import { protectionOf, type JudgedProtection, type ProtectionContext, type ProtectionInput } from './protection';
import type { DeviceProtection } from './protection-types';
import { followsHabit } from './task-timing';

/** A device and what it was judged by. */
export interface JudgedDevice extends JudgedProtection {
  /** By task id, if it has several tasks: by the backups of one that follows its habit alone. */
  readonly ofTasks: ReadonlyMap<Task['id'], DeviceProtection>;
  /** Of its last result. */
  readonly reason: string | null;
  readonly device: Device;
  readonly tasks: readonly Task[];
  readonly known: readonly (StoredTask | undefined)[];
  readonly record: DeviceRecord | undefined;
  /** Begin of the last time it was on line. */
  readonly onlineFrom: string | undefined;
  /** Its end while the device is off line. It may move if another task lists the device as on line. */
  readonly onlineTo: string | undefined;
  readonly isCurrent: boolean;
  /** Most likely UTC offset of the NAS, which any of its tasks may change (milliseconds); undefined: unknown. */
  readonly utcOffset: number | undefined;
  /** @see ProtectionContext.polledSince */
  readonly polledSince: string | null;
  readonly at: number;
}

/** What a device is judged by. */
export type Basis = Omit<JudgedDevice, keyof JudgedProtection | 'at' | 'ofTasks' | 'reason'>;

/**
 * The protections of a device by the backups of each of its tasks without a fixed schedule alone. None of a task while a success
 * may be of it or of another one.
 */
export function protectionsForTasks(
  input: ProtectionInput,
  context: ProtectionContext,
): (JudgedProtection & { readonly taskId: Task['id'] })[] {
  return input.tasks.flatMap((each) => {
    const { id } = each.task;
    const all = input.results;
    if (all === null || id === null || !followsHabit(each.task, context.overdueHours)) return [];
    const isUncertain = all.some(({ taskId, status }) => taskId === null && status === 'success');
    const results = isUncertain ? null : all.filter(({ taskId }) => taskId === id);
    const own = { ...input, tasks: [each], results, lastSuccessAt: null, previous: null };
    return { taskId: id, ...protectionOf(own, context) };
  });
}

/** A protection with the reason of its last result. @param reason null: none, or unknown */
export function withReason(protection: DeviceProtection, reason: string | null): DeviceProtection {
  const { lastResult } = protection;
  return lastResult === null || reason === null ? protection : { ...protection, lastResult: { ...lastResult, reason } };
}

/** Whether the protection of a device is the same by all that it depends on, apart from the time. */
export function isSameBasis(before: JudgedDevice, now: Basis): boolean {
  return (
    before.record === now.record &&
    before.onlineFrom === now.onlineFrom &&
    before.onlineTo === now.onlineTo &&
    before.isCurrent === now.isCurrent &&
    before.utcOffset === now.utcOffset &&
    before.polledSince === now.polledSince &&
    before.tasks.length === now.tasks.length &&
    before.known.every((each, index) => each === now.known[index]) &&
    before.tasks.every((task, index) => isSameTask(task, now.tasks[index])) &&
    (before.device === now.device || isEqualData(before.device, now.device))
  );
}

/** Whether a task is the same in all that the protection of its devices depends on: not in the progress of a run. */
function isSameTask(one: Task, other: Task | undefined): boolean {
  if (other === undefined || one === other) return one === other;
  return (
    one.id === other.id &&
    one.state === other.state &&
    one.nextRunAt === other.nextRunAt &&
    one.lastSuccessAt === other.lastSuccessAt &&
    one.devices.length === other.devices.length &&
    one.lastResult?.id === other.lastResult?.id &&
    one.lastResult?.status === other.lastResult?.status &&
    isEqualData(one.schedule, other.schedule)
  );
}
