import { describe, expect, test } from 'vitest';
import type { Nas } from '../nas/index';
import { setUsedSpace, startMonitored } from './support/connect';

describe('storages', () => {
  const reads = (nas: Nas): number => nas.received('list_volume').length;

  test('are read every 15 minutes, low once, and recover two percent above', async () => {
    const { nas, monitor } = await startMonitored();
    expect(reads(nas)).toBe(1);
    setUsedSpace(nas, 91);
    for (let seconds = 0; seconds < 890; seconds += 10) expect(await monitor.poll(10)).toEqual([]);
    expect(reads(nas)).toBe(1);
    const low = await monitor.poll(20);
    expect(low).toEqual(nas.state.storages.map(({ shareName }) => `storage_low ${shareName}`));
    expect(monitor.events[0]).toMatchObject({ storage: { volume: { freeBytes: expect.any(Number) as number } } });
    setUsedSpace(nas, 89);
    expect(await monitor.poll(900)).toEqual([]);
    setUsedSpace(nas, 80);
    expect(await monitor.poll(900)).toEqual(low.map((event) => event.replace('low', 'ok')));
    expect(reads(nas)).toBe(4);
  });

  test('are not reported low again after a restart', async () => {
    const { nas, monitor } = await startMonitored();
    setUsedSpace(nas, 95);
    expect(await monitor.poll(900)).not.toEqual([]);
    monitor.restart();
    expect(await monitor.poll(900)).toEqual([]);
  });

  test('are reported to each listener by its own limit', async () => {
    const { nas, monitor } = await startMonitored({}, { storageLowPercent: 5 });
    const received: string[] = [];
    monitor.nasMonitor.onEvent({ id: 'a', storageLowPercent: 20, onEvent: (event) => received.push(event.event) });
    setUsedSpace(nas, 85);
    expect(await monitor.poll(900)).toEqual([]);
    expect(new Set(received)).toEqual(new Set(['storage_low']));
  });

  test('are reported again to a listener whose message was not received', async () => {
    const { nas, monitor } = await startMonitored({}, { storageLowPercent: 5 });
    const received: string[] = [];
    let isReceived = true;
    monitor.nasMonitor.onEvent({
      id: 'a',
      storageLowPercent: 20,
      onEvent: ({ event }) => received.push(event),
      haveReceived: () => isReceived,
    });
    await monitor.poll(10);
    setUsedSpace(nas, 85);
    isReceived = false;
    await monitor.poll(900);
    const times = received.length;
    isReceived = true;
    await monitor.poll(900);
    expect(received).toEqual(Array.from({ length: 2 * times }, () => 'storage_low'));
    await monitor.poll(900);
    expect(received).toHaveLength(2 * times);
  });

  test('of a NAS that denies access are not requested at every poll', async () => {
    const { nas, monitor } = await startMonitored();
    nas.fail({ on: { method: 'list_volume' }, do: 'refuse', code: 105 });
    const before = reads(nas);
    for (let i = 0; i < 20; i += 1) await monitor.poll(60);
    expect(reads(nas) - before).toBeLessThanOrEqual(4);
  });
});
