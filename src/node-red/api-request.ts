import type { Node, NodeAPI } from 'node-red';
import { readForeign } from '../active-backup/json-fields';
import { DsmError } from '../dsm/errors';
import { operationOf } from './operation';
import type { Message, OperationDef } from './types';

/** Properties of the api-request node (`docs/interface.md §2.2, §3`). */
export interface ApiRequestDef extends OperationDef {
  api?: string;
}

/** A call of any method. */
export interface ApiRequest {
  readonly api: string;
  readonly method: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * The call that is set in the node, or in the message. Access is checked later, by the facade of every call.
 * @throws DsmError EPARAM when API or method is missing or no text
 */
export async function apiRequestOf(RED: NodeAPI, node: Node, def: ApiRequestDef, msg: Message): Promise<ApiRequest> {
  const { operation, parameters } = await operationOf(RED, node, def, '', msg);
  const api = readForeign('msg.api', () => msg.api) ?? def.api;
  return {
    api: requiredName(api, 'API, like SYNO.ActiveBackup.Overview'),
    method: requiredName(operation, 'operation'),
    parameters,
  };
}

function requiredName(value: unknown, what: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw new DsmError('EPARAM', `No ${what} is chosen: choose one in the node or in the message`);
}
