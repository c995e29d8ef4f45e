import type { FlowNode } from '../../scripts/demo/flow';
import type { NodeRed } from './node-red';

/** What a message asks a palette node for, beside whatever else it brings. */
export interface Asked {
  operation?: string;
  params?: unknown;
  api?: string;
  [property: string]: unknown;
}

/** What left the node, or what its Catch node heard. */
export interface Told {
  payload?: unknown;
  operation?: unknown;
  nas?: unknown;
  response?: unknown;
  topic?: unknown;
  mine?: unknown;
  error?: { message: string; code: string; cause?: { code: number | null; errors: unknown } };
}

const READ = 'return Object.assign(msg, msg.payload, { payload: "before" });';
const TELL = `const { payload, operation, nas, response, topic, mine, error } = msg;
return Object.assign(msg, { payload: { payload, operation, nas, response, topic, mine, error } });`;

/**
 * A flow that lets a test send one message through a palette node of a real Node-RED and see what comes out:
 * POST /<node>/<nas> → the node → the answer, or the error that its Catch node got.
 * @param nodes names of palette nodes; @param nases NAS config nodes: each palette node exists once with each of them
 */
export function answeringFlow(nodes: readonly string[], nases: readonly FlowNode[]): FlowNode[] {
  const pairs = nases.flatMap((nas) => nodes.map((name) => ({ name, nas: nas.id, id: `${name}/${nas.id}` })));
  const chains = pairs.flatMap(({ name, nas, id }, row): FlowNode[] => {
    const at = (column: number) => ({ z: 'tab', x: 200 * column, y: 60 * row });
    return [
      { ...at(1), id: `${id}:in`, type: 'http in', url: `/${name}/${nas}`, method: 'post', wires: [[`${id}:read`]] },
      { ...at(2), id: `${id}:read`, type: 'function', func: READ, outputs: 1, wires: [[id]] },
      { ...at(3), id, type: `active-backup-${name}`, nas, wires: [[`${id}:tell`]] },
      { ...at(3), id: `${id}:catch`, type: 'catch', scope: [id], wires: [[`${id}:tell`]] },
      { ...at(4), id: `${id}:tell`, type: 'function', func: TELL, outputs: 1, wires: [['out']] },
    ];
  });
  const out: FlowNode = { z: 'tab', x: 1000, y: 60, id: 'out', type: 'http response', headers: {}, wires: [] };
  return [{ id: 'tab', type: 'tab', label: 'test' }, ...nases, ...chains, out];
}

/** Sends a message through a node of {@link answeringFlow}. */
export async function ask({ url }: NodeRed, node: string, nas: string, asked: Asked): Promise<Told> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}${node}/${nas}`, { method: 'POST', headers, body: JSON.stringify(asked) });
  if (!response.ok) throw new Error(`Node-RED answered ${response.status} to ${node}/${nas}`);
  return (await response.json()) as Told;
}
