import { addDetail, addLog, ENDINGS, recordStart } from './history';
import { devicesOf, JOB_ACTION, nextId } from './world';
import type { Device, DeviceOutcome, Job, Result, Task, World } from './world';

/** A job of the log that is no backup. */
export type JobKind = 'restoreDevice' | 'restoreFile' | 'restorePhysical' | 'verify';

const RESTORE_ENDS = { success: 1203, partial: 1208, failed: 1204, cancelled: 1202, no_backup: 1206 } as const;
const VERIFY_ENDS = { success: 1707, partial: 1708, failed: 1709, cancelled: 1710, no_backup: 1709 } as const;

/** Log types of the end of a job (docs/facts/dsm.md §3.7). */
const ENDS: Readonly<Record<JobKind, Readonly<Record<DeviceOutcome, number>>>> = {
  restoreDevice: RESTORE_ENDS,
  restoreFile: RESTORE_ENDS,
  restorePhysical: RESTORE_ENDS,
  verify: VERIFY_ENDS,
};

/** Properties of a restore or verification to start; all optional. */
export interface NewJob {
  /** Default: five minutes. */
  durationSeconds?: number;
  /** Default: success. */
  outcome?: DeviceOutcome;
  /** The device that is restored or verified; default: the first one of the task. */
  deviceId?: number;
  /** The user of DSM that started it; default: nobody, as for verifications after a backup. */
  startedBy?: string;
  /** Bytes that it transfers. */
  bytes?: number;
  /** Whether its result then takes the place of the last backup in `last_result` (default: yes, as that of a deletion does). */
  becomesLast?: boolean;
}

/** Starts a restore or verification at `at` (epoch seconds). @returns its open result */
export function startJob(world: World, task: Task, kind: JobKind, job: NewJob, at: number): Result {
  const result = recordStart(world, task, at, job.startedBy ?? '', JOB_ACTION[kind]);
  const devices = devicesOf(world, task).filter(({ id }, index) =>
    job.deviceId === undefined ? index === 0 : id === job.deviceId,
  );
  result.devices = devices.map((device: Device) => ({
    id: nextId(world, 'deviceResult'),
    deviceId: device.id,
    deviceName: device.hostName,
    status: result.status,
    transferredBytes: 0,
  }));
  world.jobs.set(result.id, {
    resultId: result.id,
    endsAt: at + (job.durationSeconds ?? 300),
    outcome: job.outcome ?? 'success',
    bytes: job.bytes ?? 0,
    becomesLast: job.becomesLast ?? true,
  });
  return result;
}

/** Ends a restore or verification at `at` with its outcome. */
export function endJob(world: World, job: Job, at: number): void {
  world.jobs.delete(job.resultId);
  const result = world.results.get(job.resultId);
  if (result === undefined) return;
  const { status, level } = ENDINGS[job.outcome];
  result.status = status;
  result.endedAt = at;
  result.transferredBytes = job.bytes;
  result.devices = result.devices.map((row) => ({ ...row, status, transferredBytes: job.bytes }));
  const task = world.tasks.get(result.taskId);
  const kind = (Object.keys(ENDS) as JobKind[]).find((each) => JOB_ACTION[each] === result.jobAction);
  if (kind === undefined) return;
  const type = ENDS[kind][job.outcome];
  const other = {
    device_name: result.devices[0]?.deviceName ?? '',
    task_id: result.taskId,
    task_name: result.taskName,
  };
  addDetail(world, result, { at, type, level, other });
  addLog(world, at, { type, level, resultId: result.id, ...(task === undefined ? {} : { task }) });
  if (task !== undefined && job.becomesLast) task.lastResultId = result.id;
}
