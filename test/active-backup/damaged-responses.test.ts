import { expect, test } from 'vitest';
import { RESULT_STATUSES, TASK_STATES, TASK_TYPES } from '../../src/active-backup/codes';
import { parseAemInfo } from '../../src/active-backup/model/aem-info';
import { parseDevices, nonBackupLastJobs, parseTaskDeviceRows, parseTasks } from '../../src/active-backup/model/task';
import { parseOverview } from '../../src/active-backup/model/overview';
import { takeSamples } from '../../src/active-backup/model/progress';
import { parseFailureReason, parseResults } from '../../src/active-backup/model/result';
import { parseShares, parseStorages, parseVolumes } from '../../src/active-backup/model/storage';
import type { Task } from '../../src/active-backup/types';
import { isJsonObject, type Json } from '../../src/dsm/json';
import { CAPTURED, captured } from './captured';

/* The captured answers, damaged in thousands of seeded ways that no NAS has shown yet: every parser must keep to its model. */

const SEEDS = Number(process.env['FUZZ_RUNS'] ?? 6000);

/** Values put in place of others. */
const ODD: Json[] = [
  ...[
    null,
    true,
    false,
    '',
    ' ',
    'x',
    'constructor',
    '__proto__',
    '0',
    '-0',
    '-1',
    '12abc',
    '1e400',
    'NaN',
    '99999999999999999999',
  ],
  ...[0, -0, -1, 1, 2, 3, 1.5, 255, 1e308, -1e308, 5e-324, 2 ** 53, 1_762_848_003_000, 253_402_300_800],
  ...[
    [],
    [null],
    [[]],
    [1, 'x', {}],
    {},
    { tasks: [] },
    { progress: { running_task_status: 9, percentage: 1e308, total_bytes: 1 } },
  ],
];

/** Real progress, so that it is damaged too. */
const RUNNING = {
  running_task_status: 1,
  percentage: 0.5,
  transfered_bytes: 2_000_000,
  total_bytes: 4_000_000,
  pid: 7,
};
const POLLED_AT = new Date(10_000);

/** mulberry32: numbers in 0…1 that are the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A copy in which some inner values, at any depth, are replaced, removed, repeated, converted to text or added. */
function damaged(value: Json, random: () => number): Json {
  const odd = (): Json => ODD[Math.floor(random() * ODD.length)] ?? null;
  const chance = random();
  if (chance < 0.03) return odd();
  if (chance < 0.05) return JSON.stringify(value);
  if (chance < 0.06) return [value, value];
  if (Array.isArray(value)) {
    const items = value.map((item) => damaged(item, random));
    return chance < 0.2 ? [...items, odd()] : items;
  }
  if (!isJsonObject(value)) return value;
  const fields = Object.entries(value).filter(() => random() > 0.03);
  if (chance < 0.2) fields.push([`field_${Math.floor(random() * 9)}`, odd()]);
  return Object.fromEntries(fields.map(([name, field]) => [name, damaged(field, random)]));
}

/** @throws Error for a value that JSON would lose or change, with its path */
function expectPlain(value: unknown): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (typeof value !== 'object') throw new Error(`: JSON cannot carry a ${typeof value}`);
  for (const [name, field] of Object.entries(value)) at(name, () => expectPlain(field));
}

/** Puts a name before the message of an error, so that paths are only built when something is wrong. */
function at(name: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new Error(`${name}.${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** The names of all fields at any depth; entries of lists count as one, and null may be any type. */
type Shape = Fields | [Shape] | null;
interface Fields {
  [name: string]: Shape;
}

/** @throws Error for a value that lacks a field of the shape or has another one, with its path */
function expectShape(value: unknown, shape: Shape): void {
  if (shape === null || value === null) return;
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) throw new Error(': no list');
    for (const item of value) expectShape(item, shape[0]);
    return;
  }
  if (!isJsonObject(value)) throw new Error(': no object');
  const names = Object.keys(value);
  if (names.length !== Object.keys(shape).length || !names.every((name) => Object.hasOwn(shape, name)))
    throw new Error(`: the fields are ${names.sort().join()}`);
  for (const name in shape) {
    const inner = shape[name] ?? null;
    if (inner !== null) at(name, () => expectShape(value[name], inner));
  }
}

const fields = (names: string, more: Fields = {}): Fields => ({
  ...Object.fromEntries(names.split(' ').map((name) => [name, null])),
  ...more,
});

/* The model of docs/interface.md §4, by the names of its fields. */
const DEVICE = fields(
  'id uuid name type typeCode platform platformCode os address online agentCanBackup loginUser createdAt lastLoginAt',
);
const RESULT = fields(
  'id taskId taskName action actionCode status statusCode startedAt endedAt durationSeconds transferredBytes successCount warningCount errorCount reason devices',
);
const TASK = fields(
  'id uuid name type typeCode state stateCode lastSuccessAt nextRunAt overdue failuresInRow devicesFailed expectedEndAt manualAllowed storageId shareName targetDir versionCount managed',
  {
    progress: fields('percent transferredBytes totalBytes bytesPerSecond remainingSeconds'),
    lastResult: RESULT,
    schedule: fields(
      'kind kindCode text hour minute repeatHours startDate backupWindowEnabled backupWindow paused changedAt weekdays events utcOffsets',
      { weekdays: [null], events: [null], utcOffsets: [null] },
    ),
    retention: fields('text keepAll keepVersions keepDays gfsDays gfsWeeks gfsMonths gfsYears'),
    devices: [DEVICE],
  },
);
const FORMAT = 'encrypted encryptionCode compressed compressionCode';
const SHARE = fields(
  `id name isDefault path volumePath fileSystem freeBytes available readOnly mounted automount relinkable volumeFull newVersionUnsupported ${FORMAT}`,
);
const USE = fields('count bytes');
const STORAGE = fields(
  `id shareName volumePath volumeName fileSystem fileSystemCode mounted compacting compactingPercent dedupBytes compressedBytes logicalBytes dedupRatio deviceCount relinkState relinkStateCode relinkErrorCode growthBytesPerDay fullAt ${FORMAT}`,
  { devices: { pc: USE, server: USE, vm: USE, fileServer: USE, nas: USE } },
);
const VOLUME = fields('path totalBytes usedBytes freeBytes usedPercent');
const OVERVIEW = fields('defaultShare', {
  storages: [{ ...STORAGE, volume: VOLUME, share: SHARE }],
  volumes: [VOLUME],
  totals: fields(
    'storageCount deviceCount dedupBytes logicalBytes dedupRatio totalBytes usedBytes freeBytes usedPercent',
  ),
});

/** Each with the tasks of the same response, as polled before. */
const PARSERS: readonly [name: string, parse: (data: Json, before: Task[]) => unknown, shape: Shape][] = [
  ['tasks', (data, before) => parseTasks(data, { at: POLLED_AT, samples: takeSamples(before, new Date(0)) }), [TASK]],
  ['rows', (data) => parseTaskDeviceRows(data, null), [{ ...TASK, device: DEVICE }]],
  ['devices', parseDevices, [DEVICE]],
  ['results', parseResults, [RESULT]],
  ['hidden', (data) => [...nonBackupLastJobs(data).values()], [RESULT]],
  ['shares', parseShares, [SHARE]],
  ['storages', parseStorages, [STORAGE]],
  ['volumes', parseVolumes, [VOLUME]],
  ['overview', (data) => parseOverview({ list: data, list_storage: data, list_volume: data }), OVERVIEW],
  ['AEM', parseAemInfo, fields('joined address role roleCode status statusCode')],
  ['reason', parseFailureReason, null],
];

/** The captured answers, each with a task that is running. */
const RESPONSES = CAPTURED.map(captured);
for (const answer of RESPONSES) {
  const [task] = isJsonObject(answer) && Array.isArray(answer['tasks']) ? answer['tasks'] : [];
  if (isJsonObject(task)) task['progress'] = RUNNING;
}

function expectWhole(data: Json, origin: string): void {
  const tasks = parseTasks(data, null);
  for (const [name, parse, shape] of PARSERS) {
    const model = parse(data, tasks);
    at(`${origin}: ${name}`, () => {
      expectPlain(model);
      expectShape(model, shape);
    });
  }
  for (const task of tasks) at(origin, () => expectSense(task));
}

/** By plain conditions: this runs for hundreds of thousands of tasks. */
function expectSense({ type, state, progress, lastResult, schedule }: Task): void {
  const percent = progress?.percent ?? 0;
  const isSensible =
    TASK_TYPES.includes(type) &&
    TASK_STATES.includes(state) &&
    (progress === null) === (state === 'idle') &&
    percent >= 0 &&
    percent <= 100 &&
    (lastResult === null || RESULT_STATUSES.includes(lastResult.status)) &&
    (lastResult?.durationSeconds ?? 0) >= 0 &&
    schedule.weekdays.every((day) => day >= 0 && day <= 6);
  if (!isSensible) throw new Error(`: ${JSON.stringify({ type, state, progress, lastResult, schedule })}`);
}

test('the captured responses have all fields of the model', () => {
  RESPONSES.forEach((answer, index) => expectWhole(answer, CAPTURED[index] ?? ''));
});

test('any JSON value in place of a response', () => {
  for (const value of ODD) expectWhole(value, JSON.stringify(value));
});

test('any JSON value in place of any one field', () => {
  for (const [index, answer] of RESPONSES.entries()) {
    for (const path of pathsOf(answer)) {
      for (const odd of ODD)
        expectWhole(replaced(answer, path, odd), `${CAPTURED[index] ?? ''} ${path.join('.')} ${JSON.stringify(odd)}`);
    }
  }
}, 60_000);

test(`${SEEDS} damaged responses`, () => {
  let hurt = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const random = randomOf(seed);
    const index = Math.floor(random() * RESPONSES.length);
    const data = damaged(RESPONSES[index] ?? null, random);
    if (JSON.stringify(data) !== JSON.stringify(RESPONSES[index])) hurt += 1;
    expectWhole(data, `seed ${seed} (${CAPTURED[index] ?? ''})`);
  }
  expect(hurt).toBeGreaterThan(SEEDS / 2);
}, 60_000);

function pathsOf(value: Json): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => [[name], ...pathsOf(field).map((path) => [name, ...path])]);
}

function replaced(value: Json, [name, ...rest]: readonly string[], odd: Json): Json {
  if (name === undefined) return odd;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === name ? replaced(item, rest, odd) : item));
  return isJsonObject(value) ? { ...value, [name]: replaced(value[name] ?? null, rest, odd) } : value;
}
