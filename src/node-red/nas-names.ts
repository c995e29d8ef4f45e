import type { Node } from 'node-red';

/** The NAS nodes that are deployed. */
const DEPLOYED = new Set<Node>();
/** What people call the NAS that a node uses. */
const NAMES = new WeakMap<Node, string>();

/** Counts a NAS node as deployed until it closes. */
export function countNas(node: Node): void {
  DEPLOYED.add(node);
  node.on('close', () => {
    DEPLOYED.delete(node);
  });
}

/** Notes what people call the NAS that a node uses. */
export function noteNasOf(node: Node, name: string): void {
  NAMES.set(node, name);
}

/**
 * The name of the NAS that a node uses, where a text for people has to name it: as soon as more than one NAS node is deployed
 * (INTERFACE 2.3). Null: there is only one, or the node uses none.
 */
export function nasNameFor(node: Node): string | null {
  return DEPLOYED.size > 1 ? (NAMES.get(node) ?? null) : null;
}

/** A text about a NAS with its name before it, as `Office NAS: …`. @param name see {@link nasNameFor} */
export function withNasName(text: string, name: string | null): string {
  return name === null ? text : `${name}: ${text}`;
}
