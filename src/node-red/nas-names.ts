import type { Node } from 'node-red';

/** The deployed NAS nodes. */
const DEPLOYED = new Set<Node>();
/** The name of the NAS that a node uses. */
const NAMES = new WeakMap<Node, string>();

/** Counts a NAS node as deployed until it closes. */
export function addDeployedNas(node: Node): void {
  DEPLOYED.add(node);
  node.on('close', () => {
    DEPLOYED.delete(node);
  });
}

/** Sets the name of the NAS that a node uses. */
export function setNasName(node: Node, name: string): void {
  NAMES.set(node, name);
}

/**
 * The name of the NAS that a node uses, for texts that have to contain it because several NAS nodes are deployed
 * (`docs/interface.md §2.3`). Null: only one NAS node is deployed, or the node uses none.
 */
export function nasNameFor(node: Node): string | null {
  return DEPLOYED.size > 1 ? (NAMES.get(node) ?? null) : null;
}

/** A text about a NAS, with the name of the NAS before it: `Office NAS: …`. @param name see {@link nasNameFor} */
export function withNasName(text: string, name: string | null): string {
  return name === null ? text : `${name}: ${text}`;
}
