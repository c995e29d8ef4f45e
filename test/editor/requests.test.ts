import { describe, expect, test } from 'vitest';
import { ActiveBackup } from '../../src/active-backup/active-backup';
import { COMPOSITE_METHODS, METHODS, type Method } from '../../src/active-backup/methods';
import { DsmError } from '../../src/dsm/errors';
import {
  apiProblem,
  KNOWN_APIS,
  methodProblem,
  requestLabel,
  requestKind,
  suggestedNames,
} from '../../src/editor/operation/request-kind';

const TASK = 'SYNO.ActiveBackup.Task';
const LOG = 'SYNO.ActiveBackup.Log';

/** Whether the runtime would let a request through that may do everything; it trims what a person typed. */
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

describe('the dialog accepts what the runtime accepts, no more and no less', () => {
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
    expect(apiProblem(api) === null).toBe(runtimeAccepts(api, 'list'));
  });

  test.each(['list', ' list ', 'List_2', 'list it', 'list-it', 'list;', 'läuft', '<b>'])('as method: %j', (method) => {
    expect(methodProblem(method) === null).toBe(runtimeAccepts(LOG, method));
  });

  test.each([undefined, null, '', '  ', '${NAME}', '$(NAME)'])(
    'what the message or environment brings: %j',
    (value) => {
      expect(apiProblem(value)).toBeNull();
      expect(methodProblem(value)).toBeNull();
    },
  );
});

test('every API of the catalogue is suggested', () => {
  const apis = Object.values<Method>({ ...COMPOSITE_METHODS, ...METHODS }).map(({ api }) => api);
  expect([...KNOWN_APIS].sort()).toEqual([...new Set(apis)].sort());
});

describe('a request is', () => {
  test.each(Object.values<Method>({ ...COMPOSITE_METHODS, ...METHODS }))('known: $api $method', (row) => {
    expect(requestKind(row.api, ` ${row.method} `)).toEqual({ is: 'known', method: row });
  });

  test.each([
    [LOG, 'clear'],
    [TASK, 'List'],
    ['SYNO.ActiveBackup.Nothing', 'list'],
  ])('unknown, and as dangerous as can be: %s %s', (api, method) => {
    expect(requestKind(api, method)).toMatchObject({
      is: 'unknown',
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
      is: 'open',
      method: { allowsExtraParameters: true, parameters: {} },
    });
  });

  test.each([
    ['SYNO.FileStation.List', 'list'],
    ['SYNO.FileStation.List', ''],
    [LOG, 'list it'],
  ])('invalid, not unknown: %s %s', (api, method) => {
    expect(requestKind(api, method).is).toBe('invalid');
  });
});

test.each([
  [LOG, 'list_result', 'Log.list_result'],
  [' SYNO.ActiveBackup.Log', 'list_result ', 'Log.list_result'],
  [LOG, '', 'Log'],
  ['', 'list', 'list'],
  ['${API}', 'list', '${API}.list'],
  [undefined, null, ''],
])('a request to %j %j is called %j', (api, method, label) => {
  expect(requestLabel(api, method)).toBe(label);
});

describe('suggestions', () => {
  const NAMES = ['list', 'list_result', 'get_info'];

  test.each([
    ['', NAMES],
    ['RESULT', ['list_result']],
    ['li', ['list', 'list_result']],
    ['wipe', []],
    // Once a name is there, the arrow still shows the others, and Tab keeps what stands in the field.
    ['get_info', ['get_info', 'list', 'list_result']],
    [' list ', NAMES],
  ])('for %j are %j', (typed, names) => {
    expect(suggestedNames(NAMES, typed)).toEqual(names);
  });
});
