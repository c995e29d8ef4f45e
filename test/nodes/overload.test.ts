import { expect, test } from 'vitest';
import eventsNode from '../../nodes/events/events';
import taskListNode from '../../nodes/task-list/task-list';
import {
  beside,
  connectionOf,
  flowOf,
  inputsOf,
  load,
  nasConfig,
  simulatedNas,
  type Flow,
  type FlowNode,
} from './support';
import type { Nas } from '../nas/index';
import { until } from '../support/until';

/** Long enough for all messages of a test to arrive during the first request. */
const DELAY_MS = 40;

/** A task list of a NAS that answers slowly, except to a login. */
async function slowList(
  properties: Record<string, unknown>,
  nodes: readonly FlowNode[] = [],
): Promise<Flow & { nas: Nas }> {
  const nas = await simulatedNas({ schedules: false, speed: 0 });
  const config = nasConfig(nas, { pollInterval: 86_400, activePollInterval: 3600 });
  const flow = flowOf({ type: 'active-backup-task-list', ...properties }, [config]);
  const loaded = await load([taskListNode, eventsNode], [...flow, ...nodes]);
  nas.fail({ on: { api: 'SYNO.ActiveBackup.Task' }, do: 'delay', ms: DELAY_MS });
  nas.fail({ on: { api: 'SYNO.ActiveBackup.Log' }, do: 'delay', ms: DELAY_MS });
  return { ...loaded, nas };
}

test.each(['list', 'list_with_device'])(
  '150 messages at once (%s) share a few requests, and each receives a response',
  async (operation) => {
    const { nas, out, caught, ...flow } = await slowList({ operation });
    for (let i = 0; i < 150; i += 1) flow.send({ i });
    await flow.ended(150);
    expect(caught).toEqual([]);
    expect(out[0]?.map((msg) => msg['i'])).toHaveLength(150);
    expect(new Set(out[0]?.map(({ payload }) => payload)).size).toBe(150);
    expect(new Set(out[0]?.map(({ payload }) => JSON.stringify(payload))).size).toBe(1);
    expect(nas.requests.length).toBeLessThan(40);
  },
);

test('messages beyond the limit of the queue fail at once with EBUSY, while the polls of the monitor succeed', async () => {
  const { nas, out, caught, ...flow } = await slowList({ operation: 'list' }, [
    beside('events', 'active-backup-events', { wires: [['received']] }),
    beside('received', 'helper'),
  ]);
  const events = inputsOf('received');
  for (let i = 0; i < 400; i += 1) flow.send({ params: { offset: 0, limit: 200 + i } });
  await until(() => caught.length > 0);
  expect(nas.received('list').length).toBeLessThan(10);
  await until(() => nas.received('list_volume').length > 0 && nas.received('list_device_transfer_size').length > 0);
  const firstReads = nas.requests.map(({ method }) => method).lastIndexOf('list_volume');
  expect(firstReads).toBeLessThan(150); // more than 200 messages wait
  await flow.ended(400);
  expect(new Set(caught.map(({ error }) => error.code))).toEqual(new Set(['EBUSY']));
  expect(out[0]?.length).toBeGreaterThanOrEqual(200);
  expect(events).toEqual([]);
  const { serialNumber } = nas.state;
  expect(connectionOf().identity.id).toBe(serialNumber.toLowerCase());
});
