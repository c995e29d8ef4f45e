import type { Node, NodeAPI } from 'node-red';
import { describe, expect, test } from 'vitest';
import { methodOf, methodsOf } from '../../src/active-backup/methods';
import { DsmError } from '../../src/dsm/errors';
import { positiveUpTo } from '../../src/editor/nas/problems';
import {
  choiceLabel,
  choiceProblem,
  choosesTasks,
  hasTaskIds,
  shownChoice,
  withoutTaskIds,
  type TaskChoice,
} from '../../src/editor/picker/task-selection';
import { canWait, WAIT } from '../../src/editor/operation/wait';
import { RunStatusTracker } from '../../src/node-red/run-status';
import { handleTaskBackup, type TaskBackupDef } from '../../src/node-red/task-backup';
import { selectionOf, type TaskSelectionDef } from '../../src/node-red/task-selection';

const TASK = 'SYNO.ActiveBackup.Task';
/** Whatever the runtime looks at here, it is nothing of Node-RED. */
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

/** What the runtime says of a node before it turns to its NAS, which it has not. */
async function runtimeSays(def: Partial<TaskBackupDef>): Promise<string> {
  const turn = { send: () => undefined, signal: new AbortController().signal };
  const self = { RED, node: NODE, def: { ...DEF, tasksType: 'all', ...def }, runStatus: new RunStatusTracker(NODE) };
  return handleTaskBackup(self, { _msgid: '1' }, turn).then(
    () => 'nothing',
    (error: unknown) => (error instanceof DsmError ? error.message : String(error)),
  );
}

describe('the dialog accepts what the runtime accepts, no more and no less', () => {
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
    const isFine = choiceProblem(shownChoice({ tasks, tasksType: 'ids' })) === null;
    expect(isFine).toBe(await runtimeAccepts({ tasks, tasksType: 'ids' }));
  });

  test.each([...values, '  ', ['Finance PCs', 7], 'a, b'])('as names: %j', async (tasks) => {
    const isFine = choiceProblem(shownChoice({ tasks, tasksType: 'names' })) === null;
    expect(isFine).toBe(await runtimeAccepts({ tasks, tasksType: 'names' }));
  });

  test.each([1, 0.5, '720', ' 30000 ', 30_000, 30_001, 0, '0', '0.0', -1, 'soon', '1e3', '', undefined])(
    'as time to wait: %j minutes',
    async (waitTimeout) => {
      const isFine = positiveUpTo(WAIT.waitTimeout.max)(waitTimeout) === null;
      expect(!(await runtimeSays({ wait: true, waitTimeout })).includes('waitTimeout')).toBe(isFine);
    },
  );

  test('what only a message or the environment brings is not judged before', () => {
    for (const type of ['msg', 'flow', 'global', 'env', 'jsonata'])
      expect(choiceProblem({ value: 'one, two', type })).toBeNull();
    expect(choiceProblem({ value: '${TASKS}', type: 'ids' })).toBeNull();
    expect(choiceProblem({ value: '', type: 'ids' })).toBeNull();
    expect(positiveUpTo(5)('${MINUTES}')).toBeNull();
  });
});

test.each<[TaskChoice, string, string]>([
  [{}, '', 'ids'],
  [{ tasks: 3, tasksType: 'ids' }, '3', 'ids'],
  [{ tasks: [1, 2], tasksType: '' }, '1, 2', 'ids'],
  [{ tasks: ['Finance PCs', 'PC-*'], tasksType: 'names' }, 'Finance PCs, PC-*', 'names'],
  [{ tasks: 'payload', tasksType: 'msg' }, 'payload', 'msg'],
])('the field shows %j as %j', (choice, value, type) => {
  expect(shownChoice(choice)).toEqual({ value, type });
});

test.each<[string, TaskChoice]>([
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
])('a node is called %j', (label, choice) => {
  expect(choiceLabel('start', choice, 'every')).toBe(label);
});

describe('the parameter task_ids', () => {
  const methods = methodsOf(TASK);

  test('has no row where the tasks are chosen otherwise, and one that may be empty where a flow brought it', () => {
    for (const method of withoutTaskIds(methods, false)) expect(method.parameters).not.toHaveProperty('task_ids');
    for (const [index, { parameters }] of withoutTaskIds(methods, true).entries()) {
      const { task_ids: ids } = parameters;
      expect(ids !== undefined).toBe(choosesTasks(methods[index]));
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

  test('is what makes an operation choose tasks', () => {
    const choosing = methods.filter(choosesTasks).map(({ method }) => method);
    expect(choosing).toEqual(['backup', 'cancel', 'set', 'remove']);
    expect(choosesTasks(methodOf(TASK, 'unheard_of'))).toBe(false);
  });
});

test('the dialog starts with the time to wait of the runtime, and offers it where the runtime waits', () => {
  expect(positiveUpTo(WAIT.waitTimeout.max)(WAIT.waitTimeout.default)).toBeNull();
  expect(['backup', 'cancel'].every(canWait)).toBe(true);
  expect(['set', 'remove', 'create_vm', ''].some(canWait)).toBe(false);
});
