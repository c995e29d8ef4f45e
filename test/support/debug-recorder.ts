import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { LOOPBACK, listen } from '../../scripts/demo/listen';
import type { FlowNode } from '../../scripts/demo/flow';

/** A value that a debug node has shown. */
interface DebugOutput {
  /** Id of the debug node. */
  readonly nodeId: string;
  /** The property of the message that the node is set to show. */
  readonly value: unknown;
}

/** Receives what the debug nodes of a {@link recordedFlow} show, in order. */
export interface DebugRecorder {
  readonly url: string;
  readonly outputs: readonly DebugOutput[];
  close(): void;
}

/** Starts an HTTP server on a free port to which a {@link recordedFlow} posts. */
export async function startDebugRecorder(): Promise<DebugRecorder> {
  const outputs: DebugOutput[] = [];
  const server = createServer((request, response) => {
    void json(request).then((output) => {
      outputs.push(output as DebugOutput);
      response.end();
    });
  });
  const port = await listen(server, 'PORT', 0);
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://${LOOPBACK}:${port}/`, outputs, close };
}

/** Adds to a flow, beside each debug node, a node that posts the same value as a {@link DebugOutput} to `url`. */
export function recordedFlow(flow: readonly FlowNode[], url: string): FlowNode[] {
  const debugs = flow.filter(({ type }) => type === 'debug');
  const recorderOf = (id: string): string => `${id}:recorder`;
  const targets = (id: string): string[] => (debugs.some((node) => node.id === id) ? [id, recorderOf(id)] : [id]);
  const wired = flow.map(({ wires, ...node }): FlowNode => {
    return wires === undefined ? node : { ...node, wires: (wires as string[][]).map((ids) => ids.flatMap(targets)) };
  });
  const place = { z: debugs[0]?.z ?? '', x: 1200, y: 40 };
  const recorders = debugs.map(({ id, complete, z = '' }): FlowNode => {
    const func = `return { payload: { nodeId: "${id}", value: RED.util.getMessageProperty(msg, "${String(complete)}") } };`;
    return { ...place, z, id: recorderOf(id), type: 'function', func, outputs: 1, wires: [['post']] };
  });
  const post: FlowNode = { ...place, id: 'post', type: 'http request', method: 'POST', ret: 'txt', url, wires: [[]] };
  return [...wired, ...recorders, post];
}
