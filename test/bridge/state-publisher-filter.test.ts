import { expect, test } from 'vitest';
import { SnapshotFilter } from '../../src/bridge/state-publisher';
import type { NasSnapshot, TaskSnapshot } from '../../src/monitor/snapshot';

const task = (id: number): TaskSnapshot =>
  ({ task: { id, name: `Task ${id}` }, recent: [], failing: null }) as unknown as TaskSnapshot;
let now = 0;
const snapshotOf = (tasks: readonly TaskSnapshot[] | null, online = true): NasSnapshot => ({
  at: new Date((now += 60_000)).toISOString(),
  online,
  tasks,
  storages: null,
  storageWasLow: false,
  devices: null,
  lastVerification: null,
  lastRestore: null,
  transferredBytes: null,
  protections: null,
});

test('an unchanged snapshot yields the same object as before', () => {
  const filter = new SnapshotFilter();
  const tasks = [task(1), task(2)];
  const first = filter.filter(snapshotOf(tasks));
  expect(filter.filter(snapshotOf(tasks))).toBe(first);
  expect(filter.filter(snapshotOf(tasks, false))).not.toBe(first);
});

test('a second snapshot of the same poll is not lost', () => {
  const filter = new SnapshotFilter();
  const first = { ...snapshotOf([task(1)]), tasks: null };
  filter.filter(first);
  const complete = { ...first, tasks: [task(1), task(2)] };
  expect(filter.filter(complete)).toBe(complete);
});

test('three successful polls are enough; failed polls and repeated snapshots do not count', () => {
  const filter = new SnapshotFilter();
  const tasks = [task(1)];
  filter.filter(snapshotOf(tasks, false));
  filter.filter({ ...snapshotOf(null), online: true });
  const first = snapshotOf(tasks);
  filter.filter(first);
  filter.filter({ ...first, storages: [] });
  filter.filter(snapshotOf(tasks));
  expect(filter.hasEnoughPolls).toBe(false);
  filter.filter(snapshotOf(tasks));
  expect(filter.hasEnoughPolls).toBe(true);
});
