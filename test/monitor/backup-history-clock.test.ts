import { expect, test } from 'vitest';
import { connect, createMonitor, run } from './support/connect';

const HOUR = 3600;

test.each([
  ['the last result of its task', 0],
  ['hidden by a later failure', 1],
  ['hidden by more failures than are kept', 7],
])(
  'a success of a NAS whose clock is three hours ahead counts at the time of its poll, and at its own once that can be true: %s',
  async (_, failures) => {
    const { nas, activeBackup } = await connect();
    const monitor = createMonitor(nas, activeBackup, { aheadSeconds: 3 * HOUR });
    await monitor.poll();
    const lastSuccess = async (): Promise<string | null | undefined> => {
      const tasks = await activeBackup.listTasks();
      return monitor.nasMonitor.completeNow(tasks).find(({ id }) => id === 1)?.lastSuccessAt;
    };
    const id = run(nas, 1);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${id}`]);
    const polledAt = new Date((nas.clock.now() - 3 * HOUR) * 1000).toISOString();
    const endedAt = new Date(Math.floor(nas.state.resultsOf(1).at(-1)!.endedAt!) * 1000).toISOString();
    for (let count = 0; count < failures; count += 1) {
      const failed = run(nas, 1, 'failed');
      expect(await monitor.poll()).toEqual([`backup_failed ${failed}`]);
    }
    expect(await lastSuccess()).toBe(polledAt);
    // The list stays as it is.
    await monitor.poll(HOUR);
    expect(await lastSuccess()).toBe(polledAt);
    await monitor.poll(HOUR);
    expect(await lastSuccess()).toBe(endedAt);
  },
);
