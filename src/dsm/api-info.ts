import { DsmError } from './errors';
import { isJsonObject, type Json } from './json';

/** Where an API is found, and in which versions this DSM offers it. */
export interface ApiEntry {
  /** Below `webapi/`; null when DSM names one that is not a plain relative path. */
  readonly path: string | null;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** A path DSM may name: letters, digits and single dots in at most a few folders; no way up, no other host. */
const PLAIN_PATH = /^(?:[\w-]+\/){0,3}[\w-]+\.cgi$/;

/** Reads the answer of `SYNO.API.Info`; entries that are not objects are left out. Source: DSM facts 4.1. */
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

/** An API as it is to be called: its entry with a usable path, and the version to ask for. */
export interface ApiAddress {
  readonly path: string;
  readonly version: number;
}

/** What a NAS offers, asked once for all callers and again after {@link ApiInfo.invalidate}. */
export class ApiInfo {
  readonly #query: () => Promise<Json>;
  readonly #label: string;
  #entries: Promise<Map<string, ApiEntry>> | null = null;

  /** @param query asks `SYNO.API.Info` for everything; @param label `host:port`, for messages */
  constructor(query: () => Promise<Json>, label: string) {
    this.#query = query;
    this.#label = label;
  }

  /**
   * Where to send a call of `api`, asking for `version` or the nearest one below that DSM offers.
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
        `The NAS ${this.#label} does not say where this is to be asked for: has DSM finished starting?`,
        cause,
      );
    }
    return { path: entry.path, version: Math.min(version, entry.maxVersion) };
  }

  /** The next caller asks the NAS again: a package may have been started, stopped or updated. */
  invalidate(): void {
    this.#entries = null;
  }

  /**
   * Forgets what a NAS offers when the error of a call shows that it may have changed: DSM does not know the API or the
   * version, or something else than DSM answers where the API was (an update has moved it).
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
