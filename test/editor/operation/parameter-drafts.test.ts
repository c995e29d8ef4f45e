import { describe, expect, test } from 'vitest';
import { METHODS, methodOf, type Method } from '../../../src/active-backup/methods';
import { ParameterDrafts, type FormValues } from '../../../src/editor/operation/parameter-drafts';
import { fieldText, type Params } from '../../../src/editor/operation/typed-value';
import type { TypedValue } from '../../../src/settings/operations';

const LIST: Method = METHODS['Task.list'];
const NAME: Method = METHODS['Task.get_default_task_name'];
const CHECK: Method = METHODS['Task.create_vm_check'];

/** The form without a change by the user: each row shows its value. */
function asShown(drafts: ParameterDrafts, operation: string, method: Method | undefined): FormValues {
  const { listed, added } = drafts.get(operation);
  const empty = { value: '', type: 'str' };
  const shown = (typed: TypedValue): TypedValue => ({ value: fieldText(typed), type: typed.type });
  const rows = Object.keys(method?.parameters ?? {}).map((name) => [name, shown(listed.get(name) ?? empty)] as const);
  return { listed: new Map(rows), added: added.map(({ name, typed }) => ({ name, typed: shown(typed) })) };
}

/** The stored parameters after the dialog was opened and closed without a change. */
function reopened(saved: Params, operation: string, method: Method | undefined): Params {
  const drafts = new ParameterDrafts(saved, operation, method);
  drafts.save(operation, asShown(drafts, operation, method));
  return drafts.stored(operation, method);
}

describe('a dialog that is closed without a change keeps the parameters', () => {
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
    ['unlisted parameters', 'create_vm_check', CHECK, { zeta: json('[1]'), alpha: num(0) }],
    ['an operation that only the runtime knows', '${OPERATION}', undefined, { b: json('1'), a: bool(false) }],
  ])('%s', (_, operation, method, saved) => {
    expect(JSON.stringify(reopened(saved, operation, method))).toBe(JSON.stringify(saved));
  });

  test('rows that were stored empty are not stored again', () => {
    expect(reopened({ limit: num(''), offset: num('1') }, 'list', LIST)).toEqual({ offset: num('1') });
  });
});

describe('switching between operations', () => {
  test('and back loses nothing; the parameters of other operations are not stored', () => {
    const drafts = new ParameterDrafts({ limit: num('5'), odd: json('1') }, 'list', LIST);
    drafts.save('list', asShown(drafts, 'list', LIST));
    drafts.save('get_default_task_name', {
      listed: new Map([['backup_type', { value: 'vm', type: 'str' }]]),
      added: [],
    });
    drafts.save('create_vm_check', { listed: new Map(), added: [{ name: ' hosts ', typed: json('[1]') }] });
    expect(drafts.stored('get_default_task_name', NAME)).toEqual({ backup_type: { value: 'vm', type: 'str' } });
    expect(drafts.stored('create_vm_check', CHECK)).toEqual({ hosts: json('[1]') });
    expect(drafts.get('create_vm_check').added).toHaveLength(1);
    expect(drafts.stored('list', LIST)).toEqual({ limit: num('5'), odd: json('1') });
  });

  test('a parameter that two operations have keeps its value', () => {
    const method = methodOf('SYNO.ActiveBackup.Log', 'list_log');
    const drafts = new ParameterDrafts({ limit: num('5') }, 'list', LIST);
    expect(drafts.get('list_log').listed.get('limit')).toEqual(num('5'));
    expect(drafts.stored('list_log', method)).toEqual({ limit: num('5') });
  });

  test('an added row without a name is not stored', () => {
    const drafts = new ParameterDrafts({}, 'create_vm_check', CHECK);
    drafts.save('create_vm_check', { listed: new Map(), added: [{ name: '', typed: json('[1]') }] });
    expect(drafts.stored('create_vm_check', CHECK)).toEqual({});
  });
});

function num(value: unknown): TypedValue {
  return { value, type: 'num' };
}

function bool(value: unknown): TypedValue {
  return { value, type: 'bool' };
}

function json(value: unknown): TypedValue {
  return { value, type: 'json' };
}
