import { DsmError } from './errors';
import { isJsonObject, type Json } from './json';
import type { DsmRequest } from './dsm-request';

/** Versions of one API on this DSM. */
export interface ApiVersions {
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** Path and versions of one API on this DSM. */
interface ApiEntry extends ApiVersions {
  /** Relative to `webapi/`; null when DSM sends something other than a plain relative path. */
  readonly path: string | null;
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
        `The NAS ${this.#label} does not offer this: install Active Backup for Business on it, or start it in Package Center`,
        cause,
      );
    }
    if (entry.minVersion > version) {
      throw new DsmError(
        'EUNSUPPORTED',
        `The NAS ${this.#label} offers this only in a newer form than this package supports: check for an update of the package`,
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

  /** Every API of this DSM, with its versions. @throws DsmError as the query */
  async versions(): Promise<ReadonlyMap<string, ApiVersions>> {
    return this.#read();
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

/** DSM's code for "no permission". DSM also sends it for a session that no longer exists. */
export const NO_PERMISSION_CODE = 105;

/** For this long a method that was denied after a new login counts as denied, without another login. */
const DENIED_MS = 30 * 60_000;
/** A session that worked this recently is not lost: DSM ends no session within a minute (docs/facts/dsm.md §4.3). */
const SESSION_PROVEN_MS = 45_000;

type Method = Pick<DsmRequest, 'api' | 'method'>;

/**
 * Decides whether a 105 means a missing permission or a lost session. Without this, each call of a method that the
 * account may not use would cause a new login.
 */
export class DeniedMethods {
  readonly #now: () => number;
  /** By API and method, when DSM denied it although the session was valid (epoch ms). */
  readonly #deniedAt = new Map<string, number>();
  #sessionProvenAt = -Infinity;

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Records that the session is valid: a login or a call has just succeeded. */
  recordValidSession(): void {
    this.#sessionProvenAt = this.#now();
  }

  /** Records a successful call: the session is valid and the method is permitted. */
  recordSuccess(method: Method): void {
    this.recordValidSession();
    this.#deniedAt.delete(keyOf(method));
  }

  /** Records an error that followed a new login: a 105 is then a missing permission. */
  recordAfterLogin(method: Method, error: unknown): void {
    if (codeOf(error) === NO_PERMISSION_CODE) this.#deniedAt.set(keyOf(method), this.#now());
  }

  /**
   * Whether `error` is a 105 that means a missing permission: DSM denied the method a short time ago, or the request is a
   * change, which is preceded by a successful call in the same session.
   */
  isDenied(request: Method & Pick<DsmRequest, 'changes'>, error: unknown): boolean {
    if (codeOf(error) !== NO_PERMISSION_CODE) return false;
    const key = keyOf(request);
    const now = this.#now();
    if (request.changes && isWithin(SESSION_PROVEN_MS, this.#sessionProvenAt, now)) this.#deniedAt.set(key, now);
    return isWithin(DENIED_MS, this.#deniedAt.get(key) ?? -Infinity, now);
  }
}

/** DSM's code in the cause of an error; null when there is none. */
export function codeOf(error: unknown): number | null {
  return error instanceof DsmError ? (error.cause?.code ?? null) : null;
}

/** Whether `at` is less than `ms` from `now` in either direction, so that a clock set back prolongs nothing. */
function isWithin(ms: number, at: number, now: number): boolean {
  return Math.abs(now - at) < ms;
}

function keyOf({ api, method }: Method): string {
  return `${api}.${method}`;
}
