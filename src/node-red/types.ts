import type { Node, NodeDef, NodeMessage } from 'node-red';
import type { TypedValue } from '../settings/operations';

/** A message on its way through a flow, with the properties of INTERFACE 2.2 and 2.3. */
export interface Message extends NodeMessage {
  operation?: unknown;
  params?: unknown;
  startWhen?: unknown;
  options?: unknown;
  /** Of a message that one of our nodes sends; see `NasOfMessage`. */
  nas?: unknown;
  response?: unknown;
  parts?: unknown;
  filter?: unknown;
  api?: unknown;
  tasks?: unknown;
  result?: unknown;
}

/** Properties of every node that uses a NAS. */
export interface NasNodeDef extends NodeDef {
  nas?: string;
}

/** Properties of every node that calls an operation (INTERFACE 2.2). Imports and `${VAR}` may bring other types. */
export interface OperationDef extends NasNodeDef {
  operation?: string;
  params?: Record<string, TypedValue>;
}

/** A config node that tells Node-RED who uses it, so that its status and errors reach their Status and Catch nodes. */
export interface ConfigNode extends Node {
  users: Record<string, Node>;
}
