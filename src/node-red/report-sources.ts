import type { Node, NodeAPI } from 'node-red';
import { DsmError, dsmErrorOf } from '../dsm/errors';
import type { NasDescription } from '../home-assistant/types';
import { SnapshotReader } from '../monitor/snapshot-reader';
import { RUN_HOURS, type NasForReport } from '../report/types';
import { LOW_STORAGE } from '../settings/limits';
import { findNode } from './config-nodes';
import { deployedNasNodes, getNas } from './nas-registry';
import type { NasConnection } from './nas-connection';

/** The description of a NAS is left out of a report when it takes longer. */
const DESCRIPTION_MS = 5000;

/** What is known of one NAS, while it is watched. */
class NasWatch {
  readonly #nas: NasConnection;
  readonly #reader: SnapshotReader;
  #description: NasDescription | null = null;

  constructor(nas: NasConnection) {
    this.#nas = nas;
    this.#reader = new SnapshotReader(nas, LOW_STORAGE.default);
  }

  /** What is known now, or after the next poll. Rejects only when `signal` aborts. */
  async read(signal: AbortSignal): Promise<NasForReport> {
    const { snapshot, error } = await this.#reader.read(signal);
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
    this.#reader.close();
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

function emptyDescription(name: string, url = ''): NasDescription {
  return { name, model: null, dsmVersion: null, activeBackupVersion: null, serialNumber: null, url };
}

/**
 * The NASes of a report node. They are watched until it closes: outcomes, habits and trends are only collected while a NAS is watched.
 */
export class ReportSources {
  readonly #RED: NodeAPI;
  readonly #ids: readonly string[];
  readonly #watches = new Map<NasConnection, NasWatch>();

  /** @param ids of NAS nodes; none: all that are deployed */
  constructor(RED: NodeAPI, ids: readonly string[]) {
    this.#RED = RED;
    this.#ids = ids;
  }

  /** Watches the NASes that are deployed now, and no others. @returns the usable ones, and the errors of the others */
  update(): { readonly nas: readonly NasConnection[]; readonly errors: ReadonlyMap<string, DsmError> } {
    const nas = new Set<NasConnection>();
    const errors = new Map<string, DsmError>();
    for (const id of this.#ids.length === 0 ? deployedNasNodes().map((node) => node.id) : this.#ids) {
      try {
        nas.add(getNas(this.#RED, id));
      } catch (error) {
        errors.set(id, dsmErrorOf(error, 'ECONFIG', 'This NAS cannot be used'));
      }
    }
    for (const [connection, watch] of this.#watches) {
      if (nas.has(connection)) continue;
      watch.close();
      this.#watches.delete(connection);
    }
    for (const connection of nas) {
      if (!this.#watches.has(connection)) this.#watches.set(connection, new NasWatch(connection));
    }
    return { nas: [...nas], errors };
  }

  /**
   * What is known of every NAS. One that does not answer, or whose node has wrong settings, is part of it with its error.
   * @throws DsmError ECONFIG when no NAS node is usable
   */
  async read(signal: AbortSignal): Promise<NasForReport[]> {
    const { nas, errors } = this.update();
    const [firstError] = errors.values();
    if (nas.length === 0) throw firstError ?? new DsmError('ECONFIG', 'No NAS node is deployed');
    const watches = nas.flatMap((connection) => this.#watches.get(connection) ?? []);
    const known = await Promise.all(watches.map((watch) => watch.read(signal)));
    return [...known, ...[...errors].map(([id, error]) => unusable(findNode(this.#RED, id), id, error))];
  }

  close(): void {
    for (const watch of this.#watches.values()) watch.close();
    this.#watches.clear();
  }
}

function unusable(node: Node | null, id: string, { message }: DsmError): NasForReport {
  const name = node?.name || id;
  return { id, name, description: emptyDescription(name), snapshot: null, error: message };
}
