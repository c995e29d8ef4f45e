import type { NamedDeviceResult } from '../active-backup/types';
import type { StoredDevices } from './device-history-state';
import { resultWithId } from './device-record';

/** The outcomes of runs that are known; another object as soon as anything has changed. */
export interface KnownOutcomes {
  /** Of a finished run for its devices, without those on which it has not ended; null: unknown. */
  readonly of: (resultId: number | null) => readonly NamedDeviceResult[] | null;
}

/** Lists that are remembered; more are made again when they are needed. */
const MAX_LISTS = 20_000;

/** The outcomes of each run for its devices. A list is the same object while nothing in it changes. */
export class RunOutcomes {
  /** Ids of devices by the id of the result. */
  readonly #devices = new Map<number, Set<string>>();
  readonly #lists = new Map<number, readonly NamedDeviceResult[] | null>();

  /** Begins anew with these devices. */
  reset(devices: StoredDevices['devices']): void {
    this.#devices.clear();
    this.#lists.clear();
    for (const [id, { rows }] of Object.entries(devices)) {
      for (const [resultId] of rows) if (resultId !== null) this.add(id, resultId);
    }
  }

  /** Call for an outcome that is new, or has changed. */
  add(deviceId: string, resultId: number): void {
    this.#lists.delete(resultId);
    const ids = this.#devices.get(resultId);
    if (ids === undefined) this.#devices.set(resultId, new Set([deviceId]));
    else ids.add(deviceId);
  }

  has(resultId: number): boolean {
    return this.#devices.has(resultId);
  }

  /** The outcomes of a run, without devices on which it has not ended; null: unknown. */
  of(resultId: number | null, devices: StoredDevices['devices']): readonly NamedDeviceResult[] | null {
    if (resultId === null) return null;
    const known = this.#lists.get(resultId);
    if (known !== undefined) return known;
    if (this.#lists.size >= MAX_LISTS) this.#lists.clear();
    const outcomes = this.#read(resultId, devices);
    const list = outcomes.length === 0 ? null : outcomes;
    this.#lists.set(resultId, list);
    return list;
  }

  #read(resultId: number, devices: StoredDevices['devices']): NamedDeviceResult[] {
    return [...(this.#devices.get(resultId) ?? [])].flatMap((id) => {
      const record = devices[id];
      const result = record && resultWithId(record, resultId);
      if (record === undefined || result === undefined || result.status === 'running') return [];
      return [{ name: record.name, ...result }];
    });
  }
}
