import type { NasDescription } from '../home-assistant/types';
import { SnapshotReader } from '../monitor/snapshot-reader';
import { RUN_HOURS, type NasForReport } from '../report/types';
import { LOW_STORAGE } from '../settings/limits';
import type { NasConnection } from './nas-connection';

/** The description of a NAS is left out of a report when it takes longer. */
const DESCRIPTION_MS = 5000;

/** What is known of one NAS for reports, while it is watched: until it is closed. */
export class NasReader {
  readonly #nas: NasConnection;
  readonly #snapshots: SnapshotReader;
  #description: NasDescription | null = null;

  constructor(nas: NasConnection) {
    this.#nas = nas;
    this.#snapshots = new SnapshotReader(nas, LOW_STORAGE.default);
  }

  /** What is known now, or after the next poll. Rejects only when `signal` aborts. */
  async read(signal: AbortSignal): Promise<NasForReport> {
    await this.ready(signal);
    return this.current();
  }

  /** Waits until a poll is fresh, or the NAS does not answer. Rejects only when `signal` aborts. */
  ready(signal: AbortSignal): Promise<void> {
    return this.#snapshots.ready(signal);
  }

  /** What is known at this moment. */
  async current(): Promise<NasForReport> {
    const { snapshot, error } = this.#snapshots.current();
    const { identity, name } = this.#nas;
    return {
      id: identity.id,
      name,
      description: error === null ? await this.#describe() : (this.#description ?? emptyDescription(name)),
      snapshot,
      outcomes: this.#nas.monitor.outcomesSince(new Date(Date.now() - RUN_HOURS * 3600_000)),
      error,
    };
  }

  close(): void {
    this.#snapshots.close();
  }

  async #describe(): Promise<NasDescription> {
    const { nasInfo, name, address } = this.#nas;
    if (this.#description !== null) return this.#description;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), DESCRIPTION_MS);
    });
    const info = await Promise.race([nasInfo().catch(() => null), late]);
    clearTimeout(timer);
    if (info === null) return emptyDescription(name, address);
    const { model, dsmVersion, activeBackupVersion, serialNumber } = info;
    this.#description = { name, model, dsmVersion, activeBackupVersion, serialNumber, url: address };
    return this.#description;
  }
}

/** The description of a NAS of which only the name, and perhaps the address, is known. */
export function emptyDescription(name: string, url = ''): NasDescription {
  return { name, model: null, dsmVersion: null, activeBackupVersion: null, serialNumber: null, url };
}
