import { describe, expect, test } from 'vitest';
import eventsNode from '../../nodes/events/events';
import taskListNode from '../../nodes/task-list/task-list';
import type { Task } from '../../src/active-backup/types';
import type { NasEvent } from '../../src/monitor/events';
import type { Nas, NasOptions } from '../nas/index';
import { beside, flowOf, inputsOf, load, nasConfig, pollOnce, simulatedNas, type Flow, type FlowNode } from './support';
import { until } from '../support/until';

/** The NAS is polled by the test, not by a timer. */
const BY_HAND = { pollInterval: 86_400, activePollInterval: 3600 };

async function open(
  properties: Record<string, unknown> = {},
  options: NasOptions = {},
  nodes: readonly FlowNode[] = [],
): Promise<Flow & { nas: Nas }> {
  const nas = await simulatedNas({ schedules: false, speed: 0, ...options });
  const flow = flowOf({ type: 'active-backup-task-list', ...properties }, [nasConfig(nas, BY_HAND)]);
  return { ...(await load([taskListNode, eventsNode], [...flow, ...nodes])), nas };
}

async function listed(flow: Flow): Promise<Task[]> {
  const before = flow.completed.length;
  flow.send({});
  await flow.ended(before + 1);
  return flow.out[0]?.at(-1)?.payload as Task[];
}

describe('a task list of a NAS without an events or bridge node', () => {
  test.each(['list', 'list_with_device'])(
    '(%s) contains the reason of each failure and the last success',
    async (operation) => {
      const flow = await open({ operation });
      const tasks = await listed(flow);
      const failed = tasks.filter(({ lastResult }) => lastResult?.status === 'failed');
      expect(failed.length).toBeGreaterThan(0);
      for (const task of failed) {
        expect(task.lastResult?.reason).toBeTypeOf('string');
        expect(task.lastSuccessAt).toBeTypeOf('string');
      }
    },
  );

  test('counts the failures in a row of a task, however long ago they began', async () => {
    const began = Date.now() - 4 * 86_400_000;
    const flow = await open({}, { tasks: 1, now: () => began });
    const { state, clock } = flow.nas;
    const id = state.tasks[0]?.id ?? 0;
    state.setOnline(id, true);
    for (let day = 0; day < 4; day += 1) {
      clock.advance(86_400 - 5);
      state.startRun(id);
      clock.advance(5);
      state.endRun(id, 'failed');
    }
    expect((await listed(flow))[0]).toMatchObject({ lastResult: { status: 'failed' }, failuresInRow: 4 });
  });

  test('requests each reason and last success once', async () => {
    const flow = await open();
    await listed(flow);
    const before = flow.nas.requests.length;
    const again = await listed(flow);
    expect(flow.nas.requests.slice(before).map(({ method }) => method)).toEqual(['list']);
    expect(again.find(({ lastResult }) => lastResult?.status === 'failed')?.lastResult?.reason).toBeTypeOf('string');
  });

  test('requests at most twenty reasons', async () => {
    const flow = await open({}, { tasks: 30 });
    for (const { id } of flow.nas.state.tasks) {
      flow.nas.state.setOnline(id, true);
      flow.nas.state.startRun(id);
      flow.nas.state.endRun(id, 'failed');
    }
    await listed(flow);
    expect(flow.nas.received('list_result_detail').length).toBeLessThanOrEqual(20);
    expect(flow.nas.received('list_result_detail').length).toBeGreaterThan(5);
  });

  test('succeeds when log and details are refused', async () => {
    const flow = await open();
    for (const method of ['list_result', 'list_result_detail']) {
      flow.nas.fail({ on: { method }, do: 'refuse', code: 1001 });
    }
    expect(await listed(flow)).toHaveLength(5);
  });
});

test('a list and an event of the same time contain the same task', async () => {
  const flow = await open({}, {}, [
    beside('events', 'active-backup-events', { wires: [['received']] }),
    beside('received', 'helper'),
  ]);
  const events = inputsOf('received');
  await until(() => flow.nas.received('list_volume').length > 0);
  await listed(flow);
  flow.nas.state.startRun(4);
  flow.nas.state.endRun(4, 'failed');
  await pollOnce();
  await until(() => events.some(({ topic }) => topic === 'backup_failed'));
  const fromEvent = (events.find(({ topic }) => topic === 'backup_failed')?.payload as NasEvent).task;
  const tasks = await listed(flow);
  expect(tasks.find(({ id }) => id === 4)).toEqual(fromEvent);
  expect(fromEvent?.lastResult?.reason).toBeTypeOf('string');
});

test('the first event of a task contains last success and reason as a list does, before any list was requested', async () => {
  const nas = await simulatedNas({ schedules: false, speed: 0 });
  const flow = flowOf({ type: 'active-backup-task-list' }, [nasConfig(nas, BY_HAND)]);
  const nodes = [
    beside('events', 'active-backup-events', { events: ['backup_failed'], wires: [['received']] }),
    beside('received', 'helper'),
  ];
  const loaded = { ...(await load([taskListNode, eventsNode], [...flow, ...nodes])), nas };
  const events = inputsOf('received');
  await until(() => nas.received('list_volume').length > 0);
  for (const { id } of nas.state.tasks) {
    nas.state.setOnline(id, true);
    nas.state.startRun(id);
    nas.state.endRun(id, 'failed');
  }
  await pollOnce();
  await until(() => events.length > 2);
  const tasks = await listed(loaded);
  const fromEvents = events.map(({ payload }) => (payload as NasEvent).task);
  for (const task of fromEvents) expect(tasks.find(({ id }) => id === task?.id)).toEqual(task);
  expect(fromEvents.map((task) => task?.lastSuccessAt)).not.toContain(null);
});
