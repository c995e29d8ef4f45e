import type { DeviceResult } from '../active-backup/types';
import type { StoredTask } from './monitor-state';
import type { KnownOutcomes } from './run-outcomes';
import type { BackupRecord } from './snapshot';

/** The times of a run and of its devices may differ by this much. */
const TOLERANCE_MS = 3600_000;

/**
 * The reason of the failure of a device: that of the run, if no other device of the run failed. Null: unknown, or no failure.
 * Ids begin again when the package is reinstalled, so a run with the same id but other times is not the same.
 * @param known what is stored of the tasks of the device
 */
export function reasonOf(
  result: DeviceResult | null,
  known: readonly (Pick<StoredTask, 'recent'> | undefined)[],
  outcomes: KnownOutcomes,
): string | null {
  if (result === null || !isBad(result)) return null;
  const { resultId } = result;
  if ((outcomes.of(resultId) ?? []).filter(isBad).length !== 1) return null;
  const runs = known.flatMap((task) => task?.recent ?? []);
  return runs.find((run) => run.id === resultId && isBad(run) && contains(run, result))?.reason ?? null;
}

function isBad({ status }: Pick<DeviceResult, 'status'>): boolean {
  return status === 'failed' || status === 'partial';
}

/** Whether the backup of a device can be part of a run by its times. */
function contains(run: BackupRecord, { startedAt, endedAt }: DeviceResult): boolean {
  const [start, end] = [startedAt ?? endedAt, endedAt ?? startedAt];
  const [from, to] = [run.startedAt ?? run.endedAt, run.endedAt ?? run.startedAt];
  if (start === null || end === null || from === null || to === null) return false;
  return Date.parse(start) >= Date.parse(from) - TOLERANCE_MS && Date.parse(end) <= Date.parse(to) + TOLERANCE_MS;
}
