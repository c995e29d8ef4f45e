import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import aemInfoNode from '../../nodes/aem-info/aem-info';
import apiRequestNode from '../../nodes/api-request/api-request';
import reportNode from '../../nodes/report/report';
import shareStorageNode from '../../nodes/share-storage/share-storage';
import taskBackupNode from '../../nodes/task-backup/task-backup';
import taskListNode from '../../nodes/task-list/task-list';
import { METHODS, type Method } from '../../src/active-backup/methods';
import { anything, LIMIT_MS, OPTIONS } from '../fuzz/support';
import { until } from '../support/until';
import { flowOf, load, nasConfig, sendTo, simulatedNas, type FlowNode } from './support';

const NODES = [apiRequestNode, taskListNode, taskBackupNode, shareStorageNode, aemInfoNode, reportNode];
const ROWS: readonly Method[] = Object.values(METHODS);

/** Typed inputs whose value comes from the message. */
const fromMessage = (type: string) => ({ value: 'x', type });
const TASK_IDS = { msg: fromMessage('msg'), jsonata: { value: 'x', type: 'jsonata' } };

/** Nodes that take everything from the message, some by typed inputs. */
const UNDER_TEST: readonly (Partial<FlowNode> & { id: string; type: string })[] = [
  { id: 'n', type: 'active-backup-api-request' },
  { id: 'list', type: 'active-backup-task-list' },
  { id: 'backup', type: 'active-backup-task-backup', wait: false },
  { id: 'share', type: 'active-backup-share-storage', operation: 'list' },
  { id: 'aem', type: 'active-backup-aem-info', operation: 'join', params: { key: TASK_IDS.jsonata } },
  { id: 'report', type: 'active-backup-report', nas: [] },
  {
    ...{ id: 'msg', type: 'active-backup-api-request', api: 'SYNO.ActiveBackup.Task', operation: 'list' },
    params: { filter: TASK_IDS.msg, offset: TASK_IDS.msg, load_status: TASK_IDS.msg },
  },
  {
    ...{ id: 'jsonata', type: 'active-backup-api-request', api: 'SYNO.ActiveBackup.Task', operation: 'cancel' },
    params: { task_ids: TASK_IDS.jsonata },
  },
];

const parameterNames = [...new Set(ROWS.flatMap(({ parameters }) => Object.keys(parameters)))];
const parameters = fc
  .array(fc.tuple(fc.constantFrom(...parameterNames, '__proto__', '_sid'), anything), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries) as unknown);
const call = fc.constantFrom(...ROWS).map(({ api, method }) => ({ api, operation: method }));
const overrides = fc.record(
  {
    ...{ x: anything, payload: anything, topic: anything, tasks: anything, filter: anything, options: anything },
    ...{ params: fc.oneof(parameters, anything), api: anything, operation: anything, wait: anything },
  },
  { requiredKeys: [] },
);
const message = fc.tuple(overrides, fc.option(call)).map(([msg, method]) => ({ ...msg, ...method }));

test(
  'whatever a message contains, a node is done with it once: completed, or an error with a code for the Catch node',
  async () => {
    const nas = await simulatedNas({ schedules: false });
    const nodes = flowOf(UNDER_TEST[0] ?? { type: '' }, [nasConfig(nas, { access: 'delete', pollInterval: 3600 })]);
    const rest = UNDER_TEST.slice(1).map((node) => ({
      ...{ z: 'flow', name: '', x: 0, y: 0, nas: 'nas', wires: [['out0']] },
      ...node,
    }));
    const scope = UNDER_TEST.map(({ id }) => id);
    const whole = nodes.map((node) => (['catch', 'complete'].includes(node.id) ? { ...node, scope } : node));
    const flow = await load(NODES, [...whole, ...rest]);
    let uncaught = 0;
    const count = (): void => void (uncaught += 1);
    process.on('uncaughtExceptionMonitor', count);
    onTestFinished(() => void process.off('uncaughtExceptionMonitor', count));
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...scope), message, async (id, msg) => {
        sendTo(id, { ...msg, res: undefined });
        sent += 1;
        await until(() => flow.caught.length + flow.completed.length >= sent, { interval: 1 });
        // A second call of `done` would come within the same turn.
        await new Promise(setImmediate);
        expect(flow.caught.length + flow.completed.length).toBe(sent);
        for (const { error } of flow.caught.splice(0)) {
          sent -= 1;
          expect(error.code).toMatch(/^E[A-Z]+$/);
          expect(error.message).not.toBe('');
        }
        sent -= flow.completed.splice(0).length;
      }),
      OPTIONS,
    );
    expect(uncaught).toBe(0);
  },
  LIMIT_MS,
);
