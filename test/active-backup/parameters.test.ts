import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { METHODS, methodOf, type Method } from '../../src/active-backup/methods';
import { parseParameters } from '../../src/active-backup/parameters';

const TASK = 'SYNO.ActiveBackup.Task';

function problemOf(row: Method, given: unknown): string {
  try {
    return `accepted: ${JSON.stringify(parseParameters(row, given))}`;
  } catch (error) {
    expect(error).toMatchObject({ code: 'EPARAM' });
    return (error as Error).message;
  }
}

/** A method with one parameter `p`, to test a single type. */
function rowOf(type: string, more: object = {}): Method {
  return { api: TASK, method: 'm', level: 'read', parameters: { p: { type, ...more } } } as Method;
}

describe('accepted values', () => {
  test.each([
    ['integer', 12, 12],
    ['integer', 0, 0],
    ['integer', '12', 12],
    ['integer', ' 12 ', 12],
    ['integers', [1, 2], [1, 2]],
    ['integers', 1, [1]],
    ['integers', '1', [1]],
    ['integers', '1,2,3', [1, 2, 3]],
    ['integers', ' 1 , 2 ', [1, 2]],
    ['integers', '[1, 2]', [1, 2]],
    ['integers', ['1', 2, '2'], [1, 2]],
    ['boolean', true, true],
    ['boolean', false, false],
    ['boolean', 'true', true],
    ['boolean', ' FALSE ', false],
    ['string', 'a b', 'a b'],
    ['string', '', ''],
    ['string', 12, '12'],
    ['string', '[1]', '[1]'],
    ['strings', ['/a', '/b'], ['/a', '/b']],
    ['strings', '/a,b', ['/a,b']],
    ['strings', '["/a", "/b"]', ['/a', '/b']],
    ['object', { a: [1, null] }, { a: [1, null] }],
    ['object', '{"a": 1}', { a: 1 }],
    ['array', [{ a: 1 }], [{ a: 1 }]],
    ['array', '[]', []],
    ['any', null, undefined],
    ['any', [1, 'x'], [1, 'x']],
    ['any', 'text', 'text'],
  ])('%s from %j is %j', (type, value, sent) => {
    expect(parseParameters(rowOf(type), { p: value })).toStrictEqual(sent === undefined ? {} : { p: sent });
  });

  test('a name of a code table is converted to its number', () => {
    const row = METHODS['Task.get_default_task_name'];
    expect(parseParameters(row, { backup_type: 'PC' })).toEqual({ backup_type: 2 });
    expect(parseParameters(row, { backup_type: '4' })).toEqual({ backup_type: 4 });
    expect(problemOf(row, { backup_type: 'laptop' })).toBe(
      'Task.get_default_task_name: parameter "backup_type" must be one of vm, pc, physical_server, file_server, nas or its number, but got a text',
    );
  });

  test('objects of a function node, which are from another realm, are accepted', () => {
    const given: unknown = runInNewContext('({ p: { a: [1], b: { c: null } } })');
    expect(parseParameters(rowOf('object'), given)).toEqual({ p: { a: [1], b: { c: null } } });
  });
});

describe('ambiguous or invalid values are rejected', () => {
  const NO_JSON = [NaN, Infinity, new Date(0), Buffer.from('x'), new Map(), () => 1, Symbol('x'), 1n];

  test.each([
    ['integer', ['12abc', '1.5', '1e3', '0x10', '-1', 1.5, -1, 2 ** 53, true, [], [1], {}, ...NO_JSON]],
    [
      'integers',
      ['12abc', '1,,2', '1;2', '1 2', ',', '[1,', '["a"]', [], [-1], [1.5], [1, null], [[1]], true, {}, ...NO_JSON],
    ],
    ['boolean', ['yes', '1', '0', 1, 0, [], {}, ...NO_JSON]],
    ['string', [true, [], {}, ...NO_JSON]],
    ['strings', [[], [''], ['a', 1], 5, true, {}, '[]', ...NO_JSON]],
    ['object', ['x', '[1]', '{a: 1}', '{', 5, true, [], ...NO_JSON]],
    ['array', ['x', '{}', '[1,', 5, true, {}, ...NO_JSON]],
    ['any', NO_JSON],
  ])('%s', (type, values) => {
    for (const value of values) {
      expect(problemOf(rowOf(type), { p: value })).toMatch(/^Task\.m: parameter "p" must be .+, but got ./);
    }
  });

  test('values that JSON would change are rejected at any depth', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = { cycle };
    let deep: unknown = 1;
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    for (const value of [
      { a: { b: NaN } },
      { a: [undefined] },
      { a: undefined },
      { a: Buffer.from('x') },
      cycle,
      { deep },
    ]) {
      expect(problemOf(rowOf('object'), { p: value })).toMatch(/must be a JSON object, but got an object$/);
    }
    expect(parseParameters(rowOf('array'), { p: [cycle['x'] ?? 1, [2], [2]] })).toEqual({ p: [1, [2], [2]] });
  });

  test('a repeated object is no cycle', () => {
    const shared = { a: 1 };
    expect(parseParameters(rowOf('array'), { p: [shared, shared] })).toEqual({ p: [shared, shared] });
  });
});

describe('required parameters', () => {
  test.each([
    ['integers', undefined],
    ['integers', null],
    ['integers', ''],
    ['integers', '  '],
    ['string', ''],
    ['string', ' '],
    ['boolean', ''],
  ])('%s: %j is missing', (type, value) => {
    expect(problemOf(rowOf(type, { required: true }), { p: value })).toMatch(
      /^Task\.m: parameter "p" is missing; it must be /,
    );
  });

  test('an empty list of ids is rejected', () => {
    expect(problemOf(METHODS['Task.remove'], { task_ids: [] })).toBe(
      'Task.remove: parameter "task_ids" must be one or more whole numbers, like [1, 2] or "1,2", but got an empty list',
    );
  });

  test('false is a value', () => {
    expect(parseParameters(METHODS['Share.remove'], { is_remove_data: false })).toEqual({ is_remove_data: false });
  });

  test.each(Object.entries(METHODS))('%s reports each missing required parameter', (name, method) => {
    const row: Method = method;
    const required = Object.entries(row.parameters).filter(([, parameter]) => parameter.required === true);
    const expected =
      required[0] === undefined ? /^accepted/ : new RegExp(`^${name}: parameter "${required[0][0]}" is missing`);
    expect(problemOf(row, {})).toMatch(expected);
  });
});

describe('parameters that are not given', () => {
  test('get their default, or are omitted if empty or undefined', () => {
    expect(parseParameters(METHODS['Task.list'], { load_versions: '', limit: null, offset: undefined })).toEqual({
      load_status: true,
      load_result: true,
      load_devices: true,
    });
  });

  test('a given value overrides the default', () => {
    expect(parseParameters(METHODS['Task.list'], { load_status: 'false' })).toMatchObject({ load_status: false });
  });
});

describe('unlisted parameters', () => {
  test('are sent unchanged', () => {
    const extra = { trigger_type: '1', devices_too: [{ a: null }], deep: { b: 1.5 } };
    expect(parseParameters(METHODS['Task.backup'], { task_ids: 1, ...extra, nothing: undefined })).toStrictEqual({
      task_ids: [1],
      ...extra,
    });
  });

  test.each(['api', 'method', 'version', '_sid', 'SynoToken', 'API', 'Method'])(
    'cannot be %s: that would send another call',
    (name) => {
      expect(problemOf(METHODS['Task.list'], { [name]: 'x' })).toContain(`parameter "${name}" cannot be set`);
    },
  );

  test.each(['', 'a b', 'a=b', 'a&method', 'ä', 'x'.repeat(10) + '\n'])('cannot have the name %j', (name) => {
    expect(problemOf(METHODS['Task.list'], { [name]: 'x' })).toContain('is no name of a parameter');
  });

  test('must be JSON', () => {
    expect(problemOf(METHODS['Task.list'], { extra: NaN })).toBe('Task.list: parameter "extra" must be a JSON value');
  });

  test('cannot change a prototype', () => {
    const sent = parseParameters(METHODS['Task.list'], JSON.parse('{"__proto__": {"polluted": true}}'));
    expect(Object.getPrototypeOf(sent)).toBe(Object.prototype);
    expect('polluted' in sent).toBe(false);
    expect(problemOf(METHODS['Task.backup'], Object.create({ task_ids: [1] }))).toContain('"task_ids" is missing');
  });
});

test.each([5, 'task_ids=1', [[1]], true])('%j is rejected as parameters', (given) => {
  expect(problemOf(METHODS['Task.list'], given)).toBe('Task.list: the parameters must be an object');
});

describe('values in errors', () => {
  const SECRET = 'hunter2-hunter2';

  test('never include a secret', () => {
    for (const value of [[SECRET], { key: SECRET }, true]) {
      const message = problemOf(METHODS['AEM.join'], { key: value });
      expect(message).toMatch(/^AEM\.join: parameter "key" must be a text, but got (?:a list|an object|true)$/);
    }
  });

  test('never include objects and texts, which may hold a secret', () => {
    expect(problemOf(METHODS['Task.set'], { task_ids: 1, devices: `[{"login_password": "${SECRET}"` })).toBe(
      'Task.set: parameter "devices" must be a JSON array, but got a text',
    );
    expect(problemOf(METHODS['Task.set'], { task_ids: { password: SECRET } })).not.toContain(SECRET);
    expect(problemOf(METHODS['Task.list'], { login_password: [SECRET, NaN] })).not.toContain(SECRET);
  });

  test.each([
    ['12abc', 'but got a text'],
    ['x'.repeat(100), 'but got a text'],
    [-1, '-1'],
    [true, 'true'],
    [[1, -2], '[1, -2]'],
    [['a'], 'a list'],
    [{ a: 1 }, 'an object'],
    [null, ''],
  ])('include other values: %j', (value, shown) => {
    expect(problemOf(METHODS['Task.cancel'], { task_ids: value })).toContain(shown);
  });
});

test.each([
  [1_762_848_003, { time_start: 1_762_848_003 }],
  ['1762848003', { time_start: 1_762_848_003 }],
])('a time in seconds: %j', (time_start, sent) => {
  expect(parseParameters(METHODS['Overview.list_device_transfer_size'], { time_start })).toEqual(sent);
});

test("milliseconds, the unit of Node-RED's timestamps, are rejected with a hint", () => {
  expect(problemOf(METHODS['Overview.list_device_transfer_size'], { time_start: 1_762_848_003_000 })).toBe(
    'Overview.list_device_transfer_size: parameter "time_start" must be a time in whole seconds since 1970, but got 1762848003000',
  );
});

test('an unknown method accepts any parameters', () => {
  expect(parseParameters(methodOf('SYNO.ActiveBackup.Log', 'clear'), { a: 1 })).toEqual({ a: 1 });
});

test('the given parameters are not changed', () => {
  const given = Object.freeze({ task_ids: Object.freeze(['1', '2']) });
  expect(parseParameters(METHODS['Task.backup'], given)).toEqual({ task_ids: [1, 2] });
});
