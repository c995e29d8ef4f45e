import { expect, test } from 'vitest';
import type { NasSnapshot, TaskSnapshot } from '../../src/monitor/snapshot';
import { SnapshotFilter } from '../../src/bridge/snapshot-filter';

const task = (id: number): TaskSnapshot =>
  ({ task: { id, name: `Task ${id}` }, recent: [], failing: null }) as unknown as TaskSnapshot;
let looks = 0;
const picture = (tasks: readonly TaskSnapshot[] | null, online = true): NasSnapshot => ({
  at: new Date((looks += 60_000)).toISOString(),
  online,
  tasks,
  storages: null,
  storageWasLow: false,
  devices: null,
});

test('of looks without news it gives the very same picture', () => {
  const roster = new SnapshotFilter();
  const tasks = [task(1), task(2)];
  const first = roster.filter(picture(tasks));
  expect(roster.filter(picture(tasks))).toBe(first);
  expect(roster.filter(picture(tasks, false))).not.toBe(first);
});

test('what a look shows when it is shown again is there', () => {
  const roster = new SnapshotFilter();
  const first = { ...picture([task(1)]), tasks: null };
  roster.filter(first);
  const whole = { ...first, tasks: [task(1), task(2)] };
  expect(roster.filter(whole)).toBe(whole);
});

test('it is sure of who is there after three looks, of which none failed or is shown again', () => {
  const roster = new SnapshotFilter();
  const tasks = [task(1)];
  roster.filter(picture(tasks, false));
  roster.filter({ ...picture(null), online: true });
  const first = picture(tasks);
  roster.filter(first);
  roster.filter({ ...first, storages: [] });
  roster.filter(picture(tasks));
  expect(roster.hasEnoughPolls).toBe(false);
  roster.filter(picture(tasks));
  expect(roster.hasEnoughPolls).toBe(true);
});
