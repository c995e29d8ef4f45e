import type { FlowNode } from '../../scripts/demo/flow';
import type { NodeRed } from './node-red';

/** Properties of the message that is sent through a palette node. */
export interface NodeRequest {
  operation?: string;
  params?: unknown;
  api?: string;
  [property: string]: unknown;
}

/** Properties of the message that left the node, or of the one its Catch node received. */
export interface NodeReply {
  payload?: unknown;
  operation?: unknown;
  nas?: unknown;
  response?: unknown;
  topic?: unknown;
  mine?: unknown;
  error?: { message: string; code: string; cause?: { code: number | null; errors: unknown } };
}

const UNPACK_REQUEST = 'return Object.assign(msg, msg.payload, { payload: "before" });';
const PACK_REPLY = `const { payload, operation, nas, response, topic, mine, error } = msg;
return Object.assign(msg, { payload: { payload, operation, nas, response, topic, mine, error } });`;

/**
 * A flow with which a test sends one message through a palette node of a real Node-RED and gets the result:
 * POST /<node>/<nas> → the node → the message it sends, or the one with the error that its Catch node received.
 * @param nodes names of palette nodes; @param nases NAS config nodes: each palette node exists once with each of them
 */
export function requestFlow(nodes: readonly string[], nases: readonly FlowNode[]): FlowNode[] {
  const pairs = nases.flatMap((nas) => nodes.map((name) => ({ name, nas: nas.id, id: `${name}/${nas.id}` })));
  const chains = pairs.flatMap(({ name, nas, id }, row): FlowNode[] => {
    const at = (column: number) => ({ z: 'tab', x: 200 * column, y: 60 * row });
    return [
      { ...at(1), id: `${id}:in`, type: 'http in', url: `/${name}/${nas}`, method: 'post', wires: [[`${id}:unpack`]] },
      { ...at(2), id: `${id}:unpack`, type: 'function', func: UNPACK_REQUEST, outputs: 1, wires: [[id]] },
      { ...at(3), id, type: `active-backup-${name}`, nas, wires: [[`${id}:pack`]] },
      { ...at(3), id: `${id}:catch`, type: 'catch', scope: [id], wires: [[`${id}:pack`]] },
      { ...at(4), id: `${id}:pack`, type: 'function', func: PACK_REPLY, outputs: 1, wires: [['out']] },
    ];
  });
  const out: FlowNode = { z: 'tab', x: 1000, y: 60, id: 'out', type: 'http response', headers: {}, wires: [] };
  return [{ id: 'tab', type: 'tab', label: 'test' }, ...nases, ...chains, out];
}

/** Sends a message through a node of {@link requestFlow}. @throws Error when Node-RED replies with an HTTP error */
export async function sendRequest(
  { url }: NodeRed,
  node: string,
  nas: string,
  request: NodeRequest,
): Promise<NodeReply> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}${node}/${nas}`, { method: 'POST', headers, body: JSON.stringify(request) });
  if (!response.ok) throw new Error(`Node-RED replied with ${response.status} to ${node}/${nas}`);
  return (await response.json()) as NodeReply;
}
