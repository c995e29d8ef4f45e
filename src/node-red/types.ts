import type { NodeDef, NodeMessage } from 'node-red';
import type { TypedValue } from '../settings/operations';

/** A message of a flow, with the properties that our nodes read or set (`docs/interface.md §2.2, §2.3`). */
export interface Message extends NodeMessage {
  operation?: unknown;
  params?: unknown;
  startWhen?: unknown;
  options?: unknown;
  /** Set by our nodes; see `MessageNas`. Names the NAS for a task-backup node without one. */
  nas?: unknown;
  response?: unknown;
  parts?: unknown;
  filter?: unknown;
  api?: unknown;
  tasks?: unknown;
  result?: unknown;
  /** Set in messages of requests that were stored over a restart or deploy. */
  resumed?: unknown;
  headers?: unknown;
  report?: unknown;
}

/** Properties of every node that uses a NAS. */
export interface NasNodeDef extends NodeDef {
  nas?: string;
}

/** Properties of every node that calls an operation (`docs/interface.md §2.2`). Imported flows and `${VAR}` may set other types. */
export interface OperationDef extends NasNodeDef {
  operation?: string;
  params?: Record<string, TypedValue>;
}
