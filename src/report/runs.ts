import type { ResultStatus } from '../active-backup/codes';
import type { TaskSnapshot } from '../monitor/snapshot';
import { RUN_HOURS, type NasForReport, type ReportRun } from './types';

/** A run, and what identifies it. */
interface IdentifiedRun extends ReportRun {
  readonly id: number | null;
}

/** The worse first; others come last. A run of several devices has the worst of their outcomes. */
const BY_SEVERITY: readonly ResultStatus[] = ['failed', 'partial', 'cancelled', 'unknown', 'no_backup', 'success'];

/**
 * The backups of a NAS that ended in the last {@link RUN_HOURS} hours, or run now. A snapshot has only the last few of each task;
 * earlier ones are taken from the outcomes of the devices. Null when the tasks were never read.
 */
export function runsOf({ snapshot, outcomes = [] }: NasForReport, at: Date): ReportRun[] | null {
  const tasks = snapshot?.tasks ?? null;
  if (tasks === null) return null;
  const since = new Date(at.getTime() - RUN_HOURS * 3600_000).toISOString();
  const finished = tasks.flatMap(finishedRuns).filter(({ endedAt }) => endedAt !== null && endedAt >= since);
  const known = new Set(finished.map(({ id }) => id));
  const names = new Map(tasks.map(({ task }) => [task.id, task.name]));
  const others = new Map<number, IdentifiedRun>();
  for (const { resultId: id, taskId, status, startedAt, endedAt } of outcomes) {
    if (id === null || startedAt === null || endedAt === null || endedAt < since || known.has(id)) continue;
    const run = { id, taskId, taskName: names.get(taskId) ?? null, status, startedAt, endedAt };
    const before = others.get(id);
    others.set(id, before === undefined ? run : joined(before, run));
  }
  return [...finished, ...others.values(), ...tasks.flatMap(runningRun)]
    .sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
    .map(({ taskId, taskName, status, startedAt, endedAt }) => ({ taskId, taskName, status, startedAt, endedAt }));
}

function finishedRuns({ task, recent }: TaskSnapshot): IdentifiedRun[] {
  return recent.flatMap(({ id, status, startedAt, endedAt }) =>
    startedAt === null ? [] : [{ id, taskId: task.id, taskName: task.name, status, startedAt, endedAt }],
  );
}

function runningRun({ task }: TaskSnapshot): IdentifiedRun[] {
  const { id = null, startedAt = null, endedAt = null, status } = task.lastResult ?? {};
  if (status !== 'running' || startedAt === null || endedAt !== null) return [];
  return [{ id, taskId: task.id, taskName: task.name, status, startedAt, endedAt: null }];
}

/** One run of two devices. */
function joined(one: IdentifiedRun, other: IdentifiedRun): IdentifiedRun {
  const rank = ({ status }: IdentifiedRun): number => (BY_SEVERITY.indexOf(status) + 1 || Infinity) - 1;
  const { status } = rank(other) < rank(one) ? other : one;
  const startedAt = one.startedAt < other.startedAt ? one.startedAt : other.startedAt;
  const endedAt = (one.endedAt ?? '') > (other.endedAt ?? '') ? one.endedAt : other.endedAt;
  return { ...one, status, startedAt, endedAt };
}
