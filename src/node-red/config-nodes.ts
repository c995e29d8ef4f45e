import type { ConnectionOptions } from 'node:tls';
import type { Node, NodeAPI } from 'node-red';
import { DsmError } from '../dsm/errors';

/** The part of Node-RED's API that finds deployed nodes. */
export interface NodeFinder {
  // @types/node-red declares that a node is always returned; a deleted or disabled one is not.
  readonly nodes: { getNode(id: string): Node | null | undefined };
}

/** The deployed node `id`; null when it was deleted or is disabled. */
export function findNode(RED: NodeFinder, id: string): Node | null {
  return RED.nodes.getNode(id) ?? null;
}

/**
 * The services of the deployed config nodes of one type, or the errors in their settings. Keyed by the node object: a
 * redeployed config node is a new entry.
 */
export class ConfigNodes<T extends object> {
  readonly #type: string;
  readonly #property: string;
  readonly #entries = new WeakMap<Node, T | DsmError>();

  /** @param type of the config nodes, for messages: `NAS`; @param property of a node that has the id of one: `nas` */
  constructor(type: string, property: string) {
    this.#type = type;
    this.#property = property;
  }

  /**
   * Adds the service that `create` returns until the node closes. A DsmError of `create` does not throw here: it is logged
   * as a warning and thrown by every {@link get}.
   */
  register(node: Node, create: () => T): void {
    try {
      this.#entries.set(node, create());
    } catch (error) {
      if (!(error instanceof DsmError)) throw error;
      this.#entries.set(node, error);
      node.warn(error.message);
    }
    node.on('close', () => {
      this.#entries.delete(node);
    });
  }

  /**
   * The service of the config node `id`.
   * @throws DsmError ECONFIG: none chosen, deleted or disabled, or its settings are wrong
   */
  get(RED: NodeFinder, id: string | undefined): T {
    if (id === undefined || id === '') {
      throw this.#missing(`No ${this.#type} is chosen: open the node and choose one`);
    }
    const entry = this.#entryOf(RED, id);
    if (entry === undefined) {
      throw this.#missing(
        `The chosen ${this.#type} does not exist any more, or is disabled: open the node and choose another`,
      );
    }
    if (entry instanceof DsmError) throw entry;
    return entry;
  }

  #missing(message: string): DsmError {
    return new DsmError('ECONFIG', message, undefined, this.#property);
  }

  /** The service of the config node `id`; null when it is not deployed, or its settings are wrong. */
  find(RED: NodeFinder, id: string): T | null {
    const entry = this.#entryOf(RED, id);
    return entry === undefined || entry instanceof DsmError ? null : entry;
  }

  #entryOf(RED: NodeFinder, id: string): T | DsmError | undefined {
    const node = findNode(RED, id);
    return node === null ? undefined : this.#entries.get(node);
  }
}

/** The part of Node-RED's own TLS config node that is used here. */
interface TlsConfigNode extends Node {
  addTLSOptions(options: ConnectionOptions): ConnectionOptions;
}

/**
 * The options of the TLS config node `id`; undefined when none is chosen.
 * @param user the type of the node that uses it, for the message: `NAS node`
 * @throws DsmError ECONFIG when it was deleted or is disabled
 */
export function tlsOptions(RED: NodeFinder, id: string | undefined, user: string): ConnectionOptions | undefined {
  if (id === undefined || id === '') return undefined;
  const node = findNode(RED, id);
  if (node !== null && isTlsConfigNode(node)) return node.addTLSOptions({});
  throw new DsmError('ECONFIG', `The TLS configuration of the ${user} does not exist any more, or is disabled`);
}

function isTlsConfigNode(node: Node): node is TlsConfigNode {
  return 'addTLSOptions' in node && typeof node.addTLSOptions === 'function';
}

/**
 * Whether a node that closes was deleted. Node-RED's flag `removed` is also true for a disabled node, which may be enabled
 * again. The id of a node inside a subflow begins with the id of the subflow instance.
 */
export function isDeleted(RED: NodeAPI, id: string, removed: boolean): boolean {
  if (!removed) return false;
  let exists = false;
  RED.nodes.eachNode((node) => {
    exists ||= id === node.id || id.startsWith(`${node.id}-`);
  });
  return !exists;
}

/** The node that holds each claim. */
const CLAIMS = new Map<string, Node>();

/**
 * Claims something that only one node of this Node-RED may do at a time. A node that a deploy restarts takes over its claim.
 * @returns the function that gives the claim back; null while another node holds it
 */
export function acquireExclusive(claim: string, node: Node): (() => void) | null {
  const owner = CLAIMS.get(claim);
  if (owner !== undefined && owner.id !== node.id) return null;
  CLAIMS.set(claim, node);
  return () => {
    if (CLAIMS.get(claim) === node) CLAIMS.delete(claim);
  };
}
