import type { ResultStatus } from '../active-backup/codes';
import type { Task } from '../active-backup/types';
import { resultsOf, type DeviceRecord } from './device-record';
import type { MonitorState, StoredTask } from './monitor-state';

/** What is stored of a device; undefined: nothing. */
type RecordOf = (deviceId: number) => DeviceRecord | undefined;

/** How the devices fared in a run. */
type RunStatuses = ReadonlySet<ResultStatus>;

/**
 * The state with the failures in a row that the log at the first poll does not reach back to, from the outcomes of the devices: of a
 * task that has been failing for days before Node-RED knew it. A count that is known, or cannot be told, is unchanged.
 * @param tasks all tasks of the NAS
 * @returns the same object if nothing is added
 */
export function withEarlierFailures(stored: MonitorState, tasks: readonly Task[], recordOf: RecordOf): MonitorState {
  const unknown = tasks.filter(({ id }) => stored.tasks[String(id)]?.failuresInRow === null);
  if (unknown.length === 0) return stored;
  const shared = devicesOfSeveral(tasks);
  const added = unknown.flatMap((task): [string, StoredTask][] => {
    const known = stored.tasks[String(task.id)];
    const failuresInRow = known === undefined ? null : failuresOf(task, known, { recordOf, shared });
    return known === undefined || failuresInRow === null ? [] : [[String(task.id), { ...known, failuresInRow }]];
  });
  return added.length === 0 ? stored : { ...stored, tasks: { ...stored.tasks, ...Object.fromEntries(added) } };
}

/** The ids of devices that several tasks back up. */
function devicesOfSeveral(tasks: readonly Task[]): ReadonlySet<number | null> {
  const seen = new Set<number | null>();
  const several = new Set<number | null>();
  for (const { devices } of tasks) for (const { id } of devices) (seen.has(id) ? several : seen).add(id);
  return several;
}

/** Null where it cannot be told. */
function failuresOf(
  task: Task,
  { recent, lastSuccessAt }: StoredTask,
  devices: { readonly recordOf: RecordOf; readonly shared: ReadonlySet<number | null> },
): number | null {
  const runs = runsOf(task, devices);
  const lastId = recent[0]?.id ?? null;
  // Without the last backup itself the outcomes are not those of now.
  if (runs === null || lastId === null || !runs.has(lastId)) return null;
  let count = 0;
  for (const [id, statuses] of [...runs].sort(([one], [other]) => other - one)) {
    if (id > lastId) continue; // it has not ended as a whole
    const isFailed = statuses.has('failed') || statuses.has('unknown');
    // Which word DSM has for a run that failed for some of its devices is not known.
    if (isFailed && statuses.size > 1) return null;
    if (isFailed) count += 1;
    else if (statuses.has('success') && statuses.size === 1) return count;
  }
  // All that is known failed: only a task that never succeeded has no success further back.
  return lastSuccessAt === null ? count : null;
}

/** The statuses of the devices in each run of a task by its id; null: which runs are its own is not known. */
function runsOf(
  { id: taskId, devices }: Task,
  { recordOf, shared }: { readonly recordOf: RecordOf; readonly shared: ReadonlySet<number | null> },
): ReadonlyMap<number, RunStatuses> | null {
  const runs = new Map<number, Set<ResultStatus>>();
  for (const { id } of devices) {
    const record = id === null ? undefined : recordOf(id);
    if (record === undefined) return null;
    for (const { resultId, taskId: owner, status } of resultsOf(record)) {
      if (owner === null && shared.has(id)) return null;
      if (resultId === null || status === 'running' || (owner !== null && owner !== taskId)) continue;
      runs.set(resultId, (runs.get(resultId) ?? new Set<ResultStatus>()).add(status));
    }
  }
  return runs;
}
