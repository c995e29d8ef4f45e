import type { Node } from 'node-red';

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
