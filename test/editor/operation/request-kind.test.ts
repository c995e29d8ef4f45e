import { describe, expect, test } from 'vitest';
import { ActiveBackup } from '../../../src/active-backup/active-backup';
import { COMPOSITE_METHODS, METHODS, type Method } from '../../../src/active-backup/methods';
import { DsmError } from '../../../src/dsm/errors';
import {
  KNOWN_APIS,
  parseApi,
  parseMethodName,
  requestLabel,
  requestKind,
  suggestedNames,
} from '../../../src/editor/operation/request-kind';
import { problemOf } from '../../../src/settings/rules';

const TASK = 'SYNO.ActiveBackup.Task';
const LOG = 'SYNO.ActiveBackup.Log';

/** Whether the runtime accepts a request of the highest access level; it trims the text. */
function runtimeAccepts(api: string, method: string): boolean {
  const nas = {
    call: () => Promise.reject(new Error('nothing is sent here')),
    label: 'nas.lan',
    msSinceLastResponse: 0,
  };
  try {
    new ActiveBackup(nas, 'delete').authorize({ api: api.trim(), method: method.trim() });
    return true;
  } catch (error) {
    if (error instanceof DsmError) return false;
    throw error;
  }
}

describe('the dialog accepts the same values as the runtime', () => {
  test.each([
    LOG,
    ` ${LOG} `,
    'SYNO.ActiveBackup.Some.Thing2',
    'SYNO.ActiveBackup',
    'SYNO.ActiveBackup.',
    'SYNO.ActiveBackup..Log',
    'syno.activebackup.log',
    'SYNO.FileStation.List',
    'SYNO.ActiveBackup.Log&method=x',
    'XSYNO.ActiveBackup.Log',
    'Log',
  ])('as API: %j', (api) => {
    expect(problemOf(parseApi, api) === null).toBe(runtimeAccepts(api, 'list'));
  });

  test.each(['list', ' list ', 'List_2', 'list it', 'list-it', 'list;', 'läuft', '<b>'])('as method: %j', (method) => {
    expect(problemOf(parseMethodName, method) === null).toBe(runtimeAccepts(LOG, method));
  });

  test.each([undefined, null, '', '  ', '${NAME}', '$(NAME)'])(
    'a value that a message or environment variable brings: %j',
    (value) => {
      expect(problemOf(parseApi, value)).toBeNull();
      expect(problemOf(parseMethodName, value)).toBeNull();
    },
  );
});

test('every API of the method table is suggested', () => {
  const apis = Object.values<Method>({ ...COMPOSITE_METHODS, ...METHODS }).map(({ api }) => api);
  expect([...KNOWN_APIS].sort()).toEqual([...new Set(apis)].sort());
});

describe('a request is', () => {
  test.each(Object.values<Method>({ ...COMPOSITE_METHODS, ...METHODS }))('known: $api $method', (row) => {
    expect(requestKind(row.api, ` ${row.method} `)).toEqual({ kind: 'known', method: row });
  });

  test.each([
    [LOG, 'clear'],
    [TASK, 'List'],
    ['SYNO.ActiveBackup.Nothing', 'list'],
  ])('unknown, and of the highest access level: %s %s', (api, method) => {
    expect(requestKind(api, method)).toMatchObject({
      kind: 'unknown',
      method: { level: 'delete', allowsExtraParameters: true },
    });
  });

  test.each([
    ['', ''],
    [undefined, undefined],
    [LOG, ''],
    ['', 'clear'],
    ['${API}', 'clear'],
    [LOG, '$(METHOD)'],
    [5, ['list']],
  ])('open, with rows to be added: %j %j', (api, method) => {
    expect(requestKind(api, method)).toMatchObject({
      kind: 'open',
      method: { allowsExtraParameters: true, parameters: {} },
    });
  });

  test.each([
    ['SYNO.FileStation.List', 'list'],
    ['SYNO.FileStation.List', ''],
    [LOG, 'list it'],
  ])('invalid, not unknown: %s %s', (api, method) => {
    expect(requestKind(api, method).kind).toBe('invalid');
  });
});

test.each([
  [LOG, 'list_result', 'Log.list_result'],
  [' SYNO.ActiveBackup.Log', 'list_result ', 'Log.list_result'],
  [LOG, '', 'Log'],
  ['', 'list', 'list'],
  ['${API}', 'list', '${API}.list'],
  [undefined, null, ''],
])('the label of a request to %j %j is %j', (api, method, label) => {
  expect(requestLabel(api, method)).toBe(label);
});

describe('suggestions', () => {
  const NAMES = ['list', 'list_result', 'get_info'];

  test.each([
    ['', NAMES],
    ['RESULT', ['list_result']],
    ['li', ['list', 'list_result']],
    ['wipe', []],
    // With a complete name, the arrow still lists the others, and Tab keeps the text of the field.
    ['get_info', ['get_info', 'list', 'list_result']],
    [' list ', NAMES],
  ])('for %j are %j', (typed, names) => {
    expect(suggestedNames(NAMES, typed)).toEqual(names);
  });
});
