import type { Json, JsonObject } from '../dsm/json';
import { ResponseCache } from '../dsm/response-cache';
import type { PollContext } from './method-call';
import { PagingLimits, type PagingTimeLimit } from './paging';
import { nonNegativeIntegerOf, objectOf, objectsOf } from './json-fields';
import type { FilledTasks } from './backup-log';
import { progressContext, withSpeeds } from './model/progress';
import type { Task, TaskListing } from './types';

/** Large enough that most NASes need one page, small enough that reading a page never blocks Node-RED. */
const ROWS_PER_PAGE = 200;
/** How often the pages are read until their totals agree. */
const ATTEMPTS = 3;

/** Reads and parses the pages of a task list. */
export interface TaskListSource {
  /** Reads one page of `Task.list`. */
  readonly readPage: (
    page: { offset: number; limit: number },
    cache: ResponseCache,
    context: PollContext,
  ) => Promise<Json>;
  /** Parses the tasks of all pages, and fills in last backups hidden by a later job, as far as the log can be read. */
  readonly parse: (data: Json, context: PollContext) => Promise<FilledTasks<Task>>;
  /** Time limit of all pages of one list. */
  readonly timeLimit?: PagingTimeLimit;
}

/**
 * Repeatedly reads the tasks of one NAS, in pages. While the responses have the same bytes, nothing is parsed and the
 * same listing object is returned, unless the speed of a run has changed or a last backup is still unknown.
 */
export class TaskListClient {
  readonly #source: TaskListSource;
  readonly #caches: ResponseCache[] = [];
  #last: { pages: readonly Json[]; listing: TaskListing } | null = null;

  constructor(source: TaskListSource) {
    this.#source = source;
  }

  /** @throws DsmError any error of the NAS */
  async listTasks(context: PollContext = {}): Promise<TaskListing> {
    const pages = await this.#readPages(context);
    const last = this.#last;
    if (last !== null && same(last.pages, pages)) {
      // Nothing was transferred since the previous response, so the speeds change to 0.
      const tasks = withSpeeds(last.listing.tasks, progressContext(context));
      const listing = tasks === last.listing.tasks ? last.listing : { ...last.listing, tasks };
      this.#last = { pages, listing };
      return listing;
    }
    const rows = pages.flatMap((page) => objectsOf(objectOf(page)['tasks']));
    const { isComplete, ...listing } = await this.#source.parse({ tasks: withoutRepeats(rows) }, context);
    this.#last = isComplete ? { pages, listing } : null;
    return listing;
  }

  /** A task added or removed between two pages shifts the others and one may be missed: the pages are read again. */
  async #readPages(context: PollContext): Promise<Json[]> {
    let pages: Json[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      pages = await this.#readOnce(context);
      if (new Set(pages.map(totalOf)).size === 1) break;
    }
    return pages;
  }

  /** `total` may count tasks this account cannot see, so a page without new tasks is the last. */
  async #readOnce(context: PollContext): Promise<Json[]> {
    const pages: Json[] = [];
    const ids = new Set<unknown>();
    const bounds = new PagingLimits(this.#source.timeLimit);
    for (let offset = 0, total = 1; offset < total;) {
      const cache = (this.#caches[pages.length] ??= new ResponseCache());
      const data = await this.#source.readPage({ offset, limit: ROWS_PER_PAGE }, cache, {
        ...context,
        budget: bounds.next(),
      });
      const rows = objectsOf(objectOf(data)['tasks']);
      const known = ids.size;
      for (const row of rows) ids.add(row['task_id']);
      pages.push(data);
      total = ids.size === known ? 0 : totalOf(data);
      offset += rows.length;
    }
    this.#caches.length = pages.length; // drops the caches of pages that no longer exist
    return pages;
  }
}

function totalOf(page: Json): number {
  return nonNegativeIntegerOf(objectOf(page)['total']) ?? 0;
}

function same(one: readonly Json[], other: readonly Json[]): boolean {
  return one.length === other.length && one.every((page, index) => page === other[index]);
}

/** A NAS without paging, or a task added meanwhile, can cause duplicates. */
function withoutRepeats(rows: readonly JsonObject[]): JsonObject[] {
  return [...new Map(rows.map((row) => [row['task_id'], row])).values()];
}
