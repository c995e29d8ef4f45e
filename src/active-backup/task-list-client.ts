import type { Json, JsonObject } from '../dsm/json';
import { ResponseCache } from '../dsm/response-cache';
import type { PollContext } from './active-backup';
import { PagingLimits, type PagingTimeLimit } from './paging-limits';
import { nonNegativeIntegerOf, objectOf, objectsOf } from './json-fields';
import type { FilledTasks } from './backup-log';
import { progressContext, withSpeeds } from './model/progress';
import type { Task, TaskListing } from './types';

/** So many rows that most NASes need one page, so few that reading them never holds up Node-RED. */
const ROWS_PER_PAGE = 200;
/** How often the pages are read until their totals agree. */
const ATTEMPTS = 3;

/** How a reader asks the NAS, and what it makes of the answer. */
export interface TaskListSource {
  /** One page of `Task.list`. */
  readonly readPage: (
    page: { offset: number; limit: number },
    cache: ResponseCache,
    context: PollContext,
  ) => Promise<Json>;
  /** The tasks of one or more pages, with the last backup of those where a later job hides it, as far as the log answers. */
  readonly parse: (data: Json, context: PollContext) => Promise<FilledTasks<Task>>;
  /** How long all pages of one list may take. */
  readonly timeLimit?: PagingTimeLimit;
}

/**
 * Reads the tasks of one NAS again and again, page by page. While the NAS answers with the same bytes nothing is parsed,
 * and the listing is the very same object, unless the speed of a run is another now, or a last backup is still unknown.
 */
export class TaskListClient {
  readonly #source: TaskListSource;
  readonly #caches: ResponseCache[] = [];
  #last: { pages: readonly Json[]; listing: TaskListing } | null = null;

  constructor(source: TaskListSource) {
    this.#source = source;
  }

  /** @throws DsmError as the NAS causes */
  async listTasks(context: PollContext = {}): Promise<TaskListing> {
    const pages = await this.#readPages(context);
    const last = this.#last;
    if (last !== null && same(last.pages, pages)) {
      // The same bytes again: what runs has transferred nothing since, so its speed is no longer the one of before.
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

  /** A task that is added or removed between two pages shifts the others, so that one is skipped: then they are read again. */
  async #readPages(context: PollContext): Promise<Json[]> {
    let pages: Json[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      pages = await this.#readOnce(context);
      if (new Set(pages.map(totalOf)).size === 1) break;
    }
    return pages;
  }

  /** Stops at the page that brings nothing new: `total` may count tasks that this account does not see. */
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
    this.#caches.length = pages.length; // a list that has become shorter is not kept
    return pages;
  }
}

function totalOf(page: Json): number {
  return nonNegativeIntegerOf(objectOf(page)['total']) ?? 0;
}

function same(one: readonly Json[], other: readonly Json[]): boolean {
  return one.length === other.length && one.every((page, index) => page === other[index]);
}

/** A NAS that knows no pages, or is asked while tasks come, may send one twice. */
function withoutRepeats(rows: readonly JsonObject[]): JsonObject[] {
  return [...new Map(rows.map((row) => [row['task_id'], row])).values()];
}
