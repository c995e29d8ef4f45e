import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { bridge, brokerConfig, key, NODES, openBroker, subscriber } from './mqtt-bridge-support';
import { ACCOUNT, flowOf, helper, load, nasConfig, simulatedNas, type FlowNode } from './support';
import { until } from '../support/until';

/** A full deploy: all nodes of all flows are restarted. */
async function redeploy(flow: readonly FlowNode[]): Promise<void> {
  // It rejects if the flows have started before it listens.
  await helper.setFlows(flow as never, 'full', { nas: ACCOUNT }).catch(() => undefined);
  await until(() => Boolean(helper.getNode('catch')));
}

describe('a bridge', () => {
  test('is restarted by a full deploy without a message; removed, it is offline at once', async () => {
    const [nas, url] = [await simulatedNas({ schedules: false }), await openBroker()];
    const client = await subscriber(url, '#');
    const nodes = flowOf(bridge({ commands: true }), [nasConfig(nas), brokerConfig(url)]);
    const flow = await load(NODES, nodes);
    const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
    await until(() => flow.statuses.at(-1)?.text?.includes(key('tasks')));
    await sleep(1500); // the scan for topics of an earlier run
    await client.caughtUp();
    client.forget();
    for (let deploy = 1; deploy <= 3; deploy += 1) {
      await redeploy(nodes);
      // The new bridge is not ready before the first poll.
      await until(
        async () => {
          await client.publish(`${root}/task/9/command`, JSON.stringify({ action: 'backup', id: `${Math.random()}` }));
          await client.caughtUp();
          return client.on(`${root}/task/9/response`).some((payload) => payload.includes('unknown_task'));
        },
        { interval: 100 },
      );
      await sleep(300);
      const isCommandOrResponse = (topic: string): boolean => /\/(command|response)$/.test(topic);
      expect(client.messages.filter(({ topic }) => !isCommandOrResponse(topic))).toEqual([]);
      client.forget();
    }
    await redeploy(nodes.filter(({ id }) => id !== 'n'));
    await client.received(({ topic, payload }) => topic === `${root}/bridge` && payload === 'offline');
  });

  test('with another base topic after a deploy it is offline below the old one, and not in conflict with itself', async () => {
    const [nas, url] = [await simulatedNas({ schedules: false }), await openBroker()];
    const client = await subscriber(url, '+/+/bridge');
    const nodes = flowOf(bridge(), [nasConfig(nas), brokerConfig(url)]);
    const flow = await load(NODES, nodes);
    const serial = nas.state.serialNumber.toLowerCase();
    await until(() => flow.statuses.at(-1)?.text?.includes(key('tasks')));
    await redeploy(nodes.map((node) => (node.id === 'n' ? { ...node, baseTopic: 'elsewhere' } : node)));
    const warn = vi.spyOn(helper.getNode('n'), 'warn');
    await client.received(({ topic, payload }) => topic === `elsewhere/${serial}/bridge` && payload === 'online');
    expect(client.on(`active-backup/${serial}/bridge`)).toEqual(['online', 'offline']);
    await sleep(2500); // the scan for topics of an earlier run and for other bridges
    expect(warn).not.toHaveBeenCalled();
  });

  test('is opened and closed twenty times, connected or connecting, and leaves no connection open', async () => {
    const [nas, url] = [await simulatedNas(), await openBroker()];
    const flow = flowOf(bridge(), [nasConfig(nas), brokerConfig(url)]);
    const client = await subscriber(url, 'active-backup/+/bridge');
    for (let times = 0; times < 20; times += 1) {
      const online = client.on(client.messages[0]?.topic ?? '').filter((payload) => payload === 'online').length;
      await load(NODES, flow);
      const isOnline = (): boolean =>
        client.on(client.messages[0]?.topic ?? '').filter((payload) => payload === 'online').length > online;
      if (times % 2 === 0) await until(isOnline, { timeout: 5000, interval: 5 });
      const from = performance.now();
      await helper.unload();
      expect(performance.now() - from).toBeLessThan(1500);
    }
    await until(() => nas.sessions === 0);
    // The last bridge disconnects after Node-RED has stopped.
    await until(() => openHandles().sockets < 10);
  }, 60_000);
});

/** Resources that keep the process alive. */
function openHandles(): { sockets: number } {
  const resources = process.getActiveResourcesInfo();
  return { sockets: resources.filter((resource) => resource === 'TCPSocketWrap').length };
}
