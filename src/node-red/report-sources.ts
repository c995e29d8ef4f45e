import type { Node, NodeAPI } from 'node-red';
import { DsmError, dsmErrorOf } from '../dsm/errors';
import type { NasConnection } from '../client/nas-connection';
import { emptyDescription, NasReader } from '../client/nas-reader';
import type { NasForReport } from '../report/types';
import { findNode } from './config-nodes';
import { deployedNasNodes, getNas } from './nas-registry';

/**
 * The NASes of a report node. They are watched until it closes: outcomes, habits and trends are only collected while a NAS is watched.
 */
export class ReportSources {
  readonly #RED: NodeAPI;
  readonly #ids: readonly string[];
  readonly #readers = new Map<NasConnection, NasReader>();

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
    for (const [connection, reader] of this.#readers) {
      if (nas.has(connection)) continue;
      reader.close();
      this.#readers.delete(connection);
    }
    for (const connection of nas) {
      if (!this.#readers.has(connection)) this.#readers.set(connection, new NasReader(connection));
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
    if (nas.length === 0) throw firstError ?? new DsmError('ECONFIG', 'No NAS node is deployed', undefined, 'nas');
    const readers = nas.flatMap((connection) => this.#readers.get(connection) ?? []);
    // A NAS that hangs must not make what is known of the others old.
    await Promise.all(readers.map((reader) => reader.ready(signal)));
    const known = await Promise.all(readers.map((reader) => reader.current()));
    return [...known, ...[...errors].map(([id, error]) => unusable(findNode(this.#RED, id), id, error))];
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.close();
    this.#readers.clear();
  }
}

function unusable(node: Node | null, id: string, { message }: DsmError): NasForReport {
  const name = node?.name || id;
  return { id, name, description: emptyDescription(name), snapshot: null, error: message };
}
