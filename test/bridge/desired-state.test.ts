import { expect, test } from 'vitest';
import { completeKinds, DesiredStateBuilder, type DesiredState } from '../../src/bridge/desired-state';
import type { PersistedState } from '../../src/bridge/persisted-state';
import { RetainedState } from '../../src/bridge/retained-state';
import { buildHaDevices } from '../../src/home-assistant/device-info';
import { idBases, NO_IDS, type IdBases } from '../../src/home-assistant/entity-ids';
import { buildDiscovery } from '../../src/home-assistant/discovery';
import { buildStateDocuments } from '../../src/home-assistant/state-documents';
import { topicsOf } from '../../src/home-assistant/topics';
import type { BridgeOptions, NasDescription } from '../../src/home-assistant/types';
import type { DeviceProtection } from '../../src/monitor/protection-types';
import type { NasSnapshot, TaskSnapshot } from '../../src/monitor/snapshot';
import { randomNas, randomOptions, randomProtection, randomSnapshot } from '../home-assistant/snapshots';
import { createRandom, type Random } from '../nas/random';

/*
 * The messages of successive snapshots of one NAS, of which single objects are replaced as the monitor does, compared with those
 * that are made from each snapshot alone.
 */

const POOL = Array.from({ length: 40 }, (_, seed) => randomSnapshot(seed, 6));
const TASKS = POOL.flatMap(({ tasks }) => tasks ?? []).filter(({ task }) => task.devices.length < 9);
const STORAGES = POOL.flatMap(({ storages }) => storages ?? []);
const JUDGED = POOL.flatMap(({ protections }) => protections ?? []);
const DEVICES = POOL.flatMap(({ devices }) => devices ?? []);
/** With 200, the whole file compares more than 20,000 snapshots, for which the whole suite has no time. */
const SEQUENCES = Number(process.env['DESIRED_STATE_SEQUENCES'] ?? 10);
const STEPS = 50;

type Change = (snapshot: NasSnapshot, random: Random) => Partial<NasSnapshot>;

/** A list in which one element is another object. */
function replaced<T>(list: readonly T[] | null, random: Random, replace: (each: T) => T): T[] | null {
  if (list === null || list.length === 0) return list && [];
  const at = random.integer(0, list.length - 1);
  return list.map((each, index) => (index === at ? replace(each) : each));
}

/** A list without one element, or with another one somewhere. */
function resized<T>(list: readonly T[] | null, random: Random, from: readonly T[], most: number): readonly T[] {
  const at = random.integer(0, list?.length ?? 0);
  const rest = [...(list ?? [])];
  if (rest.length >= most || random.fraction() < 0.5) rest.splice(at, 1);
  else rest.splice(at, 0, random.pick(from));
  return rest;
}

/** Another task in the place of a task: the same one after a run, renamed, with other devices … */
const otherTask =
  (random: Random) =>
  ({ task, ...rest }: TaskSnapshot): TaskSnapshot => {
    const { recent, transferredBytes } = rest;
    const other = random.pick(TASKS);
    return random.pick<() => TaskSnapshot>([
      () => ({ task: { ...task }, ...rest }),
      () => ({ task: { ...other.task, id: task.id, uuid: task.uuid, devices: task.devices }, ...rest }),
      () => ({
        task: { ...task, overdue: other.task.overdue, state: other.task.state },
        recent,
        failing: other.failing,
        transferredBytes,
      }),
      () => ({ task: { ...task, lastSuccessAt: other.task.lastSuccessAt, nextRunAt: null }, ...rest }),
      () => ({ ...other, task }),
      () => ({ task: { ...task, name: other.task.name }, ...rest }),
      () => ({
        task: { ...task, devices: replaced(task.devices, random, (device) => ({ ...device, online: null })) ?? [] },
        ...rest,
      }),
      () => ({ task: { ...task, uuid: other.task.uuid }, ...rest }),
      () => ({ task: { ...task, devices: other.task.devices }, ...rest }),
      () => other,
    ])();
  };

const CHANGES: readonly Change[] = [
  ...Array.from({ length: 8 }, (): Change => ({ tasks }, random) => ({
    tasks: replaced(tasks, random, otherTask(random)),
  })),
  ({ devices, tasks }, random) => ({
    devices: replaced(devices, random, (device) => ({ ...device, online: random.pick([true, false, null]) })),
    tasks: replaced(tasks, random, otherTask(random)),
  }),
  ({ devices }, random) => ({ devices: replaced(devices, random, () => random.pick(DEVICES)) }),
  ({ storages }, random) => ({ storages: replaced(storages, random, (each) => ({ ...each, low: !each.low })) }),
  ({ storages }, random) => ({ storages: replaced(storages, random, () => random.pick(STORAGES)) }),
  ({ tasks }, random) => ({ tasks: resized(tasks, random, TASKS, 7) }),
  ({ storages }, random) => ({ storages: resized(storages, random, STORAGES, 3) }),
  ({ devices }, random) => ({ devices: resized(devices, random, DEVICES, 5) }),
  ({ tasks }) => ({ tasks: tasks && [...tasks].reverse() }),
  ({ tasks }) => ({ tasks: tasks && [...tasks] }),
  ...Array.from({ length: 3 }, (): Change => ({ protections }, random) => ({
    protections: replaced(protections, random, ({ device }) => randomProtection(random, device)),
  })),
  ({ protections, tasks }, random) => ({
    protections: replaced(protections, random, ({ device }) => randomProtection(random, device)),
    tasks: replaced(tasks, random, otherTask(random)),
  }),
  ({ protections }, random) => ({ protections: replaced(protections, random, () => random.pick(JUDGED)) }),
  ({ protections }, random) => ({ protections: resized(protections, random, JUDGED, 5) }),
  ({ protections }) => ({ protections: protections && [...protections].reverse() }),
  (_, random) => ({ protections: random.pick([null, []]) }),
  (_, random) => ({ lastVerification: random.pick(POOL).lastVerification }),
  (_, random) => ({ lastRestore: random.pick(POOL).lastRestore }),
  (_, random) => ({ transferredBytes: random.pick(POOL).transferredBytes }),
  ({ online }) => ({ online: !online }),
  ({ storageWasLow }) => ({ storageWasLow: !storageWasLow }),
  (_, random) => ({ storages: random.pick([null, []]) }),
  (_, random) => ({ devices: random.pick([null, []]) }),
  () => ({}),
];

/** The desired state, made from one snapshot alone. */
function wholeState(
  snapshot: NasSnapshot,
  nas: NasDescription,
  options: BridgeOptions,
  bases: IdBases | null = {},
): DesiredState {
  const topics = topicsOf(options.baseTopic, options.nasId);
  const desired = new DesiredStateBuilder(options, topics);
  desired.show(snapshot, nas);
  return desired.build(bases);
}

function textOf({ documents, configs, uuids = new Map() }: DesiredState): string {
  return JSON.stringify([[...documents], [...configs], [...uuids]], null, 1);
}

/** A retained state with everything it does, in order. */
function recorder() {
  const log: string[] = [];
  const retained = new Map<string, string>();
  const empty = { documents: [], configs: {}, removed: [] };
  const identity = { version: 1, address: 'https://nas.lan/', chosen: '', nasId: 'x', facts: randomNas(1) } as const;
  const published: PersistedState = { ...identity, ...empty };
  const state = new RetainedState({
    published,
    store: {
      save: (saved) => {
        log.push(`save ${JSON.stringify(saved)}`);
        return true;
      },
    },
    publisher: {
      isRetained: (topic) => retained.has(topic),
      isAccepted: (topic) => retained.has(topic),
      retain: (topic, payload) => {
        if (retained.get(topic) === payload) return; // not sent again
        log.push(`retain ${topic} ${payload}`);
        retained.set(topic, payload);
      },
      clear: (topic) => {
        if (retained.delete(topic)) log.push(`clear ${topic}`);
      },
    },
  });
  return { state, log, retained };
}

/** What a user or Home Assistant does between two polls. */
function interfere(states: readonly ReturnType<typeof recorder>[], random: Random): void {
  const [first] = states;
  const configs = [...(first?.retained.keys() ?? [])].filter((topic) => topic.endsWith('/config'));
  const topic = configs.length === 0 ? '' : random.pick(configs);
  const act = random.pick<(each: ReturnType<typeof recorder>) => void>([
    ({ state }) => state.markRemovedByUser(topic),
    ({ state }) => {
      state.forgetUserRemovals();
    },
    ({ state }) => {
      state.endComponentRemoval();
    },
    ({ state }) => {
      state.adopt(['active-backup/x/task/999/state'], [[topic, { components: { old: { platform: 'sensor' } } }]]);
    },
    ({ state }) => {
      state.purge();
    },
  ]);
  for (const each of states) act(each);
}

test.each(Array.from({ length: SEQUENCES }, (_, seed) => ({ seed })))(
  'unchanged objects give the same messages as new ones, in the same order (seed $seed)',
  ({ seed }) => {
    const random = createRandom(seed);
    const options: BridgeOptions = { ...randomOptions(seed), devices: random.pick(['none', 'problems', 'all']) };
    const topics = topicsOf(options.baseTopic, options.nasId);
    const desired = new DesiredStateBuilder(options, topics);
    const [ours, whole] = [recorder(), recorder()];
    let nas = randomNas(seed);
    let snapshot: NasSnapshot = { ...randomSnapshot(seed, 6), tasks: [], devices: [], storages: [] };
    for (let step = 0; step < STEPS; step += 1) {
      snapshot = { ...snapshot, ...random.pick(CHANGES)(snapshot, random) };
      if (random.fraction() < 0.02) nas = randomNas(random.integer(0, 9));
      if (random.fraction() < 0.1) interfere([ours, whole], random);
      desired.show(snapshot, nas);
      // Several snapshots may come before the first is published.
      if (random.fraction() < 0.1) continue;
      const complete = completeKinds(snapshot, options.devices, step % 50 > 3);
      // Messages may be made in part before, and items may change between the parts.
      if (random.fraction() < 0.5) desired.prepare({}, random.integer(0, 3));
      if (random.fraction() < 0.1) continue;
      const expected = wholeState(snapshot, nas, options);
      const actual = desired.build({});
      expect(textOf(actual)).toBe(textOf(expected));
      expect(ours.state.apply(actual, complete)).toBe(whole.state.apply(expected, complete));
      expect(ours.log.splice(0).join('\n')).toBe(whole.log.splice(0).join('\n'));
    }
    expect([...ours.retained]).toEqual([...whole.retained]);
  },
);

/** The items of `before` with some replaced, dropped and added; those that stay are the same objects. */
function changed<T>(random: Random, before: readonly T[] | null, other: readonly T[] | null): readonly T[] | null {
  if (before === null || random.fraction() < 0.03) return other;
  if (random.fraction() < 0.4) return before;
  const kept = before.flatMap((item, index) => {
    const chance = random.fraction();
    if (chance < 0.1) return [];
    return chance < 0.25 ? [other?.[index] ?? item] : [item];
  });
  return random.fraction() < 0.2 ? [...kept, ...(other ?? []).slice(0, 1)] : kept;
}

function nextSnapshot(random: Random, before: NasSnapshot): NasSnapshot {
  const other = randomSnapshot(random.integer(1, 1_000_000), 5);
  return {
    ...other,
    tasks: changed(random, before.tasks, other.tasks),
    storages: changed(random, before.storages, other.storages),
    devices: changed(random, before.devices, other.devices),
    protections: changed(random, before.protections, other.protections),
  };
}

test(`what is remembered of items never changes what is published: ${SEQUENCES * STEPS} random snapshots`, () => {
  for (let seed = 1; seed <= SEQUENCES; seed += 1) {
    const random = createRandom(seed);
    const options = { ...randomOptions(seed), devices: random.pick(['none', 'problems', 'all'] as const) };
    const description = randomNas(seed);
    const desired = new DesiredStateBuilder(options, topicsOf(options.baseTopic, options.nasId));
    const [ours, whole] = [recorder(), recorder()];
    let bases: IdBases = {};
    let snapshot = randomSnapshot(seed, 5);
    for (let step = 0; step < STEPS; step += 1) {
      snapshot = nextSnapshot(random, snapshot);
      bases = idBases(buildHaDevices(snapshot, description, options), options.nasId, { ...NO_IDS, bases });
      const used = random.fraction() < 0.05 ? null : bases;
      const complete = completeKinds(snapshot, options.devices, random.fraction() < 0.8);
      desired.show(snapshot, description);
      while (!desired.prepare(used, 2));
      const removals = [
        ours.state.apply(desired.build(used), complete),
        whole.state.apply(wholeState(structuredClone(snapshot), description, options, used), complete),
      ];
      expect({ seed, step, removal: removals[0] }).toEqual({ seed, step, removal: removals[1] });
      if (random.fraction() < 0.3) interfere([ours, whole], random);
      expect(ours.log.splice(0).join('\n'), `seed ${seed}, step ${step}`).toBe(whole.log.splice(0).join('\n'));
    }
    expect([...ours.retained]).toEqual([...whole.retained]);
  }
}, 120_000);

test('the desired state has all documents and discovery messages', () => {
  for (const [seed, snapshot] of POOL.entries()) {
    const [nas, options] = [randomNas(seed), randomOptions(seed)];
    const { documents, configs } = wholeState(snapshot, nas, options);
    const discovery = buildDiscovery(snapshot, nas, options, {});
    expect([...documents].slice(2)).toEqual([...buildStateDocuments(snapshot, nas, options)]);
    expect([...configs].map(([topic, { payload }]) => [topic, payload])).toEqual(
      discovery.map(({ topic, payload }) => [topic, JSON.stringify(payload)]),
    );
  }
});

test('an unchanged task is not made again', () => {
  const options: BridgeOptions = { ...randomOptions(1), devices: 'none' };
  const desired = new DesiredStateBuilder(options, topicsOf(options.baseTopic, options.nasId));
  const task = TASKS.find(({ task: { id } }) => id !== null && id < 1000)!;
  const tasks = Array.from({ length: 100 }, (_, id): TaskSnapshot => ({ ...task, task: { ...task.task, id } }));
  const snapshot: NasSnapshot = { ...randomSnapshot(1), tasks, storages: [], devices: [], protections: [] };
  const items = [...desired.show(snapshot, randomNas(1))];
  desired.build({});
  const changed = { ...snapshot, tasks: tasks.with(7, { ...task, task: { ...task.task, id: 7 } }) };
  const now = desired.show(changed, randomNas(1));
  expect(now.filter((item, position) => item !== items[position]).map(({ kind, id }) => [kind, id])).toEqual([
    ['nas', 0],
    ['task', 7],
  ]);
  expect(desired.build({}).changed).toHaveLength(2 + 3 + 1 + 2);
});

test('a device whose task and outcomes are unchanged is not made again', () => {
  const options: BridgeOptions = { ...randomOptions(1), devices: 'all' };
  const desired = new DesiredStateBuilder(options, topicsOf(options.baseTopic, options.nasId));
  const devices = Array.from({ length: 100 }, (_, id) => ({ ...DEVICES[0]!, id }));
  const protections = devices.map((device): DeviceProtection => ({ ...JUDGED[0]!, device, protection: 'protected' }));
  const tasks = [{ ...TASKS[0]!, task: { ...TASKS[0]!.task, id: 1, devices } }];
  const snapshot: NasSnapshot = { ...randomSnapshot(1), tasks, storages: [], devices, protections };
  const items = [...desired.show(snapshot, randomNas(1))];
  desired.build({});
  const failing: DeviceProtection = { ...protections[7]!, protection: 'failing' };
  const now = desired.show({ ...snapshot, protections: protections.with(7, failing) }, randomNas(1));
  const changedItems = now.filter((item, position) => item !== items[position]);
  expect(changedItems).toMatchObject([
    { kind: 'nas', source: { totals: { protections: { failing: 1 } } } },
    { kind: 'device', id: 7, source: { protection: { protection: 'failing' } } },
  ]);
  expect(desired.build({}).changed).toHaveLength(2 + 2 + 2);
});
