import { expect, test } from 'vitest';
import { post, signedIn, nasForTest, field, login } from './test-client';
import { PLANTED_SECRETS } from './index';

const TASK = { api: 'SYNO.ActiveBackup.Task', version: '1', method: 'list' };

test.each([
  { what: 'no api', fields: { version: '1', method: 'list' }, code: 101 },
  { what: 'no method', fields: { api: TASK.api, version: '1' }, code: 101 },
  { what: 'no version', fields: { api: TASK.api, method: 'list' }, code: 101 },
  { what: 'an unknown API', fields: { ...TASK, api: 'SYNO.ActiveBackup.Nothing' }, code: 102 },
  { what: 'a name every object has', fields: { ...TASK, api: 'constructor' }, code: 102 },
  { what: 'a version above the highest', fields: { ...TASK, version: '3' }, code: 104 },
  { what: 'a version that is no number', fields: { ...TASK, version: 'latest' }, code: 104 },
  { what: 'an unknown method at a wrong version', fields: { ...TASK, version: '9', method: 'nothing' }, code: 104 },
  { what: 'an unknown method without a session', fields: { ...TASK, method: 'nothing' }, code: 103 },
  { what: 'a known method at version 2', fields: { ...TASK, version: '2' }, code: 103 },
  { what: 'no session', fields: TASK, code: 119 },
  { what: 'an unknown session', fields: { ...TASK, _sid: 'made-up' }, code: 119 },
  { what: 'no session and no parameters', fields: { ...TASK, method: 'backup' }, code: 119 },
  { what: 'version 1 of SYNO.DSM.Info', fields: { api: 'SYNO.DSM.Info', version: '1', method: 'getinfo' }, code: 104 },
])('a call with $what gets $code', async ({ fields, code }) => {
  const nas = await nasForTest();
  expect(await post(nas, fields)).toEqual({ success: false, error: { code } });
});

test.each([
  { method: 'backup', sent: {}, reason: 'required', name: 'task_ids' },
  { method: 'backup', sent: { task_ids: '12' }, reason: 'type', name: 'task_ids' },
  { method: 'backup', sent: { task_ids: '["1"]' }, reason: 'type', name: 'task_ids' },
  { method: 'backup', sent: { task_ids: '[1.5]' }, reason: 'type', name: 'task_ids' },
  { method: 'backup', sent: { task_ids: '' }, reason: 'type', name: 'task_ids' },
  { method: 'list', sent: { load_result: 'True' }, reason: 'type', name: 'load_result' },
  { method: 'list', sent: { load_result: '1' }, reason: 'type', name: 'load_result' },
  { method: 'list', sent: { limit: '"5"' }, reason: 'type', name: 'limit' },
  { method: 'list', sent: { filter: '[1]' }, reason: 'type', name: 'filter' },
  { method: 'set', sent: { task_ids: '[1]', task_name: '2024' }, reason: 'type', name: 'task_name' },
])('$method with $sent is refused: $name, $reason', async ({ method, sent, name, reason }) => {
  const call = await signedIn(await nasForTest());
  const answer = await call('Task', method, {}, sent);
  expect(answer).toEqual({ success: false, error: { code: 120, errors: { name, reason } } });
});

test.each([
  { method: 'backup', sent: { task_ids: '[1]' } },
  { method: 'backup', sent: { task_ids: '[1]', trigger_type: '1' } },
  { method: 'list', sent: { load_result: 'true', unknown: 'ignored' } },
  { method: 'set', sent: { task_ids: '[1]', task_name: 'Bare words' } },
  { method: 'set', sent: { task_ids: '[1]', task_name: '"2024"' } },
])('$method with $sent is accepted', async ({ method, sent }) => {
  const call = await signedIn(await nasForTest());
  expect(await call('Task', method, {}, sent)).toMatchObject({ success: true });
});

test('parameters are checked after the permission', async () => {
  const accounts = [{ name: 'plain', password: 'secret', admin: false }];
  const call = await signedIn(await nasForTest({ accounts }), { account: 'plain', passwd: 'secret' });
  expect((await call('Task', 'backup')).error).toEqual({ code: 105 });
});

test('GET with everything in the query, and POST with the session in a cookie, work too', async () => {
  const nas = await nasForTest();
  const { sid } = await signedIn(nas);
  const query = new URLSearchParams({ ...TASK, _sid: sid });
  const got = await fetch(`${nas.url}/webapi/entry.cgi?${query}`);
  expect(await got.json()).toMatchObject({ success: true });
  expect(await post(nas, TASK, { Cookie: `theme=dark; id=${encodeURIComponent(sid)}` })).toMatchObject({
    success: true,
  });
});

test('parameters of query and form are combined, and the form wins', async () => {
  const nas = await nasForTest();
  const { sid } = await signedIn(nas);
  const query = new URLSearchParams({ api: TASK.api, version: '9' });
  const body = new URLSearchParams({ version: '1', method: 'list', _sid: sid });
  const response = await fetch(`${nas.url}/webapi/entry.cgi?${query}`, { method: 'POST', body });
  expect(await response.json()).toMatchObject({ success: true });
});

test.each([
  { path: '/', status: 200, type: 'text/html' },
  { path: '/nowhere', status: 404, type: 'text/html' },
  { path: '/webapi/nothing.cgi', status: 404, type: 'text/html' },
  { path: '/webapi/entry.cgi', status: 200, type: 'application/json; charset="UTF-8"' },
  { path: '/webapi/query.cgi', status: 200, type: 'text/plain; charset="UTF-8"' },
])('$path answers $status as $type', async ({ path, status, type }) => {
  const nas = await nasForTest();
  const response = await fetch(`${nas.url}${path}`);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain(type);
});

test.each([
  { script: 'query.cgi', api: 'SYNO.API.Info', method: 'query', code: undefined },
  { script: 'query.cgi', api: 'SYNO.API.Auth', method: 'login', code: 102 },
  { script: 'auth.cgi', api: 'SYNO.API.Auth', method: 'login', code: 400 },
  { script: 'auth.cgi', api: 'SYNO.API.Info', method: 'query', code: 102 },
])('$script answers $api with $code', async ({ script, api, method, code }) => {
  const nas = await nasForTest();
  expect((await post(nas, { api, version: '1', method }, {}, script)).error?.code).toBe(code);
});

test('a base path is required in front of every path', async () => {
  const nas = await nasForTest({ basePath: '/nas' });
  expect(nas.url).toMatch(/\/nas$/);
  expect(await login(nas)).toMatchObject({ success: true });
  expect((await fetch(`http://${nas.host}:${nas.port}/webapi/entry.cgi`)).status).toBe(404);
});

test.each([
  { query: 'SYNO.API.Auth,SYNO.API.Info', names: ['SYNO.API.Auth', 'SYNO.API.Info'] },
  { query: 'SYNO.API.', names: ['SYNO.API.Auth', 'SYNO.API.Info'] },
  { query: 'SYNO.ActiveBackup.Task', names: ['SYNO.ActiveBackup.Task'] },
  { query: 'SYNO.Nothing', names: [] },
])('API.Info answers $query with $names', async ({ query, names }) => {
  const nas = await nasForTest();
  const { data } = await post(nas, { api: 'SYNO.API.Info', version: '1', method: 'query', query });
  expect(Object.keys(data as object).sort()).toEqual(names);
});

test('API.Info answers with the paths and versions of the options', async () => {
  const nas = await nasForTest({ maxVersion: { 'SYNO.API.Auth': 3 }, paths: { 'SYNO.API.Auth': 'auth.cgi' } });
  const { data } = await post(nas, { api: 'SYNO.API.Info', version: '1', method: 'query', query: 'all' });
  expect(field(data, 'SYNO.API.Auth')).toEqual({ path: 'auth.cgi', minVersion: 1, maxVersion: 3 });
  const task = { path: 'entry.cgi', minVersion: 1, maxVersion: 2, requestFormat: 'JSON' };
  expect(field(data, 'SYNO.ActiveBackup.Task')).toEqual(task);
  expect((await login(nas)).error).toEqual({ code: 104 });
});

test('while the package is stopped its APIs are absent, and they return with it', async () => {
  const nas = await nasForTest();
  const call = await signedIn(nas);
  nas.state.packageRunning = false;
  const { data } = await post(nas, {
    api: 'SYNO.API.Info',
    version: '1',
    method: 'query',
    query: 'SYNO.ActiveBackup.',
  });
  expect(data).toEqual({});
  expect((await call('Task', 'list')).error).toEqual({ code: 102 });
  nas.state.packageRunning = true;
  expect(await call('Task', 'list')).toMatchObject({ success: true });
});

test('the request log has every request as sent', async () => {
  const nas = await nasForTest();
  const call = await signedIn(nas);
  await call('Task', 'list', { load_result: true });
  expect(nas.requests).toHaveLength(2);
  expect(nas.received('login')).toMatchObject([{ verb: 'POST', url: '/webapi/entry.cgi', version: 6, sid: null }]);
  const [list] = nas.received('list', 'SYNO.ActiveBackup.Task');
  expect(list).toMatchObject({ version: 1, sid: call.sid, parameters: { load_result: 'true' } });
  expect(nas.received('list', 'SYNO.ActiveBackup.Share')).toEqual([]);
});

test('a batch request answers each of its calls', async () => {
  const nas = await nasForTest();
  const { sid } = await signedIn(nas);
  const compound = [
    { api: 'SYNO.ActiveBackup.Task', version: 1, method: 'list', load_result: true },
    { api: 'SYNO.ActiveBackup.Task', version: 1, method: 'backup', task_ids: 1 },
  ];
  const batch = { api: 'SYNO.Entry.Request', version: '1', method: 'request', mode: 'parallel', _sid: sid };
  const { data } = await post(nas, { ...batch, compound: JSON.stringify(compound) });
  expect(data).toMatchObject({
    has_fail: true,
    result: [
      { method: 'list', success: true, data: { total: 5 } },
      { method: 'backup', success: false, error: { code: 120 } },
    ],
  });
});

test('secrets are in the fields where DSM has them', async () => {
  const call = await signedIn(await nasForTest());
  const answer = JSON.stringify(await call('Task', 'list'));
  const inTasks = PLANTED_SECRETS.filter((secret) => answer.includes(secret));
  expect(inTasks).toEqual([
    'planted-agent-token-',
    'planted-login-password-',
    'planted-mssql-password-',
    'planted-oracle-password-',
  ]);
  expect(call.sid).toContain('planted-sid-');
});
