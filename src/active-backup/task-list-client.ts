import type { Json } from '../dsm/json';
import { nextTurn } from '../dsm/next-turn';
import type { ResponseStore } from '../dsm/response-store';
import { RowCache } from '../dsm/row-cache';
import type { PollContext } from './method-call';
import { PagingLimits, type PagingTimeLimit } from './paging';
import { nonNegativeIntegerOf, objectOf } from './json-fields';
import type { FilledTasks } from './backup-log';
import { progressContext, withSpeeds } from './model/progress';
import { laterJobsOf, readTaskRows, withoutRepeats, type TaskRow, type TaskRows } from './task-rows';
import type { LaterJobs, Task, TaskListing } from './types';

/** Large enough that most NASes need one page, small enough that reading a page never blocks Node-RED. */
const ROWS_PER_PAGE = 200;
/** How often the pages are read until their totals agree. */
const ATTEMPTS = 3;

/** Reads the pages of a task list. */
export interface TaskListSource {
  /** Reads one page of `Task.list`. */
  readonly readPage: (
    page: { offset: number; limit: number },
    cache: ResponseStore,
    context: PollContext,
  ) => Promise<Json>;
  /** Fills in last backups hidden by a later job, as far as the log can be read; default: they stay unknown. */
  readonly fill?: (tasks: readonly Task[], laterJobs: LaterJobs, context: PollContext) => Promise<FilledTasks>;
  /** Time limit of all pages of one list. */
  readonly timeLimit?: PagingTimeLimit;
}

/** One page; the same object while the response has the same bytes. */
interface Page {
  readonly data: Json;
  readonly rows: readonly TaskRow[];
  readonly total: number;
}

/** A list that was read. */
interface ReadList {
  readonly pages: readonly Page[];
  readonly rows: TaskRows;
  readonly listing: TaskListing;
  /** False when a last backup is still unknown, because the log could not be read. */
  readonly isComplete: boolean;
}

/**
 * Repeatedly reads the tasks of one NAS, in pages. Between two lists, a task whose row has not changed is the same
 * object, unless the speed of its run has changed; if no task has changed, the listing is the same object. Of a
 * response only the rows that differ are parsed.
 */
export class TaskListClient {
  readonly #source: TaskListSource;
  readonly #caches: RowCache[] = [];
  #pages: readonly Page[] = [];
  #last: ReadList | null = null;

  constructor(source: TaskListSource) {
    this.#source = source;
  }

  /** @throws DsmError any error of the NAS */
  async listTasks(context: PollContext = {}): Promise<TaskListing> {
    const pages = await this.#readPages(context);
    if (pages.length > 1) await nextTurn(); // what follows scales with the whole list
    const last = this.#last;
    if (last?.isComplete === true && same(last.pages, pages)) {
      // Nothing was transferred since the previous response, so the speeds change to 0.
      const tasks = withSpeeds(last.listing.tasks, progressContext(context));
      const listing = tasks === last.listing.tasks ? last.listing : { ...last.listing, tasks };
      this.#last = { ...last, listing };
      return listing;
    }
    const rows = withoutRepeats(pages.map((page) => page.rows));
    const parsed = [...rows.values()].map(({ task }) => task);
    const laterJobs = laterJobsOf(rows);
    const filled = await this.#source.fill?.(parsed, laterJobs, context);
    const tasks = withSpeeds(filled?.tasks ?? parsed, progressContext(context));
    const listing = reused({ tasks, laterJobs }, last?.listing);
    this.#last = { pages, rows, listing, isComplete: filled?.isComplete ?? true };
    return listing;
  }

  /** A task added or removed between two pages shifts the others and one may be missed: the pages are read again. */
  async #readPages(context: PollContext): Promise<readonly Page[]> {
    let pages: readonly Page[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      pages = await this.#readOnce(context);
      if (pages.every(({ total }) => total === pages[0]?.total)) break;
    }
    return pages;
  }

  /** `total` may count tasks this account cannot see, so a page without new tasks is the last. */
  async #readOnce(context: PollContext): Promise<readonly Page[]> {
    const pages: Page[] = [];
    const ids = new Set<Json | undefined>();
    const bounds = new PagingLimits(this.#source.timeLimit);
    for (let offset = 0, total = 1; offset < total;) {
      const page = await this.#readPage(pages.length, offset, { ...context, budget: bounds.next() });
      const known = ids.size;
      for (const { raw } of page.rows) ids.add(raw['task_id']);
      pages.push(page);
      total = ids.size === known ? 0 : page.total;
      offset += page.rows.length;
    }
    // Drops what is remembered of pages that no longer exist.
    this.#caches.length = pages.length;
    this.#pages = pages;
    return pages;
  }

  async #readPage(index: number, offset: number, context: PollContext): Promise<Page> {
    const cache = (this.#caches[index] ??= new RowCache('tasks'));
    const data = await this.#source.readPage({ offset, limit: ROWS_PER_PAGE }, cache, context);
    const before = this.#pages[index];
    if (before?.data === data) return before;
    const total = nonNegativeIntegerOf(objectOf(data)['total']) ?? 0;
    return { data, rows: await readTaskRows(data, this.#last?.rows ?? new Map()), total };
  }
}

/** The new listing, or those parts of the one before that are equal to it. */
function reused(now: TaskListing, before: TaskListing | undefined): TaskListing {
  if (before === undefined) return now;
  const tasks = same(before.tasks, now.tasks) ? before.tasks : now.tasks;
  const laterJobs = same([...before.laterJobs.values()], [...now.laterJobs.values()])
    ? before.laterJobs
    : now.laterJobs;
  return tasks === before.tasks && laterJobs === before.laterJobs ? before : { tasks, laterJobs };
}

/** Whether two lists have the same objects. */
function same(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
