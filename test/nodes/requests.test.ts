import { afterEach, expect, test } from 'vitest';
import aemInfo from '../../nodes/aem-info/aem-info';
import apiRequest from '../../nodes/api-request/api-request';
import events from '../../nodes/events/events';
import shareStorage from '../../nodes/share-storage/share-storage';
import taskBackup from '../../nodes/task-backup/task-backup';
import taskList from '../../nodes/task-list/task-list';
import { until } from '../support/until';
import { brokerConfig, NODES, openBroker, poll, subscriber } from './mqtt-bridge-support';
import { beside, flowOf, helper, load, nasConfig, simulatedNas, type FlowNode } from './support';

const KINDS = ['task-list', 'task-backup', 'share-storage', 'aem-info', 'events', 'api-request', 'mqtt-bridge'];
/** Long poll intervals: the test polls. */
const MANUAL_POLLS = { pollInterval: 86_400, activePollInterval: 3600 };
const POLLS = 5;

afterEach(() => helper.unload());

/** So many nodes of each kind; each bridge has an id of its own in topics. */
function nodesOf(count: number): FlowNode[] {
  return Array.from({ length: count }, (_each, index) =>
    KINDS.map((kind) =>
      beside(`${kind}-${index}`, `active-backup-${kind}`, { broker: 'broker', nasId: `nas_${index}` }),
    ),
  ).flat();
}

/** The methods that an idle NAS receives in some polls with so many nodes of each kind. */
async function methodsWith(count: number): Promise<string[]> {
  const nas = await simulatedNas({ tasks: 20, schedules: false });
  const broker = await openBroker();
  const watcher = await subscriber(broker, 'active-backup/+/bridge');
  const config = [nasConfig(nas, MANUAL_POLLS), brokerConfig(broker), ...nodesOf(count)];
  const nodes = [aemInfo, apiRequest, events, shareStorage, taskBackup, taskList, ...NODES];
  await load(nodes, flowOf({ type: 'active-backup-events' }, config));
  await until(() => new Set(watcher.messages.map(({ topic }) => topic)).size === count);
  await poll();
  const before = nas.requests.length;
  for (let each = 0; each < POLLS; each += 1) await poll();
  return nas.requests.slice(before).map(({ parameters }) => `${parameters['api'] ?? ''}.${parameters['method'] ?? ''}`);
}

test.each([1, 10])(
  'with %i nodes of each kind an idle NAS receives one list a poll, and nothing else',
  async (count) => {
    expect(await methodsWith(count)).toEqual(Array.from({ length: POLLS }, () => 'SYNO.ActiveBackup.Task.list'));
  },
);
