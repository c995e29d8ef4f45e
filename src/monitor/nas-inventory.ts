import { errorCodeOf } from '../active-backup/errors';
import type { Device, Task } from '../active-backup/types';
import type { ErrorCode } from '../dsm/errors';
import { MissingItemFilter } from './missing-item-filter';
import type { MonitorClient } from './monitor-client';
import { RetryTimer } from './throttle';
import type { StorageWithVolume } from './storage-space';

/** Number of versions and last success by task id. */
export type VersionCounts = ReadonlyMap<number | null, Pick<Task, 'versionCount' | 'lastSuccessAt'>>;

/** Free space and versions change slowly, and listing them takes long on some NAS models. */
const PERIOD_MS = 15 * 60_000;
/** For more tasks than these, one request for all tasks costs the NAS less than one per task. */
const MAX_SINGLE_TASKS = 5;
/** Errors that mean that the account may not read this. Any other error may pass, so the last value is kept. */
const DENIALS: ReadonlySet<ErrorCode> = new Set(['EPERMISSION', 'EUNSUPPORTED']);

/**
 * Storages, devices and versions of a NAS, read every 15 minutes; a failed read is repeated at the next poll, then at growing
 * delays. Null: not read yet, or access denied.
 */
export class NasInventory {
  readonly #client: Pick<MonitorClient, 'storages' | 'devices' | 'versions'>;
  readonly #storageFilter = new MissingItemFilter<StorageWithVolume>(({ id }) => id);
  #storages: readonly StorageWithVolume[] | null = null;
  #devices: readonly Device[] | null = null;
  #versions: VersionCounts | null = null;
  /** Whether {@link versions} contains every task: all were read at once, not only those of finished backups. */
  #hasAllVersions = false;
  /** The poll (epoch ms) in which all versions were requested last. */
  #versionsReadAt = -Infinity;
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

  /** Of the tasks whose versions were read; null: of none. */
  get versions(): VersionCounts | null {
    return this.#versions;
  }

  /** {@link versions}; null until those of all tasks were read. */
  get allVersions(): VersionCounts | null {
    return this.#hasAllVersions ? this.#versions : null;
  }

  /** Begins anew: what was read before, maybe days ago, no longer counts. */
  restart(): void {
    this.#storages = null;
    this.#devices = null;
    this.#versions = null;
    this.#hasAllVersions = false;
    this.invalidate();
  }

  /** Makes the next {@link read} request everything. */
  invalidate(): void {
    for (const timer of Object.values(this.#due)) timer.expire();
  }

  /** Reads the versions if they are due, for a comparison that needs them; {@link read} in the same poll does not repeat it. */
  async readVersions(at: Date): Promise<void> {
    if (this.#due.versions.isDue(at.getTime())) await this.#readVersions(at.getTime());
  }

  /**
   * Reads what is due; does not reject.
   * @param includeDevices also devices and versions
   * @param finished ids of tasks whose versions are due because a backup has finished
   */
  async read(at: Date, includeDevices: boolean, finished: readonly (number | null)[]): Promise<void> {
    const now = at.getTime();
    const areVersionsRead = this.#versionsReadAt === now;
    const areVersionsDue = includeDevices && !areVersionsRead && this.#due.versions.isDue(now);
    const single = includeDevices && !areVersionsRead ? finished.filter((id) => id !== null) : [];
    await Promise.all([
      this.#due.storages.isDue(now) && this.#readStorages(now),
      includeDevices && this.#due.devices.isDue(now) && this.#readDevices(now),
      areVersionsDue ? this.#readVersions(now) : this.#readVersionsOf(new Set(single), now),
    ]);
  }

  async #readStorages(now: number): Promise<void> {
    const read = this.#client.storages().then((storages) => this.#storageFilter.filter(storages));
    this.#storages = await valueOf(read, this.#storages, this.#due.storages, now);
  }

  async #readDevices(now: number): Promise<void> {
    this.#devices = await valueOf(this.#client.devices(), this.#devices, this.#due.devices, now);
  }

  async #readVersions(now: number): Promise<void> {
    this.#versionsReadAt = now;
    const read = this.#client.versions().then((tasks) => {
      this.#hasAllVersions = true;
      return byTask(tasks);
    });
    this.#versions = await valueOf(read, this.#versions, this.#due.versions, now);
    this.#hasAllVersions &&= this.#versions !== null; // access may be denied later
  }

  /** If one request fails, all versions are due at the next poll. */
  async #readVersionsOf(ids: ReadonlySet<number>, now: number): Promise<void> {
    if (ids.size > MAX_SINGLE_TASKS) return this.#readVersions(now);
    const responses = await Promise.allSettled([...ids].map((id) => this.#client.versions(id)));
    const read = responses.flatMap((response) => (response.status === 'fulfilled' ? response.value : []));
    if (responses.some((response) => response.status === 'rejected' && !isDenied(response.reason))) {
      this.#due.versions.failed(now);
    }
    if (read.length > 0) this.#versions = new Map([...(this.#versions ?? []), ...byTask(read)]);
  }
}

function byTask(tasks: Awaited<ReturnType<MonitorClient['versions']>>): VersionCounts {
  return new Map(tasks.map(({ id, ...versions }) => [id, versions]));
}

/** The value read; null when access is denied, and the last value when the read failed. */
async function valueOf<T>(read: Promise<T>, known: T | null, timer: RetryTimer, now: number): Promise<T | null> {
  try {
    const value = await read;
    timer.succeeded(now);
    return value;
  } catch (error) {
    if (isDenied(error)) timer.succeeded(now);
    else timer.failed(now);
    return isDenied(error) ? null : known;
  }
}

/** Whether the account may not read something: the same request would be refused again. */
export function isDenied(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code !== null && DENIALS.has(code);
}
