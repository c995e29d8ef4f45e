import { describe, expect, test } from 'vitest';
import type { Method, Parameter } from '../../../src/active-backup/methods';
import { parseParameters } from '../../../src/active-backup/parameters';
import { DsmError } from '../../../src/dsm/errors';
import { parameterProblem, paramsOf, type Params } from '../../../src/editor/operation/typed-value';
import type { TypedValue } from '../../../src/settings/operations';

describe('a row accepts the same values as the facade', () => {
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

  test('values that only a message brings are valid', () => {
    for (const type of ['msg', 'flow', 'global', 'env', 'jsonata']) {
      expect(parameterProblem({ type: 'integers', required: true }, { value: 'payload', type })).toBeNull();
    }
    expect(parameterProblem({ type: 'integer' }, { value: '${LIMIT}', type: 'num' })).toBeNull();
  });

  test.each([undefined, { value: '', type: 'str' }, { value: '  ', type: 'json' }, { value: '', type: 'msg' }])(
    'an empty row is missing where it is required: %j',
    (typed) => {
      expect(parameterProblem({ type: 'integers', required: true }, typed)).toEqual(problem('problem.required'));
      expect(parameterProblem({ type: 'integers' }, typed)).toBeNull();
    },
  );

  test.each([
    [{ value: '{', type: 'json' }, 'problem.json'],
    [{ value: 'many', type: 'num' }, 'problem.expected.any'],
  ])('a value that is not of its type: %j', (typed, key) => {
    expect(parameterProblem({ type: 'any' }, typed)).toEqual(problem(key));
    expect(parameterProblem(undefined, typed)).toEqual(problem(key));
  });
});

test.each<[unknown, Params]>([
  [undefined, {}],
  ['text', {}],
  [[1], {}],
  [{ a: null, b: 5, c: { value: 1 }, limit: num(1) }, { limit: num(1) }],
])('an entry of a flow file that is no parameter is left out: %j', (saved, params) => {
  expect(paramsOf(saved)).toEqual(params);
});

/** A problem that only the editor reports. */
function problem(key: string): object {
  return { key, values: {}, reason: '' };
}

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
