import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCESS_LEVELS,
  includesLevel,
  METHODS,
  type AccessLevel,
  type Parameter,
} from '../../src/active-backup/methods';
import type { ErrorCode } from '../../src/dsm/errors';
import { isJsonObject, type Json, type JsonObject } from '../../src/dsm/json';
import { PLANTED_SECRETS, startNas, type Nas } from '../nas/index';
import { login, post, word } from '../nas/test-client';
import { COPIES_ERROR_CODE } from '../support/error-codes';
import { requestFlow, sendRequest, type NodeRequest, type NodeReply } from '../support/request-flow';
import { ROWS, valuesFor, WRONG, type Row } from '../support/method-calls';
import type { NodeRed } from '../support/node-red';
import { startPacked } from '../support/packed';

const NODES = ['task-list', 'task-backup', 'share-storage', 'aem-info', 'api-request'];

/** Payloads of our own model (docs/interface.md §4); every other method returns DSM's data. */
const task = { id: expect.any(Number), name: expect.any(String), state: 'idle', progress: null } as const;
const MODELS: Readonly<Record<string, unknown>> = {
  'AEM.get_info': { joined: false, address: 'simulated-nas', roleCode: 2, statusCode: 0 },
  'Share.list': [{ name: 'ActiveBackupforBusiness', isDefault: true }],
  'Share.list_encrypted': [],
  'Share.list_storage': [{ shareName: 'ActiveBackupforBusiness', dedupRatio: expect.any(Number) }],
  'Share.list_volume': [{ path: '/volume1', freeBytes: expect.any(Number), usedPercent: expect.any(Number) }],
  'Task.backup': [{ ...task, id: 1 }],
  'Task.cancel': [{ id: 1 }],
  'Task.list': [task, task, task].map((each, index) => ({ ...each, id: index + 2 })),
  'Task.list_with_device': [1, 2, 3, 4, 5].map((id) => ({ id, device: { name: expect.any(String) } })),
};

let nodeRed: NodeRed;
/** Receives the calls that are allowed and valid. */
let nas: Nas;
/** Must never receive a request. */
let untouched: Nas;
const cleanups: (() => Promise<void>)[] = [];

/** A config node. Its id must not be an access level: Node-RED takes a property with that text for a reference to it. */
const configOf = (id: string, { url }: Nas, access: AccessLevel) => ({
  id,
  type: 'active-backup-nas',
  name: '',
  host: url,
  access,
  credentials: { username: 'admin', password: 'synology' },
});

const callThrough = (node: string, config: string, request: NodeRequest): Promise<NodeReply> =>
  sendRequest(nodeRed, node, config, request);

beforeAll(async () => {
  const packed = await startPacked('methods');
  cleanups.push(() => packed.stop());
  nodeRed = packed.nodeRed;
  [nas, untouched] = await Promise.all([
    startNas({ schedules: false, speed: 0 }),
    startNas({ schedules: false, speed: 0 }),
  ]);
  cleanups.push(
    () => nas.close(),
    () => untouched.close(),
  );
  const levels = ACCESS_LEVELS.map((level) => configOf(`nas-${level}`, untouched, level));
  await nodeRed.deploy(requestFlow(NODES, [configOf('nas', nas, 'delete'), ...levels]));
});

afterAll(async () => {
  for (const cleanUp of cleanups.reverse()) await cleanUp();
});

test('the API reference has 33 methods, and each is known', () => {
  expect(ROWS).toHaveLength(33);
  expect(ROWS.map(({ name }) => name).filter((name) => !(name in METHODS))).toEqual([]);
  for (const { name, required, parameters } of ROWS) {
    const known = Object.entries<Parameter>(parameters).filter((entry) => entry[1].required === true);
    expect(
      known.map(([parameter]) => parameter),
      name,
    ).toEqual(expect.arrayContaining(required));
  }
});

describe('the request that reaches the NAS, and the reply', () => {
  // Methods that read come first and those that delete last, so that each finds the objects it needs.
  const inOrder = ACCESS_LEVELS.flatMap((level) => ROWS.filter((row) => row.level === level));

  test.each(inOrder)('$name', async (row) => {
    const { api, method, node, name } = row;
    const values = valuesFor(row);
    const before = nas.requests.length;
    const reply = await callThrough(node, 'nas', { operation: method, params: values, mine: { kept: true } });
    expect(reply.error).toBeUndefined();

    const received = nas.requests.slice(before);
    const [request, ...more] = received.filter((each) => each.api === api && each.method === method);
    expect(more).toEqual([]);
    expect(request).toMatchObject({ verb: 'POST', url: '/webapi/entry.cgi', version: 1 });
    const { api: _api, method: _method, version: _version, _sid, ...sent } = request?.parameters ?? {};
    expect(sent).toEqual(onTheWire({ ...defaultsOf(row), ...values }));

    expect(reply).toMatchObject({ nas: { method }, topic: method, mine: { kept: true } });
    if (row.level === 'read') expect(reply.response).toEqual(withoutSecrets(await dataOf(api, method, sent)));
    else expect(reply).toHaveProperty('response');
    if (name in MODELS) expect(reply.payload).toMatchObject(MODELS[name] as object);
    else expect(reply.payload).toEqual(reply.response);
    expect(secretsIn(reply)).toEqual([]);
  });

  test('has no parameter in its URL', () => {
    expect(nas.requests.length).toBeGreaterThan(33);
    for (const { verb, url } of nas.requests)
      expect(`${verb} ${url}`).toMatch(/^POST \/webapi\/(entry|auth|query)\.cgi$/);
  });

  test('writes nothing to the log of Node-RED', () => {
    expect(nodeRed.log).not.toMatch(/\[(warn|error)\]/);
    expect(secretsIn(nodeRed.log)).toEqual([]);
  });
});

describe('one access level too low', () => {
  const above = ROWS.filter(({ level }) => level !== 'read');
  const ways = above.flatMap((row) => [
    { ...row, through: row.node },
    { ...row, through: 'api-request' },
  ]);

  test.each(ways)('$name through $through is EACCESS, and nothing is sent to the NAS', async (row) => {
    const below = ACCESS_LEVELS[ACCESS_LEVELS.indexOf(row.level) - 1] ?? 'read';
    expect(includesLevel(below, row.level)).toBe(false);
    const { api, method, level, name } = row;
    const reply = await callThrough(row.through, `nas-${below}`, { api, operation: method, params: valuesFor(row) });
    expect(reply.error).toMatchObject(withCode('EACCESS'));
    expect(reply.error?.message).toContain(`${name} needs access level "${level}"`);
    expect(secretsIn(reply)).toEqual([]);
    expect(untouched.requests).toEqual([]);
  });
});

describe('a wrong parameter is EPARAM, and nothing is sent to the NAS', () => {
  const parameters = ROWS.flatMap((row) =>
    Object.entries<Parameter>(row.parameters).map(([parameter, { type, required }]) => ({
      row,
      parameter,
      type,
      required,
    })),
  );

  test.each(parameters.filter(({ required }) => required))(
    '$row.name without $parameter',
    async ({ row, parameter }) => {
      const { [parameter]: _left, ...params } = valuesFor(row);
      const reply = await callThrough(row.node, 'nas-delete', { operation: row.method, params });
      expect(reply.error).toMatchObject(withCode('EPARAM'));
      expect(reply.error?.message).toContain(parameter === 'task_ids' ? 'No task is chosen' : parameter);
      expect(untouched.requests).toEqual([]);
    },
  );

  test.each(parameters)('$row.name with a $parameter that is no $type', async ({ row, parameter, type }) => {
    const params = { ...valuesFor(row), [parameter]: WRONG[type] };
    const reply = await callThrough(row.node, 'nas-delete', { operation: row.method, params });
    expect(reply.error).toMatchObject(withCode('EPARAM'));
    expect(reply.error?.message).toContain(parameter);
    expect(untouched.requests).toEqual([]);
  });
});

describe("DSM's own error for a wrong parameter (120) is EPARAM too, and names it", () => {
  test.each([
    { node: 'task-list', operation: 'list', params: {}, name: 'filter', reason: 'type' },
    { node: 'task-backup', operation: 'backup', params: { task_ids: [3] }, name: 'task_ids', reason: 'type' },
    { node: 'share-storage', operation: 'relink', params: { share_name: 'x' }, name: 'key', reason: 'required' },
    { node: 'aem-info', operation: 'edit_connection', params: { hostname: 'x' }, name: 'port', reason: 'required' },
    {
      node: 'api-request',
      operation: 'get_info',
      params: {},
      name: 'limit',
      reason: 'type',
      api: 'SYNO.ActiveBackup.Log',
    },
  ])('$node: $operation', async ({ node, name, reason, ...request }) => {
    const undo = nas.fail({ on: { method: request.operation }, do: 'refuse', code: 120, errors: { name, reason } });
    const reply = await callThrough(node, 'nas', request);
    undo();
    expect(reply.error).toMatchObject({ ...withCode('EPARAM'), cause: { code: 120, errors: { name, reason } } });
    expect(reply.error?.message).toContain(name);
  });
});

/** The code of an error, where the Node-RED of these tests copies it. */
function withCode(code: ErrorCode): { code?: ErrorCode } {
  return COPIES_ERROR_CODE ? { code } : {};
}

function defaultsOf({ parameters }: Row): JsonObject {
  const filled = Object.entries<Parameter>(parameters).filter((entry) => entry[1].default !== undefined);
  return Object.fromEntries(filled.map(([name, parameter]) => [name, parameter.default ?? null]));
}

function onTheWire(values: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));
}

/** The reply of the NAS to the same call made directly; its clock stands still. */
async function dataOf(api: string, method: string, parameters: Readonly<Record<string, string>>): Promise<Json> {
  const { data } = await login(nas);
  const call = { ...parameters, api, method, version: '1', _sid: word(data, 'sid') };
  return (await post(nas, call)).data ?? null;
}

/** User names of databases are removed together with their passwords; here they are empty. */
const DATABASE_USERS: ReadonlySet<string> = new Set(['mssql_user', 'oracle_user']);

function withoutSecrets(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isJsonObject(value)) return value;
  const isSecret = ([name, field]: [string, Json]): boolean =>
    DATABASE_USERS.has(name) || (typeof field === 'string' && secretsIn(field).length > 0);
  const kept = Object.entries(value).filter((entry) => !isSecret(entry));
  return Object.fromEntries(kept.map(([name, field]) => [name, withoutSecrets(field)]));
}

function secretsIn(value: unknown): string[] {
  const text = JSON.stringify(value);
  return [...PLANTED_SECRETS, 'planted-key', '"synology"'].filter((secret) => text.includes(secret));
}
