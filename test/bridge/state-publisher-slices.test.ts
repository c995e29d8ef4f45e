import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { PersistedState } from '../../src/bridge/persisted-state';
import { StatePublisher } from '../../src/bridge/state-publisher';
import { topicsOf } from '../../src/home-assistant/topics';
import type { NasSnapshot, TaskSnapshot } from '../../src/monitor/snapshot';
import { Publisher } from '../../src/mqtt/publisher';
import { randomNas, randomOptions, randomSnapshot } from '../home-assistant/snapshots';

const OPTIONS = { ...randomOptions(1), devices: 'none' } as const;
const TOPICS = topicsOf(OPTIONS.baseTopic, OPTIONS.nasId);
const [TASK] = [1, 2, 3, 4].flatMap((seed) => randomSnapshot(seed, 6).tasks ?? []);

/** A snapshot of tasks of the same name. */
function snapshotOf(count: number, name: string): NasSnapshot {
  if (TASK === undefined) throw new Error('the random snapshot has no task');
  const { task } = TASK;
  const tasks = Array.from({ length: count }, (_, id): TaskSnapshot => ({ ...TASK, task: { ...task, id, name } }));
  return { ...randomSnapshot(1), online: true, tasks, storages: [], devices: [] };
}

/** A publisher without discovery that has no session, so that everything it is given waits in it. */
function createPublisher() {
  const publisher = new Publisher();
  const description = randomNas(1);
  const identity = { version: 1, address: 'https://nas.lan/', chosen: '', nasId: OPTIONS.nasId } as const;
  const published: PersistedState = { ...identity, facts: description, documents: [], configs: {}, removed: [] };
  const saves: PersistedState[] = [];
  const retained = new Map<string, string>();
  publisher.retain = (topic, payload) => {
    retained.set(topic, payload);
  };
  const state = new StatePublisher({
    publisher,
    topics: TOPICS,
    options: OPTIONS,
    discovery: false,
    description,
    entityIdScope: 'slices',
    discoveryScope: 'slices',
    retainedMs: 1,
    published,
    store: {
      save: (saved) => {
        saves.push(saved);
        return true;
      },
    },
  });
  onTestFinished(() => state.close());
  return { state, retained, saves };
}

/** Turns of the event loop until the state of the last task is given to the publisher. */
async function turnsUntilPublished({ retained }: ReturnType<typeof createPublisher>, count: number): Promise<number> {
  for (let turns = 0; turns < 1000; turns += 1) {
    if (retained.has(TOPICS.task(count - 1).state)) return turns;
    await nextTurn();
  }
  throw new Error('not published');
}

test('the messages of ten items are made in one turn of the event loop, those of a hundred tasks in more than nine', async () => {
  const few = createPublisher();
  few.state.show(snapshotOf(9, 'PC')); // and the NAS
  expect(await turnsUntilPublished(few, 9)).toBe(0);
  const many = createPublisher();
  many.state.show(snapshotOf(100, 'PC'));
  expect([...many.retained.keys()], 'nothing of a part').toEqual([]);
  expect(await turnsUntilPublished(many, 100)).toBeGreaterThanOrEqual(10);
  expect(many.saves).toHaveLength(1);
});

test('a snapshot that comes meanwhile is published, and nothing of the one before', async () => {
  const publisher = createPublisher();
  publisher.state.show(snapshotOf(100, 'before'));
  await nextTurn();
  await nextTurn();
  publisher.state.show({ ...snapshotOf(120, 'after'), online: false });
  await turnsUntilPublished(publisher, 120);
  const attributes = Array.from({ length: 120 }, (_, id) => publisher.retained.get(TOPICS.task(id).attributes) ?? '{}');
  const names = attributes.map((text) => (JSON.parse(text) as { task_name?: string }).task_name);
  expect(new Set(names)).toEqual(new Set(['after']));
  expect(publisher.retained.get(TOPICS.connection)).toBe('offline');
});

test('while the messages are made, a NAS that is no longer reachable is published at once if its tasks are unknown', async () => {
  const publisher = createPublisher();
  publisher.state.show(snapshotOf(100, 'PC'));
  publisher.state.show({ ...snapshotOf(0, ''), online: false, tasks: null });
  expect([...publisher.retained]).toEqual([[TOPICS.connection, 'offline']]);
  for (let turns = 0; turns < 30; turns += 1) await nextTurn();
  expect([...publisher.retained]).toEqual([[TOPICS.connection, 'offline']]);
});

test('a closed publisher publishes nothing of what it has made', async () => {
  const publisher = createPublisher();
  publisher.state.show(snapshotOf(100, 'PC'));
  await nextTurn();
  publisher.state.close();
  for (let turns = 0; turns < 30; turns += 1) await nextTurn();
  expect([...publisher.retained.keys()]).toEqual([]);
});
