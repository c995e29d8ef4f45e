import { describe, expect, test } from 'vitest';
import aemInfoNode from '../../nodes/aem-info/aem-info';
import apiRequestNode from '../../nodes/api-request/api-request';
import eventsNode from '../../nodes/events/events';
import mqttBridgeNode from '../../nodes/mqtt-bridge/mqtt-bridge';
import mqttBrokerNode from '../../nodes/mqtt-broker/mqtt-broker';
import reportNode from '../../nodes/report/report';
import shareStorageNode from '../../nodes/share-storage/share-storage';
import taskBackupNode from '../../nodes/task-backup/task-backup';
import taskListNode from '../../nodes/task-list/task-list';
import { until } from '../support/until';
import { ACCOUNT, flowOf, helper, load, nasConfig, simulatedNas, type Flow, type FlowNode } from './support';

const NODES = [
  aemInfoNode,
  apiRequestNode,
  eventsNode,
  mqttBridgeNode,
  mqttBrokerNode,
  reportNode,
  shareStorageNode,
  taskBackupNode,
  taskListNode,
];

/** The latest status of a node that is loaded alone and gets no message. */
async function statusOf(node: { type: string } & Record<string, unknown>, config: FlowNode[] = []): Promise<unknown> {
  await helper.unload();
  const flow = await load(NODES, flowOf(node, config), { nas: ACCOUNT });
  const { status } = flow.node as unknown as { status: { lastCall: { args: unknown[] } | null } };
  await until(() => status.lastCall !== null);
  return status.lastCall?.args[0];
}

const missing = (what: 'nas' | 'broker') => ({
  fill: 'red',
  shape: 'ring',
  text: `node-red-contrib-synology-active-backup/nas:status.missing-${what}`,
});

describe('the status of a node', () => {
  test.each(['aem-info', 'api-request', 'events', 'mqtt-bridge', 'share-storage', 'task-list'])(
    '%s without a NAS, or with a deleted one, is that the NAS is missing',
    async (name) => {
      expect(await statusOf({ type: `active-backup-${name}`, nas: '' })).toEqual(missing('nas'));
      expect(await statusOf({ type: `active-backup-${name}`, nas: 'gone' })).toEqual(missing('nas'));
    },
  );

  test('mqtt-bridge without a broker is that the broker is missing', async () => {
    const nas = await simulatedNas();
    expect(await statusOf({ type: 'active-backup-mqtt-bridge' }, [nasConfig(nas)])).toEqual(missing('broker'));
  });

  test('report without any NAS node is that the NAS is missing, after a message', async () => {
    const flow = await load(NODES, flowOf({ type: 'active-backup-report', nas: [] }, []));
    await expectMissingAfterMessage(flow);
  });

  test('task-backup without a NAS is that the message names it, and after a message without one that it is missing', async () => {
    expect(await statusOf({ type: 'active-backup-task-backup', nas: '' })).toMatchObject({
      fill: 'grey',
      text: expect.stringMatching(/:status\.nas-of-message$/),
    });
    await helper.unload();
    const flow = await load(NODES, flowOf({ type: 'active-backup-task-backup', nas: '', tasks: '1' }, []));
    await expectMissingAfterMessage(flow);
  });
});

async function expectMissingAfterMessage(flow: Flow): Promise<void> {
  flow.send({});
  await flow.ended(1);
  expect(flow.caught[0]?.error).toMatchObject({ code: 'ECONFIG' });
  expect(flow.statuses.at(-1)).toMatchObject(missing('nas'));
}
