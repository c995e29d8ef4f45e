import type { Json, JsonObject } from '../../src/dsm/json';
import { isJsonObject } from '../../src/dsm/json';
import { createRandom } from './random';

/** Changes the data of an answer, for the fault `change`. */
export type Change = (data: Json) => Json;

/** Calls `change` for each object, from the inside out. */
function inEachObject(data: Json, change: (object: JsonObject) => Json): Json {
  if (Array.isArray(data)) return data.map((each) => inEachObject(each, change));
  if (!isJsonObject(data)) return data;
  const entries = Object.entries(data).map(([name, value]) => [name, inEachObject(value, change)] as const);
  return change(Object.fromEntries(entries));
}

/** Replaces the values of fields by name, wherever they are. */
function withFields(names: RegExp, valueOf: (value: Json) => Json): Change {
  return (data) =>
    inEachObject(data, (object) =>
      Object.fromEntries(
        Object.entries(object).map(([name, value]) => [name, names.test(name) ? valueOf(value) : value]),
      ),
    );
}

/** Fields of a row are absent, each with the probability `share`. Lists stay. */
export function missingFields(seed: number, share = 0.3): Change {
  const random = createRandom(seed);
  return (data) =>
    inEachObject(data, (object) =>
      Object.fromEntries(
        Object.entries(object).filter(([, value]) => Array.isArray(value) || random.fraction() >= share),
      ),
    );
}

const WRONG: readonly Json[] = [null, '', 'x', -1, 1e20, true, [], {}];

/** Values of rows have other types, each with the probability `share`: text for numbers, null, lists. */
export function wrongTypes(seed: number, share = 0.2): Change {
  const random = createRandom(seed);
  return (data) =>
    inEachObject(data, (object) =>
      Object.fromEntries(
        Object.entries(object).map(([name, value]) => [
          name,
          Array.isArray(value) || random.fraction() >= share ? value : random.pick(WRONG),
        ]),
      ),
    );
}

/** Ids of devices and results that no other answer has: of machines and results that are gone. */
export const unknownIds: Change = withFields(/^(config_)?device_id$|^result_id$|^task_id$/, (value) =>
  typeof value === 'number' ? value + 1_000_000 : value,
);

/** All times are moved so that the latest one is `latest` (epoch seconds): a NAS whose clock was in 2009 or 2037. */
export function timesUntil(latest: number): Change {
  return (data) => {
    let last = 0;
    withFields(/^time_(start|end)$/, (value) => {
      if (typeof value === 'number') last = Math.max(last, value);
      return value;
    })(data);
    return withFields(/^time_(start|end)$/, (value) =>
      typeof value === 'number' && value > 0 ? value - last + latest : value,
    )(data);
  };
}

/** The rows of `key`, at any depth, repeated with new ids until there are `count` in all. */
export function manyRows(key: string, count: number): Change {
  return (data) =>
    inEachObject(data, (object) => {
      const rows = object[key];
      if (!Array.isArray(rows) || rows.length === 0) return object;
      const more = Array.from({ length: count }, (_, index) => repeated(rows[index % rows.length] ?? null, index));
      return { ...object, [key]: more };
    });
}

/** The row with other ids; times stay. */
function repeated(row: Json, index: number): Json {
  if (!isJsonObject(row)) return row;
  const ids = Object.entries(row).map(([name, value]): [string, Json] => [
    name,
    /(^|_)result_id$/.test(name) && typeof value === 'number' ? value + index * 1000 : value,
  ]);
  return Object.fromEntries(ids);
}

/** All lists in another order. */
export function shuffled(seed: number): Change {
  const random = createRandom(seed);
  const shuffle = (data: Json): Json => {
    if (Array.isArray(data)) {
      return data
        .map((row) => ({ row: shuffle(row), at: random.fraction() }))
        .sort((a, b) => a.at - b.at)
        .map(({ row }) => row);
    }
    if (!isJsonObject(data)) return data;
    return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, shuffle(value)]));
  };
  return shuffle;
}
