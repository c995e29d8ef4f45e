import { DsmError } from './errors';
import { isJsonObject, type Json } from './json';

/** Path and versions of one API on this DSM. */
export interface ApiEntry {
  /** Relative to `webapi/`; null when DSM sends something other than a plain relative path. */
  readonly path: string | null;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** Accepted paths: letters, digits, `-` and single dots in at most three folders; no `..`, no other host. */
const PLAIN_PATH = /^(?:[\w-]+\/){0,3}[\w-]+\.cgi$/;

/** Parses the response of `SYNO.API.Info`; entries that are not objects are skipped. Source: docs/facts/dsm.md §4.1. */
export function parseApiInfo(data: Json): Map<string, ApiEntry> {
  const entries = new Map<string, ApiEntry>();
  for (const [api, raw] of Object.entries(isJsonObject(data) ? data : {})) {
    if (!isJsonObject(raw)) continue;
    const path = raw['path'];
    entries.set(api, {
      path: typeof path === 'string' && PLAIN_PATH.test(path) ? path : null,
      minVersion: Number(raw['minVersion'] ?? 1) || 1,
      maxVersion: Number(raw['maxVersion'] ?? 1) || 1,
    });
  }
  return entries;
}

/** Path and version of a call. */
export interface ApiAddress {
  readonly path: string;
  readonly version: number;
}

/** The APIs of a NAS, read once for all callers and again after {@link ApiInfo.invalidate}. */
export class ApiInfo {
  readonly #query: () => Promise<Json>;
  readonly #label: string;
  #entries: Promise<Map<string, ApiEntry>> | null = null;

  /** @param query requests all entries of `SYNO.API.Info`; @param label `host:port`, for messages */
  constructor(query: () => Promise<Json>, label: string) {
    this.#query = query;
    this.#label = label;
  }

  /**
   * Path of `api`, and `version` or the nearest lower version that DSM offers.
   * @throws DsmError EPACKAGE (no such API), EUNSUPPORTED (only newer versions), ERESPONSE (no usable path)
   */
  async address(api: string, method: string, version: number): Promise<ApiAddress> {
    const entry = (await this.#read()).get(api);
    const cause = { api, method, version, code: null, errors: null };
    if (entry === undefined) {
      this.invalidate();
      throw new DsmError(
        'EPACKAGE',
        `The NAS ${this.#label} does not offer this: is Active Backup for Business installed and running on it?`,
        cause,
      );
    }
    if (entry.minVersion > version) {
      throw new DsmError(
        'EUNSUPPORTED',
        `The NAS ${this.#label} offers this only in a newer form than this package speaks: is there an update of the package?`,
        cause,
      );
    }
    if (entry.path === null) {
      this.invalidate();
      throw new DsmError(
        'ERESPONSE',
        `The NAS ${this.#label} does not list this API: has DSM finished starting?`,
        cause,
      );
    }
    return { path: entry.path, version: Math.min(version, entry.maxVersion) };
  }

  /** Makes the next call read the list again: a package may have been started, stopped or updated. */
  invalidate(): void {
    this.#entries = null;
  }

  /**
   * Invalidates the list after an error that shows it may be outdated: DSM does not have the API or version, or the
   * response is not DSM's because an update has moved the API.
   */
  invalidateAfter(error: unknown): void {
    if (!(error instanceof DsmError)) return;
    const code = error.cause?.code;
    if (error.code === 'ERESPONSE' || code === 102 || code === 104) this.invalidate();
  }

  #read(): Promise<Map<string, ApiEntry>> {
    if (this.#entries !== null) return this.#entries;
    const entries = this.#query().then(parseApiInfo);
    this.#entries = entries;
    entries.catch(() => {
      if (this.#entries === entries) this.#entries = null;
    });
    return entries;
  }
}
