import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { LOOPBACK, listen } from '../../scripts/demo/listen';
import type { FlowNode } from '../../scripts/demo/flow';

/** What a debug node showed. */
export interface Shown {
  /** Id of the debug node. */
  readonly at: string;
  /** The property of the message that it is set to show. */
  readonly value: unknown;
}

/** A place that a Node-RED posts to what its debug nodes show. */
export async function startListener(): Promise<{ url: string; shown: readonly Shown[]; close: () => void }> {
  const shown: Shown[] = [];
  const server = createServer((request, response) => {
    void json(request).then((heard) => {
      shown.push(heard as Shown);
      response.end();
    });
  });
  const port = await listen(server, 'PORT', 0);
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://${LOOPBACK}:${port}/`, shown, close };
}

/** A flow with an ear beside each of its debug nodes, which posts what that shows as a {@link Shown} to `url`. */
export function listeningFlow(flow: readonly FlowNode[], url: string): FlowNode[] {
  const debugs = flow.filter(({ type }) => type === 'debug');
  const earOf = (id: string): string => `${id}:ear`;
  const heard = (id: string): string[] => (debugs.some((node) => node.id === id) ? [id, earOf(id)] : [id]);
  const wired = flow.map(({ wires, ...node }): FlowNode => {
    return wires === undefined ? node : { ...node, wires: (wires as string[][]).map((ids) => ids.flatMap(heard)) };
  });
  const at = { z: debugs[0]?.z ?? '', x: 1200, y: 40 };
  const ears = debugs.map(({ id, complete, z = '' }): FlowNode => {
    const func = `return { payload: { at: "${id}", value: RED.util.getMessageProperty(msg, "${String(complete)}") } };`;
    return { ...at, z, id: earOf(id), type: 'function', func, outputs: 1, wires: [['post']] };
  });
  const post: FlowNode = { ...at, id: 'post', type: 'http request', method: 'POST', ret: 'txt', url, wires: [[]] };
  return [...wired, ...ears, post];
}
