import { errorCodeOf } from '../active-backup/read-errors';
import type { Device, Task } from '../active-backup/types';
import type { ErrorCode } from '../dsm/errors';
import { MissingItemFilter } from './missing-item-filter';
import type { MonitorClient } from './monitor-client';
import { RetryTimer } from './retry-timer';
import type { StorageWithVolume } from './storage-space';

/** By task id. */
export type VersionCounts = ReadonlyMap<number | null, Pick<Task, 'versionCount' | 'lastSuccessAt'>>;

/** Free space changes slowly, and listing it is slow on some NASes; so are the versions. */
const PERIOD_MS = 15 * 60_000;
/** Of more tasks than these, one answer for all is less work for the NAS. */
const SINGLE_TASKS = 5;
/** A NAS that answers so does not let us know; any other failure may be chance, and what was known stays. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['EPERMISSION', 'EUNSUPPORTED']);

/**
 * What there is on a NAS besides its tasks, read every quarter of an hour; a read that failed is repeated at the next poll,
 * then later and later. Null: not read yet, or the NAS refuses it.
 */
export class NasInventory {
  readonly #client: Pick<MonitorClient, 'storages' | 'devices' | 'versions'>;
  readonly #storageFilter = new MissingItemFilter<StorageWithVolume>(({ id }) => id);
  #storages: readonly StorageWithVolume[] | null = null;
  #devices: readonly Device[] | null = null;
  #versions: VersionCounts | null = null;
  readonly #due = {
    storages: new RetryTimer(PERIOD_MS),
    devices: new RetryTimer(PERIOD_MS),
    versions: new RetryTimer(PERIOD_MS),
  };

  constructor(client: Pick<MonitorClient, 'storages' | 'devices' | 'versions'>) {
    this.#client = client;
  }

  get storages(): readonly StorageWithVolume[] | null {
    return this.#storages;
  }

  get devices(): readonly Device[] | null {
    return this.#devices;
  }

  get versions(): VersionCounts | null {
    return this.#versions;
  }

  /** Lets the next {@link read} ask for everything. */
  invalidate(): void {
    for (const timer of Object.values(this.#due)) timer.expire();
  }

  /**
   * Reads what is due.
   * @param includeDevices also devices and versions; @param ended tasks of which the versions are due whatever the time
   */
  async read(at: Date, includeDevices: boolean, ended: readonly (number | null)[]): Promise<void> {
    const now = at.getTime();
    const versionsAreDue = includeDevices && this.#due.versions.isDue(now);
    await Promise.all([
      this.#due.storages.isDue(now) && this.#readStorages(now),
      includeDevices && this.#due.devices.isDue(now) && this.#readDevices(now),
      versionsAreDue
        ? this.#readVersions(now)
        : includeDevices && this.#readVersionsOf(new Set(ended.filter((id) => id !== null)), now),
    ]);
  }

  async #readStorages(now: number): Promise<void> {
    const read = this.#client.storages().then((storages) => this.#storageFilter.filter(storages));
    this.#storages = await settled(read, this.#storages, this.#due.storages, now);
  }

  async #readDevices(now: number): Promise<void> {
    this.#devices = await settled(this.#client.devices(), this.#devices, this.#due.devices, now);
  }

  async #readVersions(now: number): Promise<void> {
    const read = this.#client.versions().then(byTask);
    this.#versions = await settled(read, this.#versions, this.#due.versions, now);
  }

  /** When one of them cannot be read, all of them are due at the next poll. */
  async #readVersionsOf(ids: ReadonlySet<number>, now: number): Promise<void> {
    if (ids.size > SINGLE_TASKS) return this.#readVersions(now);
    const answers = await Promise.allSettled([...ids].map((id) => this.#client.versions(id)));
    const read = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (answers.some((answer) => answer.status === 'rejected' && !isRefusal(answer.reason))) {
      this.#due.versions.failed(now);
    }
    if (read.length > 0) this.#versions = new Map([...(this.#versions ?? []), ...byTask(read)]);
  }
}

function byTask(tasks: Awaited<ReturnType<MonitorClient['versions']>>): VersionCounts {
  return new Map(tasks.map(({ id, ...versions }) => [id, versions]));
}

/** What a read brought: null where the NAS refuses it, and what was known before when it failed. */
async function settled<T>(read: Promise<T>, known: T | null, timer: RetryTimer, now: number): Promise<T | null> {
  try {
    const value = await read;
    timer.succeeded(now);
    return value;
  } catch (error) {
    if (isRefusal(error)) timer.succeeded(now);
    else timer.failed(now);
    return isRefusal(error) ? null : known;
  }
}

function isRefusal(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code !== null && REFUSALS.has(code);
}
