import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJsonObject, type Json, type JsonObject } from '../../src/dsm/json';
import { findRows } from '../../src/dsm/json-rows';
import { removeSecrets } from '../../src/dsm/redact';
import { RowCache } from '../../src/dsm/row-cache';

const SEED = Number(process.env.SEED ?? 20261129);
const RUNS = Number(process.env.FUZZ_RUNS ?? 2000);

/** A response of DSM. */
const bytesOf = (tasks: Json, more: JsonObject = { total: 7 }): Buffer =>
  Buffer.from(JSON.stringify({ data: { has_devices: true, tasks, ...more }, success: true }));

/** The data of a response that is parsed as a whole; null when it is no JSON. */
function parsed(bytes: Buffer): Json {
  try {
    return removeSecrets((JSON.parse(bytes.toString('utf8')) as { data: Json }).data);
  } catch {
    return null;
  }
}

/** A cache that has received a response. */
function cacheOf(bytes: Buffer): RowCache {
  const cache = new RowCache('tasks');
  cache.set(bytes, parsed(bytes));
  return cache;
}

const rowsOf = (data: Json | undefined): Json[] =>
  data !== undefined && isJsonObject(data) && Array.isArray(data.tasks) ? data.tasks : [];

const row = (id: number, more: JsonObject = {}): JsonObject => ({ task_id: id, name: `Büro "${id}" {[}]`, ...more });
const ROWS = [1, 2, 3, 4, 5].map((id) => row(id));

// The row after an added or removed one has its first bytes in common with that one, and is parsed as well.
describe('of a list in which rows differ, the others are the objects of before', () => {
  const changed = row(3, { login_password: 'secret', link: { devices: [{ id: 9 }] } });
  test.each<[what: string, now: Json[], kept: number[]]>([
    ['one changed', [...ROWS.slice(0, 2), changed, ...ROWS.slice(3)], [0, 1, 3, 4]],
    ['the first changed', [changed, ...ROWS.slice(1)], [1, 2, 3, 4]],
    ['the last changed', [...ROWS.slice(0, 4), changed], [0, 1, 2, 3]],
    ['one added at the end', [...ROWS, row(6)], [0, 1, 2, 3, 4]],
    ['one added at the beginning', [row(6), ...ROWS], [1, 2, 3, 4]],
    ['one added between', [...ROWS.slice(0, 2), row(6), ...ROWS.slice(2)], [0, 1, 3, 4]],
    ['one removed', [...ROWS.slice(0, 2), ...ROWS.slice(3)], [0, 1, 4]],
    ['the first and the last removed', ROWS.slice(1, 4), []],
    ['all removed', [], []],
  ])('%s', (_, now, kept) => {
    const cache = cacheOf(bytesOf(ROWS));
    const before = rowsOf(cache.get(bytesOf(ROWS)));
    const data = cache.get(bytesOf(now));
    expect(data).toEqual(parsed(bytesOf(now)));
    const rows = rowsOf(data);
    expect(before.flatMap((each, at) => (rows.includes(each) ? [at] : []))).toEqual(expect.arrayContaining(kept));
    expect(cache.get(bytesOf(now))).toBe(data);
    expect(JSON.stringify(data)).not.toContain('secret');
  });
});

test.each<[what: string, before: Buffer, now: Buffer]>([
  ['that differs outside the list', bytesOf(ROWS), bytesOf(ROWS, { total: 8 })],
  ['that is an error', bytesOf(ROWS), Buffer.from('{"error":{"code":119},"success":false}')],
  ['that was cut off', bytesOf(ROWS), bytesOf(ROWS).subarray(0, 150)],
  [
    'whose list ends early',
    bytesOf(ROWS),
    Buffer.from(bytesOf(ROWS).toString().replace('"task_id":3', '"x":3}],"y":[{"z":3')),
  ],
  ['without a comma', bytesOf(ROWS), Buffer.from(bytesOf(ROWS).toString().replace('},{"task_id":3', '}{"task_id":3'))],
  [
    'with one comma more',
    bytesOf(ROWS),
    Buffer.from(bytesOf(ROWS).toString().replace('},{"task_id":3', '},,{"task_id":3')),
  ],
  ['with a row that is no object', bytesOf(ROWS), bytesOf([...ROWS.slice(0, 2), 7, ...ROWS.slice(2)])],
  ['after one with a row that is no object', bytesOf([...ROWS, null]), bytesOf(ROWS)],
  ['after one with two lists of the name', bytesOf([row(1, { tasks: [] })]), bytesOf(ROWS)],
  ['after one without the list', bytesOf(null), bytesOf(ROWS)],
  [
    'nested too deeply',
    bytesOf(ROWS),
    Buffer.from(
      bytesOf(ROWS)
        .toString()
        .replace('"task_id":3', `"x":${'['.repeat(200)}${']'.repeat(200)}`),
    ),
  ],
])('a response %s is parsed as a whole', (_, before, now) => {
  expect(cacheOf(before).get(now)).toBeUndefined();
});

test('white space between rows is no list as DSM writes it', () => {
  expect(findRows(Buffer.from('{"data": {"tasks": [ {"a":1} ]}}'), 'tasks')).toBeNull();
  expect(findRows(Buffer.from('{"tasks":[{"a":1}]}'), 'tasks')).toBeNull();
  expect(findRows(Buffer.from('{"other":{"tasks":[{"a":1}]}}'), 'tasks')).toBeNull();
  expect(findRows(Buffer.from('{"data":{"tasks":[{"a":"]}"},{}]}}'), 'tasks')?.rows).toHaveLength(2);
});

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
  fc.constantFrom<Json>('\\', '"', '{', '}]', '\\"},{"', 'ä€😀', '\u2028', 0, -0.5, 1e21, null, 'tasks'),
);
const randomRow: fc.Arbitrary<JsonObject> = fc.record({
  task_id: fc.nat(9),
  a: value,
  b: value,
});
/** How a list changes from one poll to the next. */
const edit = fc.record({ at: fc.nat(8), remove: fc.nat(2), insert: fc.array(randomRow, { maxLength: 2 }) });

test(`${RUNS} sequences of random lists give what parsing the whole gives, also when bytes are damaged`, () => {
  fc.assert(
    fc.property(
      fc.array(randomRow, { maxLength: 8 }),
      fc.array(edit, { minLength: 1, maxLength: 4 }),
      fc.option(
        fc.record({
          at: fc.double({ min: 0, max: 1, noNaN: true }),
          byte: fc.constantFrom('{', '}', '[', ']', ',', '"', ':', '\\', '0', ' '),
        }),
      ),
      (first, edits, damage) => {
        const cache = cacheOf(bytesOf(first));
        const rows = [...first];
        for (const { at, remove, insert } of edits) {
          rows.splice(at, remove, ...insert);
          const bytes = bytesOf(rows);
          const data = cache.get(bytes);
          expect(data ?? parsed(bytes)).toEqual(parsed(bytes));
          if (data === undefined) cache.set(bytes, parsed(bytes));
        }
        const damaged = bytesOf(rows);
        if (damage !== null) damaged.write(damage.byte, Math.floor(damage.at * (damaged.length - 1)), 'latin1');
        const data = cache.get(damaged);
        if (data !== undefined) expect(data).toEqual(parsed(damaged));
      },
    ),
    { seed: SEED, numRuns: RUNS },
  );
});
