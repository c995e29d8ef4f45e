import fc from 'fast-check';
import { isJsonObject, type Json } from '../../src/dsm/json';

/** Inputs per property; `FUZZ_RUNS=20000 npx vitest run test/fuzz` tries many. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 200);
/** The same in each run of the suite; the message of a failure names the path that repeats it. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 16);

/** A time limit that grows with the number of inputs (ms). */
export const LIMIT_MS = 30_000 + RUNS * 50;

/** The options of each property. */
export const OPTIONS = { numRuns: RUNS, seed: SEED } as const;

/** Values that are special to JavaScript, JSON, DSM or MQTT somewhere. */
const SPECIAL: readonly Json[] = [
  ...[null, true, false, 0, -0, -1, 1, 1.5, 2 ** 31, 2 ** 53, 1e308, -1e308, 5e-324, 1_762_848_003, 1_762_848_003_000],
  ...[
    '',
    ' ',
    '0',
    '-1',
    '1e400',
    'NaN',
    '__proto__',
    'constructor',
    'toString',
    '${HOME}',
    '$(HOME)',
    '<b>x</b>',
    '\0',
  ],
  ...['2009-01-01T00:00:00.000Z', '2037-12-31T23:59:59.000Z', '9999-12-31', '+275760-09-13T00:00:00.000Z', 'yesterday'],
  ...[[], {}, [null], [[]], { tasks: [] }],
];

/** Any JSON, special values often. */
export const json: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...SPECIAL) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json> },
);

/** Any value that a flow may put into a message. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: json },
  {
    weight: 1,
    arbitrary: fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withSparseArray: true }),
  },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(undefined, NaN, Infinity, () => 1, Symbol('x'), cyclic()) },
);

function cyclic(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}

/** One change to a JSON value: at the place that `at` leads to, by the position of each field, something else is put. */
interface Mutation {
  readonly at: readonly number[];
  readonly kind: 'replace' | 'remove' | 'repeat';
  readonly value: Json;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }),
  kind: fc.constantFrom('replace', 'replace', 'remove', 'repeat'),
  value: json,
});

/** Copies of a value with one to four changes anywhere. */
export function mutated(value: Json): fc.Arbitrary<Json> {
  return fc.array(mutation, { minLength: 1, maxLength: 4 }).map((changes) => changes.reduce(applied, value));
}

function applied(value: Json, { at, ...change }: Mutation): Json {
  const [place = 0, ...rest] = at;
  if (Array.isArray(value)) {
    const index = place % Math.max(value.length, 1);
    const item = value[index];
    if (item === undefined) return value;
    if (rest.length > 0 && isInner(item)) return value.with(index, applied(item, { ...change, at: rest }));
    if (change.kind === 'remove') return value.toSpliced(index, 1);
    return change.kind === 'repeat' ? [...value, item] : value.with(index, change.value);
  }
  if (!isJsonObject(value)) return change.value;
  const entries = Object.entries(value);
  const entry = entries[place % Math.max(entries.length, 1)];
  if (entry === undefined) return value;
  const [name, field] = entry;
  if (rest.length > 0 && isInner(field)) return { ...value, [name]: applied(field, { ...change, at: rest }) };
  if (change.kind === 'remove') return Object.fromEntries(entries.filter(([other]) => other !== name));
  return { ...value, [name]: change.kind === 'repeat' ? [field, field] : change.value };
}

function isInner(value: Json): boolean {
  return typeof value === 'object' && value !== null;
}
