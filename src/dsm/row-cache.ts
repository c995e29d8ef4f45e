import { isJsonObject, type Json, type JsonObject } from './json';
import { findRows, type RowPositions } from './json-rows';
import { removeSecrets } from './redact';
import type { ResponseStore } from './response-store';

/** A response and its data. */
interface Cached {
  readonly bytes: Buffer;
  readonly data: JsonObject;
  readonly rows: readonly Json[];
}

/**
 * The last response to a repeated request for a list; the caller keeps one cache for each request. A response of the same bytes has
 * the same data object. Of a response in which some rows differ, only those are decoded and parsed; the others are the same
 * objects as before. Of a poll in which one task changes, parsing and comparing
 * all rows of its page was a third (docs/performance.md).
 */
export class RowCache implements ResponseStore {
  readonly #name: string;
  #last: Cached | null = null;

  /** @param name of the list in the response's data, such as `tasks` */
  constructor(name: string) {
    this.#name = name;
  }

  get known(): Buffer | null {
    return this.#last?.bytes ?? null;
  }

  /** The data of a response; undefined if it has to be parsed as a whole. */
  get(bytes: Buffer): Json | undefined {
    if (this.#last?.bytes.equals(bytes) === true) return this.#last.data;
    const merged = this.#last === null ? null : this.#merge(this.#last, bytes);
    if (merged === null) return undefined;
    this.set(bytes, merged);
    return merged;
  }

  /** @param data of a successful response, after its secrets were removed */
  set(bytes: Buffer, data: Json): void {
    const rows = isJsonObject(data) ? data[this.#name] : null;
    this.#last = isJsonObject(data) ? { bytes, data, rows: Array.isArray(rows) ? rows : [] } : null;
  }

  #merge(last: Cached, bytes: Buffer): JsonObject | null {
    const positions = findRows(last.bytes, this.#name);
    if (positions?.rows.length !== last.rows.length) return null;
    const common = commonRows(last.bytes, bytes, positions);
    const between = common === null ? null : parseRows(bytes, common);
    if (common === null || between === null) return null;
    const after = last.rows.slice(last.rows.length - common.after);
    return { ...last.data, [this.#name]: [...last.rows.slice(0, common.before), ...between, ...after] };
  }
}

/** How many rows two lists have in common before and after those that differ, and where the latter are in the second text. */
interface Common {
  readonly before: number;
  readonly after: number;
  readonly from: number;
  readonly to: number;
}

/** @returns null if the texts also differ outside the list */
function commonRows(one: Buffer, other: Buffer, { from, to, rows }: RowPositions): Common | null {
  const start = commonStart(one, other);
  const end = one.length - commonEnd(one, other, Math.min(one.length, other.length) - start);
  if (start < from || end > to) return null;
  const firstOther = rows.findIndex((row) => row.end > start);
  const before = firstOther < 0 ? rows.length : firstOther;
  const after = rows.length - 1 - rows.findLastIndex((row) => row.start < end);
  return {
    before,
    after,
    from: rows[before - 1]?.end ?? from,
    to: (rows[rows.length - after]?.start ?? to) + other.length - one.length,
  };
}

/** The rows of a part of a text. @returns null if the part is no list of objects between the rows around it */
function parseRows(bytes: Buffer, { before, after, from, to }: Common): Json[] | null {
  const text = bytes.toString('utf8', from, to);
  if (text === (before > 0 && after > 0 ? ',' : '')) return [];
  if ((before > 0 && !text.startsWith(',')) || (after > 0 && !text.endsWith(','))) return null;
  try {
    const rows = JSON.parse(`[${text.slice(before > 0 ? 1 : 0, after > 0 ? -1 : undefined)}]`) as Json[];
    return rows.length > 0 && rows.every(isJsonObject) ? removeSecrets(rows) : null;
  } catch {
    return null; // parsing the whole reports what is wrong
  }
}

/** Bytes that are compared at once. */
const BLOCK = 4096;

/** The number of bytes that two texts have in common at their beginning. */
function commonStart(one: Buffer, other: Buffer): number {
  const length = Math.min(one.length, other.length);
  let at = 0;
  while (at + BLOCK <= length && one.compare(other, at, at + BLOCK, at, at + BLOCK) === 0) at += BLOCK;
  while (at < length && one[at] === other[at]) at += 1;
  return at;
}

/** The number of bytes that two texts have in common at their end. @param limit the most that is counted */
function commonEnd(one: Buffer, other: Buffer, limit: number): number {
  const isSame = (at: number): boolean =>
    one.compare(other, other.length - at - BLOCK, other.length - at, one.length - at - BLOCK, one.length - at) === 0;
  let at = 0;
  while (at + BLOCK <= limit && isSame(at)) at += BLOCK;
  while (at < limit && one[one.length - 1 - at] === other[other.length - 1 - at]) at += 1;
  return at;
}
