import type { NodeAPI } from 'node-red';

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
