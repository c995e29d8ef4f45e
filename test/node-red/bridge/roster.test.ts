import { expect, test } from 'vitest';
import type { Picture, StoragePicture, TaskPicture } from '../../../src/monitor/picture';
import { Roster } from '../../../src/node-red/bridge/roster';

const task = (id: number): TaskPicture =>
  ({ task: { id, name: `Task ${id}` }, recent: [], failing: null }) as unknown as TaskPicture;
let looks = 0;
const picture = (tasks: readonly TaskPicture[] | null, online = true): Picture => ({
  at: new Date((looks += 60_000)).toISOString(),
  online,
  tasks,
  storages: null,
  devices: null,
});
const idsOf = ({ tasks }: Picture): (number | null)[] | undefined => tasks?.map((each) => each.task.id);
const [one, two] = [task(1), task(2)];

test('a task that one or two answers leave out is still there; the third one says that it is gone', () => {
  const roster = new Roster();
  const left = [one];
  expect(idsOf(roster.stable(picture([one, two])))).toEqual([1, 2]);
  expect(idsOf(roster.stable(picture(left)))).toEqual([1, 2]);
  expect(idsOf(roster.stable(picture(left)))).toEqual([1, 2]);
  expect(idsOf(roster.stable(picture(left)))).toEqual([1]);
});

test('a task that comes back in time was never gone', () => {
  const roster = new Roster();
  roster.stable(picture([one, two]));
  roster.stable(picture([one]));
  roster.stable(picture([one]));
  roster.stable(picture([one, two]));
  expect(idsOf(roster.stable(picture([one])))).toEqual([1, 2]);
});

test('looks without an answer do not count', () => {
  const roster = new Roster();
  roster.stable(picture([one, two]));
  const left = [one];
  roster.stable(picture(left));
  for (let looks = 0; looks < 5; looks += 1) roster.stable(picture(left, false));
  expect(idsOf(roster.stable(picture(left)))).toEqual([1, 2]);
  expect(idsOf(roster.stable(picture(left)))).toEqual([1]);
});

test('a look that is shown several times counts once', () => {
  const roster = new Roster();
  roster.stable(picture([one, two]));
  const left = picture([one]);
  for (let times = 0; times < 5; times += 1) expect(idsOf(roster.stable(left))).toEqual([1, 2]);
});

test('what a look shows when it is shown again is there', () => {
  const roster = new Roster();
  const first = { ...picture([one]), tasks: null };
  roster.stable(first);
  expect(idsOf(roster.stable({ ...first, tasks: [one, two] }))).toEqual([1, 2]);
});

test('a storage is missed once for each time that storages are read', () => {
  const roster = new Roster();
  const storage = { id: 1 } as unknown as StoragePicture;
  const tasks = [one];
  const read = (storages: readonly StoragePicture[]): Picture => ({ ...picture(tasks), storages });
  roster.stable(read([storage]));
  const without: StoragePicture[] = [];
  for (let times = 0; times < 5; times += 1) expect(roster.stable(read(without)).storages).toEqual([storage]);
  expect(roster.stable(read([])).storages).toEqual([storage]);
  expect(roster.stable(read([])).storages).toEqual([]);
});

test('of looks without news it gives the very same picture', () => {
  const roster = new Roster();
  const tasks = [one, two];
  const first = roster.stable(picture(tasks));
  expect(roster.stable(picture(tasks))).toBe(first);
  expect(roster.stable(picture(tasks, false))).not.toBe(first);
});

test('before the first answer nothing is known', () => {
  expect(new Roster().stable(picture(null, false)).tasks).toBeNull();
});

test('a NAS that is away when the roster begins has the tasks that it was known to have', () => {
  const roster = new Roster();
  const tasks = [one, two];
  expect(idsOf(roster.stable(picture(tasks, false)))).toEqual([1, 2]);
  expect(idsOf(roster.stable(picture(tasks, false)))).toEqual([1, 2]);
});

test('it is sure of who is there after three looks, of which none failed or is shown again', () => {
  const roster = new Roster();
  const tasks = [one];
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
