import { measureChangedPublish } from './rows/changed-publish';
import { measureFirstPublish } from './rows/first-publish';
import { measureEndurance, measureHeap } from './rows/memory';
import { measurePoll } from './rows/poll';
import { measureTaskList } from './rows/task-list';
import type { Context, Measured } from './row';

/** A part of the bench that runs in a child process for each size. */
export interface Section {
  readonly sizes: readonly number[];
  /** Whether it needs `dist/`. */
  readonly needsBuild?: true;
  readonly measure: (context: Context) => Promise<Measured>;
}

/** All sections, in the order of the table. */
export const SECTIONS: Readonly<Record<string, Section>> = {
  poll: { sizes: [10, 100, 1000, 5000, 10_000], measure: measurePoll },
  'task-list': { sizes: [1000], needsBuild: true, measure: measureTaskList },
  'first-publish': { sizes: [1000], measure: measureFirstPublish },
  'changed-publish': { sizes: [10, 1000, 5000], measure: measureChangedPublish },
  heap: { sizes: [5000], measure: measureHeap },
  endurance: { sizes: [10], measure: measureEndurance },
};
