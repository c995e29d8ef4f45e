import { describe, expect, test } from 'vitest';
import { METHODS, methodOf, type Method, type Parameter } from '../../src/active-backup/methods';
import { parseParameters } from '../../src/active-backup/parameters';
import { DsmError } from '../../src/dsm/errors';
import { operationLabel } from '../../src/editor/operation/operation-label';
import { ParameterDrafts, type FormValues } from '../../src/editor/operation/parameter-drafts';
import {
  fieldText,
  parameterProblem,
  paramsOf,
  type Params,
  type TypedValue,
} from '../../src/editor/operation/typed-value';

const LIST: Method = METHODS['Task.list'];
const NAME: Method = METHODS['Task.get_default_task_name'];
const CHECK: Method = METHODS['Task.create_vm_check'];

/** The form as a person leaves it who only looks at it: each row says what it was given. */
function asShown(memory: ParameterDrafts, operation: string, method: Method | undefined): FormValues {
  const { listed, added } = memory.get(operation);
  const empty = { value: '', type: 'str' };
  const shown = (typed: TypedValue): TypedValue => ({ value: fieldText(typed), type: typed.type });
  const rows = Object.keys(method?.parameters ?? {}).map((name) => [name, shown(listed.get(name) ?? empty)] as const);
  return { listed: new Map(rows), added: added.map(({ name, typed }) => ({ name, typed: shown(typed) })) };
}

/** One look at `saved` in the dialog, and Done. */
function lookedAt(saved: Params, operation: string, method: Method | undefined): Params {
  const memory = new ParameterDrafts(saved, operation, method);
  memory.save(operation, asShown(memory, operation, method));
  return memory.stored(operation, method);
}

describe('a row accepts what the facade accepts', () => {
  const texts = [
    '1',
    '1, 2',
    '0',
    '-1',
    '1.5',
    '[1,2]',
    '["a"]',
    '[]',
    '{}',
    '{"a":1}',
    'true',
    'False',
    'a',
    'PC',
    '2',
    '1e12',
    '{',
  ];
  const parameters: [string, Parameter][] = [
    ...(['boolean', 'integer', 'integers', 'string', 'strings', 'object', 'array', 'any'] as const).map(
      (type): [string, Parameter] => [type, { type }],
    ),
    ['a type of task', { type: 'integer', codes: 'BACKUP_TYPE' }],
    ['seconds', { type: 'integer', unit: 'epochSeconds' }],
  ];

  test.each(parameters)('for %s', (_, parameter) => {
    for (const text of texts) {
      expect(parameterProblem(parameter, { value: text, type: 'str' }) === null, `str ${text}`).toBe(
        facadeAccepts(parameter, text),
      );
      const parsed = parsedJson(text);
      if (parsed !== undefined) {
        expect(parameterProblem(parameter, { value: text, type: 'json' }) === null, `json ${text}`).toBe(
          facadeAccepts(parameter, parsed),
        );
      }
      const number = Number(text);
      if (!Number.isNaN(number)) {
        expect(parameterProblem(parameter, { value: text, type: 'num' }) === null, `num ${text}`).toBe(
          facadeAccepts(parameter, number),
        );
      }
    }
  });

  test('values only a message brings are not judged before', () => {
    for (const type of ['msg', 'flow', 'global', 'env', 'jsonata']) {
      expect(parameterProblem({ type: 'integers', required: true }, { value: 'payload', type })).toBeNull();
    }
    expect(parameterProblem({ type: 'integer' }, { value: '${LIMIT}', type: 'num' })).toBeNull();
  });

  test.each([undefined, { value: '', type: 'str' }, { value: '  ', type: 'json' }, { value: '', type: 'msg' }])(
    'an empty row is missing where it is required: %j',
    (typed) => {
      expect(parameterProblem({ type: 'integers', required: true }, typed)).toEqual({ key: 'problem.required' });
      expect(parameterProblem({ type: 'integers' }, typed)).toBeNull();
    },
  );

  test.each([
    [{ value: '{', type: 'json' }, 'problem.json'],
    [{ value: 'many', type: 'num' }, 'problem.expected.any'],
  ])('what is none of its type: %j', (typed, key) => {
    expect(parameterProblem({ type: 'any' }, typed)).toEqual({ key });
    expect(parameterProblem(undefined, typed)).toEqual({ key });
  });
});

describe('looking at a node changes nothing', () => {
  test.each<[string, string, Method | undefined, Params]>([
    ['no parameters', 'list', LIST, {}],
    [
      'in another order than the form',
      'list',
      LIST,
      { limit: num('5'), filter: json('{"task_id":3}'), load_status: bool('false') },
    ],
    [
      'numbers and objects of an import',
      'list',
      LIST,
      { limit: num(5), filter: json({ task_id: 3 }), load_result: bool(true) },
    ],
    ['JSON on several lines', 'list', LIST, { filter: json('{\n  "task_id": 3\n}') }],
    ['parameters nobody has listed', 'create_vm_check', CHECK, { zeta: json('[1]'), alpha: num(0) }],
    ['an operation only the runtime will know', '${OPERATION}', undefined, { b: json('1'), a: bool(false) }],
  ])('%s', (_, operation, method, saved) => {
    expect(JSON.stringify(lookedAt(saved, operation, method))).toBe(JSON.stringify(saved));
  });

  test('rows that were stored empty are not stored again', () => {
    expect(lookedAt({ limit: num(''), offset: num('1') }, 'list', LIST)).toEqual({ offset: num('1') });
  });
});

test.each<[unknown, Params]>([
  [undefined, {}],
  ['text', {}],
  [[1], {}],
  [{ a: null, b: 5, c: { value: 1 }, limit: num(1) }, { limit: num(1) }],
])('what is no parameter in a flow file is left out: %j', (saved, params) => {
  expect(paramsOf(saved)).toEqual(params);
});

describe('going through the operations', () => {
  test('and back loses nothing; what belongs to another operation is not stored', () => {
    const memory = new ParameterDrafts({ limit: num('5'), odd: json('1') }, 'list', LIST);
    memory.save('list', asShown(memory, 'list', LIST));
    memory.save('get_default_task_name', {
      listed: new Map([['backup_type', { value: 'vm', type: 'str' }]]),
      added: [],
    });
    memory.save('create_vm_check', { listed: new Map(), added: [{ name: ' hosts ', typed: json('[1]') }] });
    expect(memory.stored('get_default_task_name', NAME)).toEqual({ backup_type: { value: 'vm', type: 'str' } });
    expect(memory.stored('create_vm_check', CHECK)).toEqual({ hosts: json('[1]') });
    expect(memory.get('create_vm_check').added).toHaveLength(1);
    expect(memory.stored('list', LIST)).toEqual({ limit: num('5'), odd: json('1') });
  });

  test('a parameter that two operations know keeps its value', () => {
    const method = methodOf('SYNO.ActiveBackup.Log', 'list_log');
    const memory = new ParameterDrafts({ limit: num('5') }, 'list', LIST);
    expect(memory.get('list_log').listed.get('limit')).toEqual(num('5'));
    expect(memory.stored('list_log', method)).toEqual({ limit: num('5') });
  });

  test('an added row without a name is not stored', () => {
    const memory = new ParameterDrafts({}, 'create_vm_check', CHECK);
    memory.save('create_vm_check', { listed: new Map(), added: [{ name: '', typed: json('[1]') }] });
    expect(memory.stored('create_vm_check', CHECK)).toEqual({});
  });
});

test.each<[string, unknown[], string]>([
  ['list', [], 'list'],
  ['list', [[], [], [], ''], 'list'],
  ['list', [[], [], ['failed']], 'list · failed'],
  ['list', [['pc'], undefined, ['failed', 'partial'], 'PC-*'], 'list · pc, failed, partial, PC-*'],
  ['list_with_device', ['vm', 5, null], 'list_with_device · vm'],
])('a node set to %s with %j is called %s', (operation, details, label) => {
  expect(operationLabel(operation, details)).toBe(label);
});

test('a long label is cut', () => {
  expect(operationLabel('list', ['x'.repeat(200)])).toHaveLength(40);
});

function facadeAccepts(parameter: Parameter, value: unknown): boolean {
  const row: Method = { api: 'SYNO.ActiveBackup.Task', method: 'test', level: 'read', parameters: { p: parameter } };
  try {
    parseParameters(row, { p: value });
    return true;
  } catch (error) {
    if (error instanceof DsmError) return false;
    throw error;
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function num(value: unknown): TypedValue {
  return { value, type: 'num' };
}

function bool(value: unknown): TypedValue {
  return { value, type: 'bool' };
}

function json(value: unknown): TypedValue {
  return { value, type: 'json' };
}
