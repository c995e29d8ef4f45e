import type { Json } from '../../src/dsm/json';

/** The rows of one page. A negative or missing limit means all of them. */
export function page<T>(rows: readonly T[], { offset, limit }: { offset?: Json; limit?: Json }): T[] {
  const first = typeof offset === 'number' ? Math.max(0, offset) : 0;
  const count = typeof limit === 'number' && limit >= 0 ? limit : Infinity;
  return rows.slice(first, first + count);
}

/** Whether a filter allows a number: an absent filter allows all, a number or a list those. */
export function allows(wanted: Json | undefined, actual: number): boolean {
  if (wanted === undefined || wanted === null) return true;
  return Array.isArray(wanted) ? wanted.includes(actual) : wanted === actual;
}

/** Whether `at` (epoch seconds) lies in the window of a filter; an absent bound is open. */
export function within(at: number, from: Json | undefined, to: Json | undefined): boolean {
  return (typeof from !== 'number' || at >= from) && (typeof to !== 'number' || at <= to);
}

/** Whether a text contains a filter's key word, ignoring case; an absent key word matches all. */
export function hasKeyWord(text: string, keyWord: Json | undefined): boolean {
  return typeof keyWord !== 'string' || text.toLowerCase().includes(keyWord.toLowerCase());
}
