import { expect, test } from 'vitest';
import taskList from '../../nodes/task-list/task-list';
import type { ReceivedRequest } from '../nas/index';
import { ACCOUNT, connectionOf, flowOf, helper, load, nasConfig, simulatedNas, type FlowNode } from '../nodes/support';
import { until } from '../support/until';

const WRONG = { username: 'admin', password: 'wrong' };
const LIST = { type: 'active-backup-task-list', operation: 'list' };

/** A second task-list on a second NAS config node. */
function second(nas: FlowNode): FlowNode[] {
  return [nas, { id: 'n2', z: 'flow', name: '', nas: nas.id, wires: [['out0']], ...LIST }];
}

test('twelve full deploys after a refusal send one login', async () => {
  const nas = await simulatedNas();
  for (let deploy = 0; deploy < 12; deploy += 1) {
    const flow = await load([taskList], flowOf(LIST, [nasConfig(nas)]), { nas: WRONG });
    flow.send({});
    await flow.ended(1);
    expect(flow.caught[0]?.error.code).toBe('EAUTH');
    await helper.unload();
  }
  expect(nas.received('login')).toHaveLength(1);
  const flow = await load([taskList], flowOf(LIST, [nasConfig(nas)]));
  flow.send({});
  await flow.ended(1);
  expect(flow.completed).toHaveLength(1);
});

test.each([{}, { access: 'read', pollInterval: 5, timeout: 7 }])(
  'two NAS nodes for one account share one session, with their own settings %j',
  async (own) => {
    const nas = await simulatedNas({ oneSessionPerAccount: true });
    const nodes = flowOf(LIST, [nasConfig(nas), ...second({ ...nasConfig(nas, own), id: 'nas2' })]);
    const flow = await load([taskList], nodes, { nas: ACCOUNT, nas2: ACCOUNT });
    for (let i = 1; i <= 5; i += 1) {
      flow.send({});
      helper.getNode('n2').receive({});
      await until(() => (flow.out[0]?.length ?? 0) >= 2 * i, { interval: 5 });
    }
    expect(nas.received('login')).toHaveLength(1);
    expect(nas.sessions).toBe(1);
    await helper.unload();
    expect(nas.received('logout')).toHaveLength(1);
    expect(nas.sessions).toBe(0);
  },
);

test('another account has a session of its own', async () => {
  const nas = await simulatedNas({
    accounts: [
      { name: 'admin', password: 'synology' },
      { name: 'other', password: 'synology' },
    ],
  });
  const nodes = flowOf(LIST, [nasConfig(nas), ...second({ ...nasConfig(nas), id: 'nas2' })]);
  const flow = await load([taskList], nodes, { nas: ACCOUNT, nas2: { ...ACCOUNT, username: 'other' } });
  flow.send({});
  helper.getNode('n2').receive({});
  await until(() => flow.out[0]?.length === 2, { interval: 5 });
  const accounts = nas.received('login').map(({ parameters }: ReceivedRequest) => parameters['account']);
  expect(accounts.sort()).toEqual(['admin', 'other']);
});

test('a response that cannot be processed ends the message with an error', async () => {
  const nas = await simulatedNas();
  const flow = await load([taskList], flowOf(LIST, [nasConfig(nas)]));
  let nested: unknown[] = [];
  for (let depth = 0; depth < 150; depth += 1) nested = [nested];
  Object.assign(nas.state.task(1), { name: nested });
  flow.send({});
  await flow.ended(1);
  expect(flow.caught[0]?.error.code).toBe('ERESPONSE');
  expect(flow.statuses.at(-1)?.fill).toBe('red');
});

test.each([
  [1, 10_000],
  [4, 24_000],
  [60, 60_000],
])(
  'polling every %i s during a run, a start counts as lost after %i ms',
  async (activePollInterval, startTimeoutMs) => {
    const nas = await simulatedNas();
    await load([taskList], flowOf(LIST, [nasConfig(nas, { activePollInterval })]));
    expect(connectionOf().startTimeoutMs).toBe(startTimeoutMs);
  },
);
