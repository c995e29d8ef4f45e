import { describe, expect, test } from 'vitest';
import { ActiveBackup } from '../../src/active-backup/active-backup';
import type { MethodCall } from '../../src/active-backup/method-call';
import { ACCESS_LEVELS, includesLevel, METHODS, type AccessLevel, type Method } from '../../src/active-backup/methods';
import { ACTIVE_BACKUP_ERRORS } from '../../src/active-backup/errors';
import { ResponseBytes } from '../../src/active-backup/parsed-lists';
import type { Result, Task } from '../../src/active-backup/types';
import type { DsmRequest } from '../../src/dsm/dsm-request';
import { DsmError } from '../../src/dsm/errors';
import type { Json } from '../../src/dsm/json';
import { CAPTURED, captured } from './captured';

const TASK = 'SYNO.ActiveBackup.Task';
const SHARE = 'SYNO.ActiveBackup.Share';

/** Responses by method (`Task.list` …); a function gets the request. */
type Responses = Record<string, Json | ((request: DsmRequest) => Json)>;

/** A client that records the requests and responds from a table. */
function connect({ access = 'delete', responses = {} }: { access?: AccessLevel; responses?: Responses } = {}) {
  const sent: DsmRequest[] = [];
  // An async function, so that an exception of a response becomes a rejection.
  // eslint-disable-next-line @typescript-eslint/require-await
  const call = async (request: DsmRequest): Promise<Json> => {
    sent.push(request);
    const response = responses[`${request.api.replace('SYNO.ActiveBackup.', '')}.${request.method}`];
    return typeof response === 'function' ? response(request) : (response ?? null);
  };
  return { activeBackup: new ActiveBackup({ call, label: 'nas.lan:5001', msSinceLastResponse: 0 }, access), sent };
}

/** The required parameters of a method. */
function requiredParameters(row: Method): Record<string, Json> {
  const values: Record<string, Json> = { integer: 1, integers: [1], string: 'x', strings: ['x'], boolean: false };
  const required = Object.entries(row.parameters).filter(([, parameter]) => parameter.required === true);
  return Object.fromEntries(required.map(([name, { type }]) => [name, values[type] ?? null]));
}

async function refused(
  access: AccessLevel,
  operation: MethodCall,
): Promise<{ code: unknown; message: string; sent: number }> {
  const { activeBackup, sent } = connect({ access });
  const error: unknown = await activeBackup.call(operation).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DsmError)) throw new Error(`accepted, with ${sent.length} requests`);
  return { code: error.code, message: error.message, sent: sent.length };
}

const ROWS: [string, Method][] = Object.entries(METHODS);

describe.each(ACCESS_LEVELS)('a NAS node that allows %s', (access) => {
  test.each(ROWS.filter(([, row]) => includesLevel(access, row.level)))('sends %s', async (_name, row) => {
    const { activeBackup, sent } = connect({ access });
    await activeBackup.call({ api: row.api, method: row.method, parameters: requiredParameters(row) });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      api: row.api,
      method: row.method,
      changes: row.level !== 'read',
      codes: ACTIVE_BACKUP_ERRORS,
    });
  });

  const above = ROWS.filter(([, row]) => !includesLevel(access, row.level));
  if (above.length > 0) {
    test.each(above)('refuses %s and sends nothing', async (name, row) => {
      const { code, message, sent } = await refused(access, {
        api: row.api,
        method: row.method,
        parameters: requiredParameters(row),
      });
      expect({ code, sent }).toEqual({ code: 'EACCESS', sent: 0 });
      expect(message).toMatch(`${name} needs access level "${row.level}"`);
      expect(message).toMatch(`the NAS node "nas.lan:5001" allows "${access}"`);
    });
  }

  test('allows the overview', async () => {
    const { activeBackup, sent } = connect({ access });
    await activeBackup.call({ api: SHARE, method: 'overview' });
    expect(sent.map(({ method, changes }) => [method, changes])).toEqual([
      ['list', false],
      ['list_storage', false],
      ['list_volume', false],
    ]);
  });
});

describe('rejections before anything is sent', () => {
  test('a deleting method names the consequence', async () => {
    const { message } = await refused('manage', { api: TASK, method: 'remove', parameters: { task_ids: [1] } });
    expect(message).toBe(
      'Task.remove needs access level "delete" because it deletes the tasks and all their backup data; ' +
        'the NAS node "nas.lan:5001" allows "manage". Nothing was sent; choose a higher level in the NAS node if this is wanted',
    );
  });

  test.each([
    ['SYNO.ActiveBackup.Log', 'clear'],
    ['SYNO.ActiveBackup.Version', 'delete'],
    [TASK, 'List'],
    [TASK, '__proto__'],
  ])('an unknown method needs the highest level: %s %s', async (api, method) => {
    expect(await refused('manage', { api, method })).toMatchObject({ code: 'EACCESS', sent: 0 });
    const { activeBackup, sent } = connect({ access: 'delete' });
    await activeBackup.call({ api, method });
    expect(sent).toMatchObject([{ api, method, changes: true }]);
  });

  test.each([
    'SYNO.Core.System',
    'SYNO.ActiveBackup',
    'SYNO.ActiveBackup.',
    'SYNO.ActiveBackupOffice365',
    'SYNO.ActiveBackup.Task&method=remove',
    'SYNO.ActiveBackup..Task',
    'syno.activebackup.task',
    'SYNO.ActiveBackup.Task\n',
    'Task',
    '',
  ])('%j is no API of Active Backup', async (api) => {
    expect(await refused('delete', { api, method: 'list' })).toMatchObject({ code: 'EPARAM', sent: 0 });
  });

  test.each(['', 'list remove', 'list&method=remove', 'Task.list', 'list\n'])('%j is no method', async (method) => {
    expect(await refused('delete', { api: TASK, method })).toMatchObject({ code: 'EPARAM', sent: 0 });
  });

  test.each([
    [{}, /"task_ids" is missing/],
    [{ task_ids: '12abc' }, /"task_ids" must be/],
    [{ task_ids: 1, method: 'remove' }, /"method" cannot be set/],
    ['task_ids=1', /must be an object/],
  ])('the parameters %j', async (parameters, message) => {
    const problem = await refused('delete', { api: TASK, method: 'backup', parameters });
    expect(problem).toMatchObject({ code: 'EPARAM', sent: 0 });
    expect(problem.message).toMatch(message);
  });

  test('the level is checked before the parameters', async () => {
    expect(await refused('read', { api: TASK, method: 'backup', parameters: {} })).toMatchObject({ code: 'EACCESS' });
  });
});

test('a call can be authorized in advance', () => {
  const { activeBackup, sent } = connect({ access: 'operate' });
  expect(activeBackup.authorize({ api: TASK, method: 'backup' })).toBe(METHODS['Task.backup']);
  expect(() => activeBackup.authorize(METHODS['Task.remove'])).toThrow(expect.objectContaining({ code: 'EACCESS' }));
  expect(sent).toEqual([]);
});

describe('requests', () => {
  test('contain the parsed parameters, the defaults and the signal', async () => {
    const { activeBackup, sent } = connect();
    const { signal } = new AbortController();
    await activeBackup.call({ api: TASK, method: 'list', parameters: { limit: '5' }, signal });
    const parameters = { load_status: true, load_result: true, load_devices: true, limit: 5 };
    const cache: unknown = expect.any(ResponseBytes);
    expect(sent).toEqual([
      { api: TASK, method: 'list', parameters, changes: false, codes: ACTIVE_BACKUP_ERRORS, signal, cache },
    ]);
  });

  test("an error of the NAS is passed on with DSM's code", async () => {
    const cause = { api: TASK, method: 'backup', version: 1, code: 1010, errors: null };
    const refusal = new DsmError('EABB', 'there is no such task', cause);
    const throwing = (): never => {
      throw refusal;
    };
    const { activeBackup } = connect({ responses: { 'Task.backup': throwing, 'Share.list_volume': throwing } });
    await expect(activeBackup.call({ api: TASK, method: 'backup', parameters: { task_ids: 99 } })).rejects.toBe(
      refusal,
    );
    await expect(activeBackup.call({ api: SHARE, method: 'overview' })).rejects.toBe(refusal);
  });
});

describe('responses', () => {
  /** Captured responses of methods with a data model, and the number of items in each. */
  const MODELLED: Record<string, number> = {
    'Task.list.abb3': 1,
    'Task.list.loaded.abb2': 1,
    'Task.list_with_device.abb3': 1,
    'Share.list.abb3': 1,
    'Share.list_encrypted.abb3': 0,
    'Share.list_storage.abb2': 1,
    'Share.list_storage.abb3': 1,
    'Share.list_volume.abb3': 1,
    'Log.list_result.abb2': 1,
    'Log.list_result.abb3': 1,
    'Device.list.abb3': 1,
  };

  test.each(CAPTURED)('%s', async (name) => {
    const [api = '', method = ''] = name.split('.');
    const data = captured(name);
    const { activeBackup } = connect({ responses: { [`${api}.${method}`]: data } });
    const parameters = { result_id: 1, time_start: 1 };
    const response = await activeBackup.call({ api: `SYNO.ActiveBackup.${api}`, method, parameters });
    expect(response.data).toEqual(captured(name));
    const count = MODELLED[name];
    if (count !== undefined) expect(response.payload).toHaveLength(count);
    else if (name === 'AEM.get_info.abb3') expect(response.payload).toHaveProperty('roleCode', 2);
    else expect(response.payload).toEqual(data);
  });

  test('of a method without data', async () => {
    const { activeBackup } = connect();
    expect(await activeBackup.call({ api: TASK, method: 'cancel_waiting_backup' })).toEqual({
      data: null,
      payload: null,
      tasks: null,
    });
  });

  test('of the overview: the data of its three methods by name, and one payload', async () => {
    const list = captured('Share.list.abb3');
    const list_storage = captured('Share.list_storage.abb3');
    const list_volume = captured('Share.list_volume.abb3');
    const responses = { 'Share.list': list, 'Share.list_storage': list_storage, 'Share.list_volume': list_volume };
    const { data, payload } = await connect({ responses }).activeBackup.call({ api: SHARE, method: 'overview' });
    expect(data).toEqual({ list, list_storage, list_volume });
    expect(payload).toMatchObject({ defaultShare: 'ActiveBackupforBusiness', totals: { dedupRatio: 2.2 } });
  });

  describe('of a task list that the NAS sends in parts', () => {
    const rows = Array.from({ length: 5 }, (_, index) => ({ task_id: index + 1, task_name: `Task ${index + 1}` }));
    const inParts =
      (total: number) =>
      ({ parameters: { offset = 0, limit = 100 } }: DsmRequest): Json => ({
        has_devices: true,
        tasks: rows.slice(Number(offset), Number(offset) + Math.min(2, Number(limit))),
        total,
      });
    const list = async (total: number, parameters: Record<string, Json> = {}) => {
      const { activeBackup, sent } = connect({ responses: { 'Task.list': inParts(total) } });
      const { payload, data } = await activeBackup.call({ api: TASK, method: 'list', parameters });
      return { ids: (payload as Task[]).map(({ id }) => id), data, sent };
    };

    test('are all of its tasks, also in the data of DSM', async () => {
      const { ids, data, sent } = await list(5);
      expect(ids).toEqual([1, 2, 3, 4, 5]);
      expect(data).toEqual({ has_devices: true, tasks: rows, total: 5 });
      expect(sent.map(({ parameters }) => parameters)).toMatchObject([
        { load_result: true },
        { load_result: true, offset: 2 },
        { load_result: true, offset: 4 },
      ]);
    });

    test('end with a part without new tasks, because the total may count those of others', async () => {
      const { ids, sent } = await list(8);
      expect(ids).toEqual([1, 2, 3, 4, 5]);
      expect(sent).toHaveLength(4);
    });

    test.each([{ offset: 1 }, { limit: 2 }])('are the one part that was requested by %o', async (parameters) => {
      const { ids, sent } = await list(5, parameters);
      expect(ids).toHaveLength(2);
      expect(sent).toHaveLength(1);
    });
  });

  test('listTasks equals Task.list with its defaults', async () => {
    const { activeBackup, sent } = connect({ responses: { 'Task.list': captured('Task.list.loaded.abb2') } });
    const tasks = await activeBackup.listTasks();
    expect(tasks).toEqual((await activeBackup.call({ api: TASK, method: 'list' })).payload);
    expect(sent[0]).toMatchObject({ ...sent[1] });
  });

  test('two polls give the speed', async () => {
    const running = { running_task_status: 1, transfered_bytes: 3000, total_bytes: 5000 };
    const { activeBackup } = connect({ responses: { 'Task.list': { tasks: [{ task_id: 1, progress: running }] } } });
    const samples = new Map([[1, { at: new Date(0), transferredBytes: 1000 }]]);
    const [task] = await activeBackup.listTasks({ now: new Date(10_000), samples });
    expect(task?.progress).toMatchObject({ bytesPerSecond: 200, remainingSeconds: 10 });
  });
});

describe('a last backup that a later job hides', () => {
  const NOW = 1_762_848_003;
  const DELETION = { result_id: 90, job_action: 131_072, status: 2, time_start: NOW, time_end: NOW + 20 };
  const TASKS: Json = {
    tasks: [
      { task_id: 1, last_result: DELETION },
      {
        task_id: 2,
        last_result: { result_id: 80, job_action: 1, status: 4, time_start: NOW - 500, time_end: NOW - 400 },
      },
      { task_id: 3, last_result: { ...DELETION, time_start: NOW - 1000, time_end: NOW - 900 } },
      { task_id: 4 },
    ],
  };
  const backup = (result_id: number, task_id: number, status: number, time_end: number, job_action = 1): Json => ({
    result_id,
    task_id,
    status,
    job_action,
    time_start: time_end - 60,
    time_end,
  });
  const LOG = [
    backup(70, 1, 2, NOW - 9000),
    backup(72, 1, 4, NOW - 5000),
    backup(71, 1, 2, NOW - 8000),
    backup(73, 2, 2, NOW - 4000),
    backup(74, 1, 2, NOW - 10, 131_072), // a NAS that ignores the filter
  ];

  const summary = ({ id, lastResult, lastSuccessAt }: Task) => [id, lastResult?.id ?? null, lastSuccessAt];
  const EXPECTED = [
    [1, 72, new Date((NOW - 8000) * 1000).toISOString()],
    [2, 80, null],
    [3, null, null],
    [4, null, null],
  ];

  test.each([
    ['newest first', LOG.toReversed()],
    ['oldest first', LOG],
  ])('is read from the log, once for all tasks, %s', async (_order, results) => {
    const { activeBackup, sent } = connect({
      responses: { 'Task.list': TASKS, 'Log.list_result': { count: results.length, results } },
    });
    expect((await activeBackup.listTasks()).map(summary)).toEqual(EXPECTED);
    expect(sent).toHaveLength(2);
    expect(sent[1]).toMatchObject({
      api: 'SYNO.ActiveBackup.Log',
      method: 'list_result',
      changes: false,
      parameters: { filter: { job_action: 1, from_timestamp: NOW - 90 * 86_400 }, offset: 0, limit: 1000 },
    });
  });

  /** A NAS with a log of 4200 rows that sends at most `most` of them. */
  const longLog =
    (rows: readonly Json[], most: number) =>
    ({ parameters }: DsmRequest): Json => {
      const { offset, limit } = parameters as { offset: number; limit: number };
      return { count: rows.length, results: rows.slice(offset, offset + Math.min(limit, most)) };
    };
  const others = Array.from({ length: 4200 - LOG.length }, (_, index) => backup(100 + index, 9, 2, NOW - 99_999));

  test.each([
    ['end', [...others, ...LOG]],
    ['beginning', [...LOG, ...others]],
  ])('is found at the %s of a long log', async (_end, rows) => {
    const responses = { 'Task.list': TASKS, 'Log.list_result': longLog(rows, Infinity) };
    const { activeBackup, sent } = connect({ responses });
    expect((await activeBackup.listTasks()).map(summary)).toEqual(EXPECTED);
    expect(sent.map(({ parameters }) => parameters['offset'])).toEqual([0, 0, 3200]);
  });

  test.each([
    ['end', [...others, ...LOG]],
    ['beginning', [...LOG, ...others]],
  ])('is found at the %s of a long log of which the NAS sends fewer rows than requested', async (_end, rows) => {
    const responses = { 'Task.list': TASKS, 'Log.list_result': longLog(rows, 300) };
    expect((await connect({ responses }).activeBackup.listTasks()).map(summary)).toEqual(EXPECTED);
  });

  test('costs a bounded number of requests where the NAS sends single rows', async () => {
    const responses = { 'Task.list': TASKS, 'Log.list_result': longLog([...others, ...LOG], 1) };
    const { activeBackup, sent } = connect({ responses });
    await activeBackup.listTasks();
    expect(sent.length).toBeLessThan(50);
  });

  test('is filled in for rows per device as well', async () => {
    const responses = { 'Task.list_with_device': TASKS, 'Log.list_result': { count: LOG.length, results: LOG } };
    const { payload } = await connect({ responses }).activeBackup.call({ api: TASK, method: 'list_with_device' });
    expect((payload as Task[]).map(summary)).toEqual(EXPECTED);
  });

  test('is the running backup, if there is one', async () => {
    const results = [...LOG, { ...(backup(75, 1, 1, 0) as object), time_start: NOW - 5 }];
    const { activeBackup } = connect({ responses: { 'Task.list': TASKS, 'Log.list_result': { count: 6, results } } });
    const lastResult: Partial<Result> = { id: 75, status: 'running' };
    expect((await activeBackup.listTasks())[0]).toMatchObject({ lastResult, lastSuccessAt: EXPECTED[0]?.[2] });
  });

  test.each([
    ['refuses the log', (): never => { throw new DsmError('EPERMISSION', 'no'); }], // prettier-ignore
    ['has no log', (): never => { throw new DsmError('EPACKAGE', 'no'); }], // prettier-ignore
    ['responses nothing', null],
    ['responses something else', { results: 'none' }],
  ])('stays unknown when the NAS %s, and the list is complete otherwise', async (_case, log) => {
    const { activeBackup } = connect({ responses: { 'Task.list': TASKS, 'Log.list_result': log } });
    expect((await activeBackup.listTasks()).map(summary)).toEqual([
      [1, null, null],
      EXPECTED[1],
      [3, null, null],
      [4, null, null],
    ]);
  });

  test('is the one with the higher id when times are equal or missing', async () => {
    const timeless = { task_id: 1, status: 2, job_action: 1 };
    const results = [{ ...timeless, result_id: 61 }, { ...timeless, result_id: 62 }, timeless];
    const { activeBackup } = connect({ responses: { 'Task.list': TASKS, 'Log.list_result': { count: 3, results } } });
    expect((await activeBackup.listTasks()).map(summary)[0]).toEqual([1, 62, null]);
  });

  test('is read even if the other job has no time', async () => {
    const tasks = [{ task_id: 1, last_result: { ...DELETION, time_start: 0, time_end: 0 } }];
    const { activeBackup, sent } = connect({
      responses: { 'Task.list': { tasks }, 'Log.list_result': { count: 5, results: LOG } },
    });
    expect((await activeBackup.listTasks()).map(summary)).toEqual([EXPECTED[0]]);
    expect(sent[1]?.parameters['filter']).toEqual({ job_action: 1 });
  });

  test('causes no request when none is hidden', async () => {
    const { activeBackup, sent } = connect({ responses: { 'Task.list': captured('Task.list.loaded.abb2') } });
    await activeBackup.listTasks();
    expect(sent).toHaveLength(1);
  });
});

test('the whole log is read, whatever the number of backups', async () => {
  const rows = Array.from({ length: 2500 }, (_, index) => ({ result_id: index + 1, job_action: 1, status: 2 }));
  const page = ({ parameters }: DsmRequest): Json => {
    const { offset, limit } = parameters as { offset: number; limit: number };
    return { count: rows.length, results: rows.slice(offset, offset + limit) };
  };
  const { activeBackup, sent } = connect({ responses: { 'Log.list_result': page } });
  const results = await activeBackup.backupsSince(new Date(0));
  expect(results.map(({ id }) => id)).toEqual(rows.map((row) => row.result_id));
  expect(sent).toHaveLength(3);
});

describe('the outcomes of devices', () => {
  const from = new Date('2026-03-01T00:00:00.500Z');
  const answer = {
    device_list: [{ device: { device_id: 5 }, transfer_list: [{ result_id: 1, status: 2 }] }],
    total: 1,
  };

  test('are read with one request for the whole window', async () => {
    const { activeBackup, sent } = connect({ responses: { 'Overview.list_device_transfer_size': answer } });
    const rows = await activeBackup.deviceResults(from, new Date('2026-04-01T00:00:00.500Z'));
    expect(rows.map(({ device, results }) => [device.id, results[0]?.status])).toEqual([[5, 'success']]);
    expect(sent.map(({ parameters }) => parameters)).toEqual([{ time_start: 1_772_323_200, time_end: 1_775_001_601 }]);
  });

  test.each(['2026-04-01T00:00:00.501Z', '2026-02-28T00:00:00Z'])('are not read until %s', async (to) => {
    const { activeBackup, sent } = connect({ responses: { 'Overview.list_device_transfer_size': answer } });
    await expect(activeBackup.deviceResults(from, new Date(to))).rejects.toMatchObject({ code: 'EPARAM' });
    expect(sent).toEqual([]);
  });

  test('are an error when the answer has no list, not an empty list', async () => {
    const { activeBackup } = connect({ responses: { 'Overview.list_device_transfer_size': {} } });
    await expect(activeBackup.deviceResults(from, from)).rejects.toMatchObject({ code: 'ERESPONSE' });
  });
});

describe('the session is checked before a change after a pause', () => {
  const UNKNOWN = (): never => {
    throw new DsmError('EPACKAGE', 'no such API', { ...CALL, code: null });
  };
  const CALL = { api: 'x', method: 'x', version: 1, errors: null };
  const ERROR_OF = {
    102: 'EPACKAGE',
    103: 'EUNSUPPORTED',
    104: 'EUNSUPPORTED',
    105: 'EPERMISSION',
    119: 'ESESSION',
  } as const;
  const refuse = (code: keyof typeof ERROR_OF) => (): never => {
    throw new DsmError(ERROR_OF[code], 'no', { ...CALL, code });
  };

  /** The methods that a change sends, on a NAS that answers like this. */
  async function sentFor(responses: Responses): Promise<string[]> {
    const sent: string[] = [];
    // eslint-disable-next-line @typescript-eslint/require-await
    const call = async (request: DsmRequest): Promise<Json> => {
      const name = `${request.api.replace('SYNO.ActiveBackup.', '')}.${request.method}`;
      sent.push(name);
      const response = responses[name];
      return typeof response === 'function' ? response(request) : (response ?? null);
    };
    const activeBackup = new ActiveBackup({ call, label: 'nas', msSinceLastResponse: Infinity }, 'delete');
    await activeBackup.call({ api: SHARE, method: 'relink', parameters: { share_name: 'x' } }).catch(() => undefined);
    return sent;
  }

  test('by the cheapest read', async () => {
    expect(await sentFor({})).toEqual(['Activation.get', 'Share.relink']);
    expect(await sentFor({ 'Activation.get': refuse(105) })).toEqual(['Activation.get', 'Share.relink']);
  });

  test.each([
    ['that is not listed', UNKNOWN],
    ['that is refused with 102', refuse(102)],
    ['that is refused with 103', refuse(103)],
    ['that is refused with 104', refuse(104)],
  ])(
    'by another read in place of one %s: only a method that exists says something about the session',
    async (_case, refusal) => {
      const expected = ['Activation.get', 'Task.list', 'Share.relink'];
      expect(await sentFor({ 'Activation.get': refusal })).toEqual(expected);
      expect(await sentFor({ 'Activation.get': refusal, 'Task.list': refusal })).toEqual(expected);
    },
  );

  test('and nothing is changed without one', async () => {
    expect(await sentFor({ 'Activation.get': refuse(119) })).toEqual(['Activation.get']);
  });
});
