import { expect, test } from 'vitest';
import { describeWith } from '../support/needs';
import { BROKERS, seesEventAndCommand, startLimited } from './limited-bridge';

const NAMES = Object.keys(BROKERS) as (keyof typeof BROKERS)[];

describeWith('mosquitto', 'a bridge on a broker with the limits of', (path) => {
  test.each(NAMES.flatMap((name) => [5, 4].map((version) => ({ name, version: version as 4 | 5 }))))(
    '$name (MQTT version $version): every task, events and commands, on one connection and within each limit',
    async ({ name, version }) => {
      const tasks = version === 5 ? 200 : 20;
      const bridge = await startLimited(path, BROKERS[name], { tasks, version, idleMs: 1000 });
      await bridge.complete();
      await seesEventAndCommand(bridge);
      expect(bridge.limited.violations).toEqual([]);
      expect(bridge.limited.connections).toBe(1);
      expect(bridge.bridged.warnings).toEqual([]);
    },
    60_000,
  );
});
