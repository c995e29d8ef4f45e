import type { Task } from '../active-backup/types';

/** The tasks that protect each device, of the lists of one NAS, which are mostly the same from poll to poll. */
export class TasksOfDevices {
  #tasks: readonly Task[] = [];
  /** Where in the list the tasks of a device are, by its id. */
  #places = new Map<number | null, readonly number[]>();

  /**
   * Takes over a list.
   * @returns the devices of the tasks that are another object than before; null: other tasks than before, or tasks of other
   * devices, so that anything may have changed
   */
  update(tasks: readonly Task[]): ReadonlySet<number | null> | null {
    const before = this.#tasks;
    if (tasks === before) return new Set();
    this.#tasks = tasks;
    const changed = changedDevices(before, tasks);
    if (changed === null) this.#places = placesOf(tasks);
    return changed;
  }

  /** The tasks of a device in the order of the list. */
  of(device: number | null): readonly Task[] {
    return (this.#places.get(device) ?? []).flatMap((place) => this.#tasks[place] ?? []);
  }

  /** The ids of all devices that have a task; null: of at least one it is unknown. */
  get devices(): IterableIterator<number | null> {
    return this.#places.keys();
  }
}

function changedDevices(before: readonly Task[], now: readonly Task[]): Set<number | null> | null {
  if (before.length !== now.length) return null;
  const changed = new Set<number | null>();
  for (const [index, task] of now.entries()) {
    const known = before[index];
    if (task === known) continue;
    if (known?.id !== task.id || !haveSameDevices(known, task)) return null;
    for (const { id } of task.devices) changed.add(id);
  }
  return changed;
}

function haveSameDevices({ devices: before }: Task, { devices: now }: Task): boolean {
  return before.length === now.length && before.every(({ id }, index) => id === now[index]?.id);
}

function placesOf(tasks: readonly Task[]): Map<number | null, number[]> {
  const places = new Map<number | null, number[]>();
  for (const [place, { devices }] of tasks.entries()) {
    for (const { id } of devices) {
      const known = places.get(id);
      if (known === undefined) places.set(id, [place]);
      else known.push(place);
    }
  }
  return places;
}
