import type { Node } from 'node-red';
import { findNode, type NodeFinder } from './config-nodes';

/**
 * Tells whether messages got to the nodes that a node is wired to. Node-RED passes a message on in a later turn of the event
 * loop, and drops it if the receiver was stopped in between: by a deploy, or by the end of Node-RED.
 */
export class Receivers {
  readonly #RED: NodeFinder;
  readonly #node: Node;
  #arePending = false;
  #haveReceived = true;

  constructor(RED: NodeFinder, node: Node) {
    this.#RED = RED;
    this.#node = node;
  }

  /** Runs something as soon as {@link haveReceived} is known: at once, or in the next turn if a message was sent in this one. */
  whenKnown(action: () => void): void {
    if (this.#arePending) setImmediate(action);
    else action();
  }

  /** Call before a message is sent. */
  note(): void {
    if (this.#arePending) return;
    this.#arePending = true;
    this.#haveReceived = true;
    const receivers = wiredTo(this.#node).map((id) => [id, findNode(this.#RED, id)] as const);
    setImmediate(() => {
      this.#arePending = false;
      // One that was not found is disabled, and gets no message.
      this.#haveReceived = receivers.every(([id, node]) => node === null || findNode(this.#RED, id) === node);
    });
  }

  /** Whether the messages of the last turn with any were passed on; true if that was asked before. */
  haveReceived(): boolean {
    const haveReceived = this.#haveReceived;
    this.#haveReceived = true;
    return haveReceived;
  }
}

/** The ids of the nodes that the outputs of a node are wired to. */
function wiredTo(node: Node): string[] {
  // A property of every running node, which its declared type lacks.
  const wires: unknown = Reflect.get(node, 'wires');
  return Array.isArray(wires) ? wires.flat().filter((id) => typeof id === 'string') : [];
}
