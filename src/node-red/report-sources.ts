import type { Node, NodeAPI } from 'node-red';
import { dsmErrorOf, type DsmError } from '../dsm/errors';
import type { NasDescription } from '../home-assistant/types';
import type { PollResult } from '../monitor/poller';
import type { NasForReport, ProtectedSnapshot } from '../report/types';
import { LOW_STORAGE } from '../settings/limits';
import { findNode } from './config-nodes';
import { deployedNasNodes, getNas } from './nas-registry';
import type { NasConnection } from './nas-connection';

/** A poll that is older is repeated for a report. */
const FRESH_MS = 30_000;
/** A NAS that has not answered after this time is reported as unreachable. */
const ANSWER_MS = 45_000;
/** The description of a NAS is left out of a report when it takes longer. */
const DESCRIPTION_MS = 5000;

/** What is known of one NAS, while it is watched. */
class NasWatch {
  readonly #nas: NasConnection;
  readonly #stops: (() => void)[];
  #snapshot: ProtectedSnapshot | null = null;
  #error: DsmError | null = null;
  /** When the last poll was received, successful or not (epoch ms). */
  #at = -Infinity;
  #description: NasDescription | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(nas: NasConnection) {
    this.#nas = nas;
    this.#stops = [
      nas.monitor.onSnapshot((snapshot) => this.#takeSnapshot(snapshot), LOW_STORAGE.default),
      nas.poller.subscribe((poll) => this.#takePoll(poll)),
    ];
  }

  /** What is known now; polls the NAS if the last poll is older than {@link FRESH_MS}. Rejects only when `signal` aborts. */
  async read(signal: AbortSignal): Promise<NasForReport> {
    const since = Date.now() - FRESH_MS;
    const isAnswered = this.#at >= since || (await this.#nextPoll(since, signal));
    const { identity, name } = this.#nas;
    const error = isAnswered ? (this.#error?.message ?? null) : `no answer within ${ANSWER_MS / 1000} s`;
    return {
      id: identity.id,
      name,
      description: error === null ? await this.#describe() : (this.#description ?? emptyDescription(name)),
      snapshot: this.#snapshot,
      error,
    };
  }

  close(): void {
    for (const stop of this.#stops) stop();
    for (const wake of this.#waiting) wake();
  }

  #takeSnapshot(snapshot: ProtectedSnapshot): void {
    this.#snapshot = snapshot;
    if (!snapshot.online) return;
    this.#error = null;
    this.#received();
  }

  /** A successful poll counts when its snapshot comes: it may have to read more. */
  #takePoll(poll: PollResult): void {
    if (!('error' in poll)) return;
    this.#error = poll.error;
    this.#received();
  }

  #received(): void {
    this.#at = Date.now();
    for (const wake of this.#waiting) wake();
  }

  /** Polls now. @returns whether the NAS answered, with success or not, before the time was over */
  async #nextPoll(since: number, signal: AbortSignal): Promise<boolean> {
    this.#nas.poller.pollNow();
    await new Promise<void>((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const abort = (): void => {
        end();
        reject(signal.reason as Error);
      };
      const timer = setTimeout(end, ANSWER_MS);
      this.#waiting.add(end);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
    });
    return this.#at >= since;
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
    if (nas.length === 0) throw firstError ?? dsmErrorOf(null, 'ECONFIG', 'No NAS node is deployed');
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
