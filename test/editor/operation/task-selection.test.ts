import type { Node, NodeAPI } from 'node-red';
import { describe, expect, test } from 'vitest';
import { methodOf, methodsOf } from '../../../src/active-backup/methods';
import { DsmError } from '../../../src/dsm/errors';
import {
  actsOnTasks,
  hasTaskIds,
  selectionLabel,
  selectionProblem,
  shownSelection,
  withoutTaskIds,
  type TaskSelectionFields,
} from '../../../src/editor/operation/task-selection';
import { parseStartWhen, parseWaitTimeout, WAIT_TIMEOUT } from '../../../src/settings/limits';
import { actsOnRuns } from '../../../src/settings/operations';
import { problemOf } from '../../../src/settings/rules';
import { FollowedRequestStore } from '../../../src/monitor/followed-request-store';
import { Receivers } from '../../../src/node-red/receivers';
import { RunStatusTracker } from '../../../src/node-red/status';
import { InMemoryStore } from '../../../src/storage/json-file';
import { handleTaskBackup, type TaskBackupDef } from '../../../src/node-red/task-backup';
import { selectionOf, type TaskSelectionDef } from '../../../src/node-red/task-selection';

const TASK = 'SYNO.ActiveBackup.Task';
/** The code under test uses nothing of Node-RED. */
const [RED, NODE] = [null, null] as unknown as [NodeAPI, Node];
const DEF: TaskBackupDef = { id: 'n', type: 'active-backup-task-backup', z: '', name: '' };

async function runtimeAccepts(def: TaskSelectionDef): Promise<boolean> {
  try {
    await selectionOf(RED, NODE, def, {}, { _msgid: '1' });
    return true;
  } catch (error) {
    if (error instanceof DsmError) return false;
    throw error;
  }
}

/** The error of a node without a NAS; a wrong property is reported before the missing NAS. */
async function runtimeError(def: Partial<TaskBackupDef>): Promise<string> {
  const turn = { send: () => undefined, signal: new AbortController().signal };
  const nothing = (): undefined => undefined;
  const requests = new FollowedRequestStore({ store: new InMemoryStore(), discard: nothing, warn: nothing });
  const runStatus = new RunStatusTracker(NODE);
  const receivers = new Receivers(RED, NODE);
  const self = { RED, node: NODE, def: { ...DEF, tasksType: 'all', ...def }, runStatus, requests, receivers };
  return handleTaskBackup(self, { _msgid: '1' }, turn).then(
    () => 'nothing',
    (error: unknown) => (error instanceof DsmError ? error.message : String(error)),
  );
}

describe('the dialog accepts the same values as the runtime', () => {
  const values = [
    '1',
    ' 1 , 2,3 ',
    3,
    [1, 2],
    ['1', 2],
    '0',
    '01',
    '-1',
    '1.5',
    'one',
    '1,',
    ',',
    '[1]',
    'PC-*',
    'all',
  ];

  test.each(values)('as ids: %j', async (tasks) => {
    const isValid = selectionProblem(shownSelection({ tasks, tasksType: 'ids' })) === null;
    expect(isValid).toBe(await runtimeAccepts({ tasks, tasksType: 'ids' }));
  });

  test.each([...values, '  ', ['Finance PCs', 7], 'a, b'])('as names: %j', async (tasks) => {
    const isValid = selectionProblem(shownSelection({ tasks, tasksType: 'names' })) === null;
    expect(isValid).toBe(await runtimeAccepts({ tasks, tasksType: 'names' }));
  });

  test.each(['now', 'online', '', ' online ', undefined, 'later', 'Online', 1, true, {}])(
    'as time of the start: %j',
    async (startWhen) => {
      const isValid = problemOf(parseStartWhen, startWhen) === null;
      expect(!(await runtimeError({ startWhen })).includes('startWhen')).toBe(isValid);
    },
  );

  test.each([1, 0.5, '720', ' 30000 ', 30_000, 30_001, 0, '0', '0.0', -1, 'soon', '1e3', '', undefined])(
    'as time to wait: %j minutes',
    async (waitTimeout) => {
      const isValid = problemOf(parseWaitTimeout, waitTimeout) === null;
      expect(!(await runtimeError({ wait: true, waitTimeout })).includes('waitTimeout')).toBe(isValid);
    },
  );

  test('a value that only a message or the environment brings is valid', () => {
    for (const type of ['msg', 'flow', 'global', 'env', 'jsonata'])
      expect(selectionProblem({ value: 'one, two', type })).toBeNull();
    expect(selectionProblem({ value: '${TASKS}', type: 'ids' })).toBeNull();
    expect(selectionProblem({ value: '', type: 'ids' })).toBeNull();
    expect(problemOf(parseWaitTimeout, '${MINUTES}')).toBeNull();
  });
});

test.each<[TaskSelectionFields, string, string]>([
  [{}, '', 'ids'],
  [{ tasks: 3, tasksType: 'ids' }, '3', 'ids'],
  [{ tasks: [1, 2], tasksType: '' }, '1, 2', 'ids'],
  [{ tasks: ['Finance PCs', 'PC-*'], tasksType: 'names' }, 'Finance PCs, PC-*', 'names'],
  [{ tasks: 'payload', tasksType: 'msg' }, 'payload', 'msg'],
])('the field shows %j as %j', (fields, value, type) => {
  expect(shownSelection(fields)).toEqual({ value, type });
});

test.each<[string, TaskSelectionFields]>([
  ['start: Finance PCs', { tasks: 'Finance PCs', tasksType: 'names' }],
  ['start: 3, 4', { tasks: [3, 4], tasksType: 'ids' }],
  ['start: every', { tasks: '', tasksType: 'all' }],
  ['start: msg.tasks', { tasks: '', tasksType: 'ids' }],
  ['start: msg.tasks', {}],
  ['start: msg.payload.ids', { tasks: 'payload.ids', tasksType: 'msg' }],
  ['start: flow.tasks', { tasks: '#:(file)::tasks', tasksType: 'flow' }],
  ['start: $TASKS', { tasks: 'TASKS', tasksType: 'env' }],
  ['start: payload[0]', { tasks: 'payload[0]', tasksType: 'jsonata' }],
  ['start: 1,2', { tasks: 'PC-*', tasksType: 'names', params: { task_ids: { value: '[1,2]', type: 'json' } } }],
  ['start: msg.id', { tasksType: 'all', params: { task_ids: { value: 'id', type: 'msg' } } }],
  ['start: PC-*', { tasks: 'PC-*', tasksType: 'names', params: { task_ids: { value: '', type: 'json' } } }],
])('the label of a node without a name is %j', (label, fields) => {
  expect(selectionLabel('start', fields, 'every')).toBe(label);
});

describe('the parameter task_ids', () => {
  const methods = methodsOf(TASK);

  test('has no row, except an optional one for a flow that has the parameter', () => {
    for (const method of withoutTaskIds(methods, false)) expect(method.parameters).not.toHaveProperty('task_ids');
    for (const [index, { parameters }] of withoutTaskIds(methods, true).entries()) {
      const { task_ids: ids } = parameters;
      expect(ids !== undefined).toBe(actsOnTasks(methods[index]));
      expect(ids?.required).toBeUndefined();
      expect(Object.keys(parameters)).toEqual(Object.keys(methods[index]?.parameters ?? {}));
    }
  });

  test.each([
    [undefined, false],
    [{}, false],
    [{ task_ids: { value: ' ', type: 'str' } }, false],
    [{ task_ids: { value: [1], type: 'json' } }, true],
    [{ task_ids: { value: 'payload', type: 'msg' } }, true],
  ])('counts when it is filled: %j', (params, isFilled) => {
    expect(hasTaskIds({ params })).toBe(isFilled);
  });

  test('decides whether an operation acts on tasks', () => {
    const acting = methods.filter(actsOnTasks).map(({ method }) => method);
    expect(acting).toEqual(['backup', 'cancel', 'set', 'remove']);
    expect(actsOnTasks(methodOf(TASK, 'unheard_of'))).toBe(false);
  });
});

test('the default time to wait is valid, and offered for the operations that act on runs', () => {
  expect(problemOf(parseWaitTimeout, WAIT_TIMEOUT.default)).toBeNull();
  expect(['backup', 'cancel'].every(actsOnRuns)).toBe(true);
  expect(['set', 'remove', 'create_vm', ''].some(actsOnRuns)).toBe(false);
});
