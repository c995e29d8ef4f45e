import type { Device, Task } from '../active-backup/types';
import type { DsmError, ErrorCode } from '../dsm/errors';
import type { StorageSnapshot } from './storage-rule';

/** What is asked of a NAS besides its tasks. */
export interface SurroundingsSource {
  readonly storages: () => Promise<readonly StorageSnapshot[]>;
  /** Every machine that Active Backup knows. */
  readonly devices: () => Promise<readonly Device[]>;
  /** What the versions of each task tell. @param taskId of this one alone */
  readonly versions: (taskId?: number) => Promise<readonly Pick<Task, 'id' | 'versionCount' | 'lastSuccessAt'>[]>;
}

/** By task id. */
export type Versions = ReadonlyMap<number | null, Pick<Task, 'versionCount' | 'lastSuccessAt'>>;

/** Free space changes slowly, and listing it is slow on some NASes; so are the versions. */
const PERIOD_MS = 15 * 60_000;
/** Of more tasks than these, one answer for all is less work for the NAS. */
const SINGLE_TASKS = 5;
/** A NAS that answers so does not let us know; any other failure may be chance, and what was known stays. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['EPERMISSION', 'EUNSUPPORTED']);

/** What there is on a NAS besides its tasks, read every quarter of an hour. Null: not read yet, or the NAS refuses it. */
export class Surroundings {
  readonly #source: SurroundingsSource;
  #storages: readonly StorageSnapshot[] | null = null;
  #devices: readonly Device[] | null = null;
  #versions: Versions | null = null;
  /** When (epoch ms) they were read last, or that was tried: a NAS that refuses is not asked at every look. */
  #storagesReadAt = -Infinity;
  #othersReadAt = -Infinity;

  constructor(source: SurroundingsSource) {
    this.#source = source;
  }

  get storages(): readonly StorageSnapshot[] | null {
    return this.#storages;
  }

  get devices(): readonly Device[] | null {
    return this.#devices;
  }

  get versions(): Versions | null {
    return this.#versions;
  }

  /** Lets the next {@link read} ask for everything. */
  expire(): void {
    this.#storagesReadAt = -Infinity;
    this.#othersReadAt = -Infinity;
  }

  /**
   * Reads what is due.
   * @param wholly also devices and versions; @param ended tasks of which the versions are due whatever the time
   */
  async read(at: Date, wholly: boolean, ended: readonly (number | null)[]): Promise<void> {
    const now = at.getTime();
    const storagesAreDue = isDue(this.#storagesReadAt, now);
    const othersAreDue = wholly && isDue(this.#othersReadAt, now);
    if (storagesAreDue) this.#storagesReadAt = now;
    if (othersAreDue) this.#othersReadAt = now;
    await Promise.all([
      storagesAreDue && this.#readStorages(),
      othersAreDue && this.#readDevices(),
      othersAreDue ? this.#readVersions() : wholly && this.#readVersionsOf(new Set(ended.filter((id) => id !== null))),
    ]);
  }

  async #readStorages(): Promise<void> {
    this.#storages = await this.#source.storages().catch(unless(this.#storages));
  }

  async #readDevices(): Promise<void> {
    this.#devices = await this.#source.devices().catch(unless(this.#devices));
  }

  async #readVersions(): Promise<void> {
    this.#versions = await this.#source.versions().then(byTask).catch(unless(this.#versions));
  }

  async #readVersionsOf(ids: ReadonlySet<number>): Promise<void> {
    if (ids.size > SINGLE_TASKS) return this.#readVersions();
    const answers = await Promise.all([...ids].map((id) => this.#source.versions(id).catch(() => [])));
    const read = answers.flat();
    if (read.length > 0) this.#versions = new Map([...(this.#versions ?? []), ...byTask(read)]);
  }
}

/** A clock that was set back holds nothing up. */
function isDue(readAt: number, now: number): boolean {
  return Math.abs(now - readAt) >= PERIOD_MS;
}

function byTask(tasks: Awaited<ReturnType<SurroundingsSource['versions']>>): Versions {
  return new Map(tasks.map(({ id, ...versions }) => [id, versions]));
}

function unless<T>(known: T): (error: unknown) => T | null {
  return (error) => (REFUSALS.has((error as DsmError).code) ? null : known);
}
