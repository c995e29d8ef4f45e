import { ID_SOURCES } from '../../home-assistant/dashboard/entity-names';
import type { NodeAPI } from 'node-red';
import { DsmError, dsmErrorOf } from '../../dsm/errors';
import { bridgeOf, type BridgeNode } from '../bridge-node';
import { readDiagnostics } from './diagnostics';
import { listItems, PICKERS, type PickerName } from './pickers';
import type { AdminError, AdminResponse } from './responses';
import { previewReport } from './report-preview';
import { testBroker } from './test-broker';
import { listUnsavedItems, pairDevice, readServerCertificate, testConnection } from './test-connection';

/** The parts of Express requests and responses that are used here. */
interface Request {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}
interface Response {
  status(code: number): Response;
  json(body: unknown): void;
}

const NOT_FOUND = 404;

/** Requests of the NAS dialog with the values of its form. They contain credentials, so they require write permission. */
const FORM_ACTIONS = { test: testConnection, pair: pairDevice, certificate: readServerCertificate } as const;

/**
 * Registers the admin routes of NAS nodes (`docs/interface.md §7`); once, when the module is loaded. A failed request is
 * answered with HTTP 200 and `ok: false`.
 */
export function registerAdminRoutes(RED: NodeAPI): void {
  const mayRead = RED.auth.needsPermission('active-backup.read');
  const mayWrite = RED.auth.needsPermission('active-backup.write');
  for (const [name, action] of Object.entries(FORM_ACTIONS)) {
    RED.httpAdmin.post(`/active-backup/nas/${name}`, mayWrite, (request: Request, response: Response) => {
      void respond<unknown>(response, action(RED, request.body));
    });
  }
  RED.httpAdmin.get('/active-backup/nas/:id/diagnostics', mayRead, (request: Request, response: Response) => {
    void respond(response, readDiagnostics(RED, request.params['id'] ?? ''));
  });
  for (const name of Object.keys(PICKERS) as PickerName[]) {
    RED.httpAdmin.post(`/active-backup/nas/unsaved/${name}`, mayWrite, (request: Request, response: Response) => {
      void respond(response, listUnsavedItems(RED, request.body, name));
    });
    RED.httpAdmin.get(`/active-backup/nas/:id/${name}`, mayRead, (request: Request, response: Response) => {
      void respond(response, listItems(RED, request.params['id'] ?? '', name));
    });
  }
}

/** Registers the admin route of broker nodes; once, when the module is loaded. */
export function registerBrokerRoutes(RED: NodeAPI): void {
  const mayWrite = RED.auth.needsPermission('active-backup.write');
  RED.httpAdmin.post('/active-backup/broker/test', mayWrite, (request: Request, response: Response) => {
    void respond(response, testBroker(RED, request.body));
  });
}

/** Registers the admin route of report nodes; once, when the module is loaded. */
export function registerReportRoutes(RED: NodeAPI): void {
  const mayRead = RED.auth.needsPermission('active-backup.read');
  RED.httpAdmin.post('/active-backup/report/preview', mayRead, (request: Request, response: Response) => {
    void respond(response, previewReport(RED, request.body));
  });
}

/** Registers the admin route of bridge nodes; once, when the module is loaded. */
export function registerBridgeRoutes(RED: NodeAPI): void {
  const mayRead = RED.auth.needsPermission('active-backup.read');
  RED.httpAdmin.get('/active-backup/bridge/:id/dashboard', mayRead, (request: Request, response: Response) => {
    const bridge = bridgeOf(RED, request.params['id'] ?? '');
    if (bridge === null) response.status(NOT_FOUND);
    void respond(response, bridgeDashboard(bridge, request.query['ids']));
  });
}

// Asynchronous, so that its errors are rejections like those of the other requests.
// eslint-disable-next-line @typescript-eslint/require-await
async function bridgeDashboard(bridge: BridgeNode | null, ids: unknown): Promise<{ yaml: string }> {
  if (bridge === null) throw new DsmError('ECONFIG', 'This bridge is not deployed yet');
  return { yaml: bridge.dashboard(ID_SOURCES.find((source) => source === ids)) };
}

async function respond<T>(response: Response, work: Promise<T>): Promise<void> {
  const body: AdminResponse<T> = await work.then(
    (result) => ({ ok: true, result }),
    (error: unknown) => ({ ok: false, error: adminErrorOf(error) }),
  );
  response.json(body);
}

function adminErrorOf(error: unknown): AdminError {
  const { code, message, cause } = dsmErrorOf(error, 'ERESPONSE', 'The request failed');
  return { code, message, dsmCode: cause?.code ?? null, reason: cause?.reason ?? null };
}
