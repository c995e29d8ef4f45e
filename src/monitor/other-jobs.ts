import type { Result } from '../active-backup/types';
import { jobKind } from './finish-events';

/** The end of a verification or restore. */
export interface JobEnd {
  readonly at: string;
  readonly status: Result['status'];
  readonly taskId: number | null;
  readonly taskName: string | null;
}

/** The last ones that ended; null: none is known. */
export interface OtherJobs {
  readonly verification: JobEnd | null;
  readonly restore: JobEnd | null;
}

const NONE: OtherJobs = { verification: null, restore: null };

/**
 * The last verification and restore.
 * @param before the very same object is returned when no later one ended @param ended finished jobs, in any order
 */
export function lastOtherJobs(before: OtherJobs | null, ended: readonly Result[]): OtherJobs {
  return ended.reduce<OtherJobs>((last, result) => {
    const { endedAt, status, taskId, taskName } = result;
    const kind = jobKind(result);
    if (endedAt === null || kind === null || kind === 'backup' || endedAt <= (last[kind]?.at ?? '')) return last;
    return { ...last, [kind]: { at: endedAt, status, taskId, taskName } };
  }, before ?? NONE);
}
