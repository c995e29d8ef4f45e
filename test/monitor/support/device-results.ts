import type { DeviceResult } from '../../../src/active-backup/types';

/** A backup of a device that succeeded, unless `fields` differ. */
export function deviceResult(fields: Partial<DeviceResult> = {}): DeviceResult {
  return {
    ...{ resultId: 1, taskId: 1, status: 'success', statusCode: 2, startedAt: null, endedAt: null },
    ...{ durationSeconds: null, transferredBytes: null, reason: null },
    ...fields,
  };
}

/** Backups that end at these times (epoch ms), after ten minutes each, with ids from `firstId` on. */
export function resultsAt(
  times: readonly number[],
  status: DeviceResult['status'] = 'success',
  firstId = 1,
): DeviceResult[] {
  return times.map((end, index) =>
    deviceResult({
      ...{ resultId: firstId + index, status, durationSeconds: 600 },
      startedAt: new Date(end - 600_000).toISOString(),
      endedAt: new Date(end).toISOString(),
    }),
  );
}
