import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { discoveryScopeOf, SharedDiscovery } from '../../src/bridge/shared-discovery';
import { connectClient, retainedAt, type MqttClient } from '../support/mqtt-client';
import { startMqttProxy, type MqttProxy } from '../support/mqtt-proxy';
import { startMosquitto } from '../support/mosquitto';
import { describeWith } from '../support/needs';
import { until } from '../support/until';
import { simulatedNas, startBridge, type TestBridge } from './support';
import type { Nas } from '../nas/index';

const QUIET_MS = 1000;

interface Fleet {
  readonly bridges: readonly TestBridge[];
  readonly stations: readonly Nas[];
  /** Before the broker, for the bridges only. */
  readonly proxy: MqttProxy;
  readonly client: MqttClient;
}

/** Bridges of this process, one for each simulated NAS. The first has connected first, and subscribes to discovery for all. */
async function startFleet(path: string, count: number, version: 4 | 5, keepaliveSeconds = 60): Promise<Fleet> {
  const broker = await startMosquitto(path);
  onTestFinished(() => broker.close());
  const proxy = await startMqttProxy(broker.port);
  onTestFinished(() => proxy.close());
  const client = await connectClient(broker.url, { protocolVersion: version });
  onTestFinished(() => client.close());
  const bridges: TestBridge[] = [];
  const stations: Nas[] = [];
  for (let seed = 1; seed <= count; seed += 1) {
    const nas = await simulatedNas({ seed });
    stations.push(nas);
    const bridge = await startBridge(nas, proxy.url, { broker: { protocolVersion: version, keepaliveSeconds } });
    await bridge.settled();
    bridges.push(bridge);
  }
  return { bridges, stations, proxy, client };
}

function configOf({ nasId }: TestBridge, task: number): string {
  return `homeassistant/device/active_backup_${nasId}_task_${task}/config`;
}

describeWith('mosquitto', 'the subscription to discovery that bridges share', (path) => {
  test.each([4, 5] as const)(
    'MQTT %i: a removal in Home Assistant is noticed that happens while the connection of its holder hangs',
    async (version) => {
      const { bridges, proxy, client } = await startFleet(path, 3, version, 2);
      const [first, second, third] = bridges as [TestBridge, TestBridge, TestBridge];
      proxy.freeze(0);
      const topic = configOf(second, 1);
      await client.publish(topic, '', { retain: true });
      await until(() => first.statuses.at(-1)?.is !== 'published', { timeout: 10_000 });
      await until(() => second.published().removed.length > 0);
      expect(second.published().removed).toEqual([topic]);
      for (const each of [first, third]) expect(each.published().removed).toEqual([]);
    },
    30_000,
  );

  test.each([
    [4, 'its own', 0],
    [4, "another bridge's", 1],
    [5, "another bridge's", 1],
  ] as const)(
    'MQTT %i: a device that its bridge clears and soon publishes again is not removed, if that comes back through %s session',
    async (version, _whose, index) => {
      const { bridges, stations, proxy, client } = await startFleet(path, 2, version);
      const [bridge, nas] = [bridges[index]!, stations[index]!];
      const topic = configOf(bridge, 3);
      await client.subscribe('homeassistant/#');
      await client.caughtUp();
      client.forget();
      const task = nas.state.tasks.find(({ id }) => id === 3);
      proxy.freeze();
      nas.state.removeTask(3);
      await bridge.polls(6);
      nas.state.addTask(task);
      await bridge.polls(4);
      proxy.release();
      await until(() => client.on(topic).length >= 2);
      await bridge.settled();
      await client.caughtUp();
      await setTimeout(QUIET_MS); // a read of what is retained ends after a while without a message
      expect(client.on(topic).map((payload) => payload === '')).toEqual([true, false]);
      expect(bridge.published().removed).toEqual([]);
    },
    30_000,
  );

  test.each([4, 5] as const)(
    'MQTT %i: discovery that is gone from the broker is not known any more, also after its holder has cleared it and another one has taken over',
    async (version) => {
      const { bridges, stations, proxy, client } = await startFleet(path, 3, version);
      const { discovery, release } = SharedDiscovery.use(discoveryScopeOf({ url: proxy.url }, 'homeassistant'));
      onTestFinished(release);
      const known = (): string[] => [...discovery.received.entries()].map(([topic]) => topic);
      const areGone = async (topics: readonly string[]): Promise<void> => {
        await until(async () => {
          const retained = await retainedAt(proxy.url, 'homeassistant/device/+/config', { protocolVersion: version });
          return !topics.some((topic) => retained.has(topic));
        });
        await until(() => !topics.some((topic) => known().includes(topic)));
      };
      // What the holder publishes itself does not come back with MQTT 5.
      await until(() => [1, 2, 3].every((task) => known().includes(configOf(bridges[1]!, task))));
      const gone: string[] = [];
      for (const [index, bridge] of bridges.entries()) {
        stations[index]?.state.removeTask(3);
        gone.push(configOf(bridge, 3));
        await client.publish(configOf(bridge, 1), '', { retain: true });
        gone.push(configOf(bridge, 1));
      }
      await areGone(gone);
      for (const bridge of bridges.slice(0, 2)) {
        await bridge.bridge.purge();
        gone.push(configOf(bridge, 2));
        await areGone(gone);
      }
    },
    30_000,
  );
});
