import { expect, test } from 'vitest';
import type { Picture, TaskPicture } from '../../../src/monitor/picture';
import { Roster } from '../../../src/node-red/bridge/roster';

const task = (id: number): TaskPicture =>
  ({ task: { id, name: `Task ${id}` }, recent: [], failing: null }) as unknown as TaskPicture;
let looks = 0;
const picture = (tasks: readonly TaskPicture[] | null, online = true): Picture => ({
  at: new Date((looks += 60_000)).toISOString(),
  online,
  tasks,
  storages: null,
  storageWasLow: false,
  devices: null,
});

test('of looks without news it gives the very same picture', () => {
  const roster = new Roster();
  const tasks = [task(1), task(2)];
  const first = roster.stable(picture(tasks));
  expect(roster.stable(picture(tasks))).toBe(first);
  expect(roster.stable(picture(tasks, false))).not.toBe(first);
});

test('what a look shows when it is shown again is there', () => {
  const roster = new Roster();
  const first = { ...picture([task(1)]), tasks: null };
  roster.stable(first);
  const whole = { ...first, tasks: [task(1), task(2)] };
  expect(roster.stable(whole)).toBe(whole);
});

test('it is sure of who is there after three looks, of which none failed or is shown again', () => {
  const roster = new Roster();
  const tasks = [task(1)];
  roster.stable(picture(tasks, false));
  roster.stable({ ...picture(null), online: true });
  const first = picture(tasks);
  roster.stable(first);
  roster.stable({ ...first, storages: [] });
  roster.stable(picture(tasks));
  expect(roster.isSure).toBe(false);
  roster.stable(picture(tasks));
  expect(roster.isSure).toBe(true);
});
