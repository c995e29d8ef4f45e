import type { NodeAPI } from 'node-red';
import { DsmError, dsmErrorOf } from '../../dsm/errors';
import { bridgeOf, type BridgeNode } from '../bridge-node';
import { listItems, PICKERS, type ListName } from './lists';
import type { AdminError, AdminResponse } from './replies';
import { certificateOf, pairDevice, testConnection } from './test-connection';

/** What Node-RED's admin API (Express) hands over, as far as it is used. */
interface Request {
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
}
interface Response {
  status(code: number): Response;
  json(body: unknown): void;
}

const NOT_FOUND = 404;

/** Questions the NAS dialog asks with the values in its form. They send credentials, so they need the right to write. */
const DIALOG = { test: testConnection, pair: pairDevice, certificate: certificateOf } as const;

/**
 * Registers what the editor asks the runtime (INTERFACE 7); once, when the module is loaded.
 * A question that fails is answered like any other, with `ok: false`: HTTP errors would only say less.
 */
export function registerAdminRoutes(RED: NodeAPI): void {
  const mayRead = RED.auth.needsPermission('active-backup.read');
  const mayWrite = RED.auth.needsPermission('active-backup.write');
  for (const [name, ask] of Object.entries(DIALOG)) {
    RED.httpAdmin.post(`/active-backup/nas/${name}`, mayWrite, (request: Request, response: Response) => {
      void reply<unknown>(response, ask(RED, request.body));
    });
  }
  for (const name of Object.keys(PICKERS) as ListName[]) {
    RED.httpAdmin.get(`/active-backup/nas/:id/${name}`, mayRead, (request: Request, response: Response) => {
      void reply(response, listItems(RED, request.params['id'] ?? '', name));
    });
  }
}

/** Registers what the dialog of a bridge asks; once, when the module is loaded. */
export function registerBridgeRoutes(RED: NodeAPI): void {
  const mayRead = RED.auth.needsPermission('active-backup.read');
  RED.httpAdmin.get('/active-backup/bridge/:id/dashboard', mayRead, (request: Request, response: Response) => {
    const bridge = bridgeOf(RED, request.params['id'] ?? '');
    if (bridge === null) response.status(NOT_FOUND);
    void reply(response, dashboardOf(bridge));
  });
}

// Asynchronous only so that a refusal is a rejection, as with the others.
// eslint-disable-next-line @typescript-eslint/require-await
async function dashboardOf(bridge: BridgeNode | null): Promise<{ yaml: string }> {
  if (bridge === null) throw new DsmError('ECONFIG', 'This bridge is not deployed yet');
  return { yaml: bridge.dashboard() };
}

async function reply<T>(response: Response, work: Promise<T>): Promise<void> {
  const body: AdminResponse<T> = await work.then(
    (result) => ({ ok: true, result }),
    (error: unknown) => ({ ok: false, error: failureOf(error) }),
  );
  response.json(body);
}

function failureOf(error: unknown): AdminError {
  const { code, message, cause } = dsmErrorOf(error, 'ERESPONSE', 'The question could not be answered');
  return { code, message, dsmCode: cause?.code ?? null, reason: cause?.reason ?? null };
}
