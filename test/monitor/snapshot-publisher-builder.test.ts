import { describe, expect, test } from 'vitest';
import { run } from './support/connect';
import { startObserved, taskOf } from './support/snapshots';

const HOUR = 3600;

describe('unchanged parts of a snapshot are the very same objects', () => {
  test('all of them, at polls without a change, which send no other request either', async () => {
    const { nas, monitor, snapshots } = await startObserved();
    const requests = nas.requests.length;
    for (let i = 0; i < 10; i += 1) await monitor.poll(60);
    expect(snapshots).toHaveLength(11);
    expect(nas.requests.length - requests).toBe(10);
    for (const part of ['tasks', 'storages', 'devices', 'online'] as const) {
      expect(new Set(snapshots.map((snapshot) => snapshot[part]))).toHaveProperty('size', 1);
    }
  });

  test('also when everything was read again', async () => {
    const { nas, monitor, snapshots } = await startObserved();
    const requests = nas.requests.length;
    await monitor.poll(900);
    expect(nas.requests.length - requests).toBeGreaterThan(4);
    const [one, other] = snapshots;
    for (const part of ['tasks', 'storages', 'devices'] as const) expect(other![part]).toBe(one![part]);
  });

  test('the other tasks, while one runs', async () => {
    const { nas, monitor, snapshots } = await startObserved({ runSeconds: HOUR });
    nas.state.startRun(2);
    for (let i = 0; i < 5; i += 1) await monitor.poll(60);
    const sets = [1, 2, 3, 4, 5].map((id) => new Set(snapshots.map((snapshot) => taskOf(snapshot, id))).size);
    expect(sets).toEqual([1, 6, 1, 1, 1]);
    const percents = snapshots.slice(1).map((snapshot) => taskOf(snapshot, 2).task.progress?.percent ?? 0);
    expect(percents).toEqual([...percents].sort((one, other) => one - other));
    expect(new Set(percents).size).toBe(5);
    expect(new Set(snapshots.map((snapshot) => taskOf(snapshot, 2).recent)).size).toBeLessThanOrEqual(snapshots.length);
  });

  test('a task whose own state is unchanged while its history changes', async () => {
    const { nas, monitor, last } = await startObserved();
    run(nas, 1, 'cancelled');
    await monitor.poll();
    const before = last();
    run(nas, 2);
    await monitor.poll();
    expect(last().tasks).not.toBe(before.tasks);
    expect(taskOf(last(), 1)).toBe(taskOf(before, 1));
    expect(last().devices).toBe(before.devices);
  });
});
