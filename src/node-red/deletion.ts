import type { NodeAPI } from 'node-red';

/**
 * Whether a node that closes was deleted. Node-RED says "removed" of a disabled one too, and that one may come back. The id of
 * a node inside a subflow begins with that of the subflow's instance.
 */
export function isDeleted(RED: NodeAPI, id: string, isRemoved: boolean): boolean {
  if (!isRemoved) return false;
  let isThere = false;
  RED.nodes.eachNode((node) => {
    isThere ||= id === node.id || id.startsWith(`${node.id}-`);
  });
  return !isThere;
}
