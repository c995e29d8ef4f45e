import { measureChangedPublish } from './rows/changed-publish';
import { measureCommand } from './rows/command';
import { measureFirstPublish } from './rows/first-publish';
import { measureDevices, measureListeners, measureResults } from './rows/growth';
import { measureLoad } from './rows/load';
import { measureManyNas } from './rows/many-nas';
import { measureEndurance, measureHeap } from './rows/memory';
import { measurePoll } from './rows/poll';
import { measureRequests } from './rows/requests';
import { measureTaskList } from './rows/task-list';
import type { Context, Measured } from './row';

/** A part of the bench that runs in a child process for each size. */
export interface Section {
  readonly sizes: readonly number[];
  /** Whether it needs `dist/`. */
  readonly needsBuild?: true;
  /** After so many seconds a size is ended, and its row says so: the others need the time. Default: {@link SECTION_SECONDS}. */
  readonly seconds?: number;
  readonly measure: (context: Context) => Promise<Measured>;
}

/** Twice as long as a section needs on two cores that do nothing else. */
export const SECTION_SECONDS = 100;

/** All sections, in the order in which they run: the last ones show how costs grow, and the very last takes minutes to start. */
export const SECTIONS: Readonly<Record<string, Section>> = {
  poll: { sizes: [10, 100, 1000, 5000], measure: measurePoll },
  'task-list': { sizes: [1000], needsBuild: true, measure: measureTaskList },
  'first-publish': { sizes: [1000], measure: measureFirstPublish },
  'changed-publish': { sizes: [10, 1000, 5000], measure: measureChangedPublish },
  command: { sizes: [200], measure: measureCommand },
  load: { sizes: [0], needsBuild: true, measure: measureLoad },
  heap: { sizes: [5000], measure: measureHeap },
  endurance: { sizes: [10], seconds: 120, measure: measureEndurance },
  requests: { sizes: [1, 20], needsBuild: true, measure: measureRequests },
  results: { sizes: [10, 1000], measure: measureResults },
  listeners: { sizes: [10, 10_000], measure: measureListeners },
  devices: { sizes: [20, 10_000], measure: measureDevices },
  'many-tasks': { sizes: [10_000], measure: measurePoll },
  'many-nas': { sizes: [200], needsBuild: true, seconds: 190, measure: measureManyNas },
};
