import { expect, test } from 'vitest';
import { buildDesiredState, completeKinds, DesiredStateMemo } from '../../src/bridge/desired-state';
import type { PersistedState } from '../../src/bridge/persisted-state';
import { RetainedState } from '../../src/bridge/retained-state';
import { buildHaDevices } from '../../src/home-assistant/device-info';
import { idBases, NO_IDS, type IdBases } from '../../src/home-assistant/entity-ids';
import { Memo } from '../../src/home-assistant/memo';
import { topicsOf } from '../../src/home-assistant/topics';
import type { HaDevice } from '../../src/home-assistant/device-info';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { randomNas, randomOptions, randomSnapshot } from '../home-assistant/snapshots';
import { createRandom, type Random } from '../nas/random';

/** 200 sequences are 10,000 snapshots, for which the whole suite has no time. */
const SEQUENCES = Number(process.env['DESIRED_STATE_SEQUENCES'] ?? 10);
const STEPS = 50;

/** A retained state, and what it holds at the broker and on disk. */
function createState(nasId: string) {
  let saved: PersistedState = {
    version: 1,
    address: 'https://nas.lan/',
    chosen: '',
    nasId,
    facts: { ...randomNas(1), url: 'https://nas.lan/' },
    documents: [],
    configs: {},
    removed: [],
  };
  const retained = new Map<string, string>();
  const state = new RetainedState({
    published: saved,
    store: { save: (now) => ((saved = now), true) },
    publisher: {
      isRetained: (topic) => retained.has(topic),
      retain: (topic, payload) => void retained.set(topic, payload),
      clear: (topic) => void retained.delete(topic),
    },
  });
  return { state, retained, saved: () => saved };
}

function contentOf({ retained, saved }: ReturnType<typeof createState>): string {
  return JSON.stringify([[...retained].sort(), saved()]);
}

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
  };
}

test(`what is remembered of items never changes what is published: ${SEQUENCES * STEPS} random snapshots`, () => {
  for (let seed = 1; seed <= SEQUENCES; seed += 1) {
    const random = createRandom(seed);
    const options = { ...randomOptions(seed), devices: random.pick(['none', 'problems', 'all'] as const) };
    const nas = { options, topics: topicsOf(options.baseTopic, options.nasId), description: randomNas(seed) };
    const [remembering, whole] = [createState(options.nasId), createState(options.nasId)];
    const memo = new DesiredStateMemo();
    const haDevices = new Memo<HaDevice>();
    let bases: IdBases = {};
    let snapshot = randomSnapshot(seed, 5);
    for (let step = 0; step < STEPS; step += 1) {
      snapshot = nextSnapshot(random, snapshot);
      const devices = buildHaDevices(snapshot, nas.description, options, haDevices);
      const wholeDevices = buildHaDevices(structuredClone(snapshot), nas.description, options);
      expect(JSON.stringify(devices) === JSON.stringify(wholeDevices), `devices: seed ${seed}, step ${step}`).toBe(
        true,
      );
      bases = idBases(devices, options.nasId, { ...NO_IDS, bases });
      const used = random.fraction() < 0.05 ? null : bases;
      const complete = completeKinds(snapshot, options.devices, random.fraction() < 0.8);
      const removals = [
        remembering.state.apply(buildDesiredState(snapshot, nas, used, memo), complete),
        whole.state.apply(buildDesiredState(structuredClone(snapshot), nas, used), complete),
      ];
      expect({ seed, step, removal: removals[0] }).toEqual({ seed, step, removal: removals[1] });
      const other = random.fraction();
      const [topic = ''] = [...remembering.retained.keys()].filter((each) => each.endsWith('/config')).slice(-1);
      for (const { state } of [remembering, whole]) {
        if (other < 0.3) state.endComponentRemoval();
        else if (other < 0.35) state.markRemovedByUser(topic);
        else if (other < 0.38) state.forgetUserRemovals();
        else if (other < 0.41) state.purge();
        else if (other < 0.45) state.adopt(['old/x/task/9/state'], [[`${topic}x`, { components: {} }]]);
      }
      const [actual, expected] = [contentOf(remembering), contentOf(whole)];
      if (actual !== expected) expect({ seed, step, actual }).toEqual({ seed, step, actual: expected });
    }
  }
}, 120_000);
