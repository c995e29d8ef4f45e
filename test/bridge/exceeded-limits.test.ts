import { expect, onTestFinished, test } from 'vitest';
import { startLimitedBroker } from '../support/limited-broker';
import { startMosquitto } from '../support/mosquitto';
import { describeWith } from '../support/needs';
import { until } from '../support/until';
import { BROKERS, seesEventAndCommand, startLimited } from './limited-bridge';
import { simulatedNas, startBridge } from './support';

describeWith('mosquitto', 'a bridge that exceeds the limits of its broker', (path) => {
  test.each(['discard', 'refuse', 'disconnect'] as const)(
    'a service that takes 40 messages a second and is to %s the others: everything arrives, then nothing exceeds it',
    async (over) => {
      const rules = { ...BROKERS['AWS IoT Core'], perSecond: { messages: 40, over } };
      const bridge = await startLimited(path, rules, {
        tasks: 25,
        version: 5,
        timings: { acknowledgeMs: over === 'discard' ? 1000 : 30_000 },
      });
      await bridge.complete();
      await bridge.bridged.settled();
      expect(bridge.limited.violations).toContain('messages a second');
      const { connections, violations } = bridge.limited;
      const before = violations.length;
      await seesEventAndCommand(bridge);
      expect(bridge.limited.violations.slice(before)).toEqual([]);
      if (over !== 'discard') expect(bridge.limited.connections).toBe(connections);
      expect(bridge.bridged.warnings.join('\n')).toMatch(over === 'refuse' ? /^$/ : /at most \d+ (messages )?a second/);
    },
    60_000,
  );

  test('a second retained message on a topic within a second is sent again until the service takes it', async () => {
    const rules = { ...BROKERS['AWS IoT Core'], retainedEveryMs: 1000 };
    const bridge = await startLimited(path, rules, { tasks: 3, version: 5 });
    await bridge.complete();
    bridge.bridged.bridge.publishAll();
    await until(() => bridge.limited.violations.length > 0);
    await bridge.bridged.settled();
    await seesEventAndCommand(bridge);
    expect(bridge.bridged.statuses.at(-1)).toMatchObject({ is: 'published', refused: null });
    expect(bridge.limited.connections).toBe(1);
  }, 40_000);

  test('an access rule without the discovery prefix costs a few connections and is named, the rest works', async () => {
    const rules = { ...BROKERS['AWS IoT Core'], forbidden: 'homeassistant/' };
    const bridge = await startLimited(path, rules, { tasks: 30, version: 5, idleMs: 200 });
    await until(() => bridge.bridged.warnings.some((text) => text.includes('over topics such as homeassistant/')), {
      timeout: 50_000,
    });
    const { root } = bridge.bridged;
    await until(() => bridge.client.on(`${root}/task/30/state`).length > 0, { timeout: 25_000 });
    const { connections } = bridge.limited;
    expect(connections).toBeLessThan(20);
    await seesEventAndCommand(bridge);
    expect(bridge.limited.connections).toBe(connections);
    expect(bridge.bridged.warnings.join('\n')).toMatch(/check the broker's access rules/);
  }, 90_000);

  test('a base topic of too many levels is named, and ends in a status instead of an endless series of connections', async () => {
    const bridge = await startLimited(path, BROKERS['AWS IoT Core'], {
      tasks: 30,
      version: 5,
      def: { baseTopic: 'one/two/three/four/five' },
    });
    await until(() => bridge.bridged.warnings.some((text) => text.includes('takes no topics of 9 levels')), {
      timeout: 50_000,
    });
    await bridge.bridged.settled();
    const { connections } = bridge.limited;
    await bridge.bridged.polls(3);
    expect(bridge.limited.connections).toBe(connections);
    expect(bridge.bridged.statuses.at(-1)).toMatchObject({
      is: 'published',
      refused: expect.stringContaining('one/two'),
    });
  }, 90_000);

  test('a client id that is too long is named', async () => {
    const rules = { clientIdBytes: 23 };
    const bridge = await startLimited(path, rules, { tasks: 1, version: 5 });
    expect(bridge.limited.violations).toEqual([]);
    const mosquitto = await startMosquitto(path);
    onTestFinished(() => mosquitto.close());
    const limited = await startLimitedBroker(mosquitto.port, { clientIdBytes: 4 });
    onTestFinished(() => limited.close());
    const bridged = await startBridge(await simulatedNas({ tasks: 1 }), limited.url);
    await until(() =>
      bridged.statuses.some((status) => status.is === 'problem' && status.problem.message.includes('client id')),
    );
  });
});
