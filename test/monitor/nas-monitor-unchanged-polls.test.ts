import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { NasEvent } from '../../src/monitor/events';
import { NasMonitor } from '../../src/monitor/nas-monitor';
import { InMemoryStateStore, type StateStore } from '../../src/monitor/monitor-state';
import { createMonitorClient } from '../../src/monitor/monitor-client';
import { connect, createPoller } from './support/connect';
import { until } from '../support/until';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const WARM_UP = 300;
const POLLS = 1000;
/** Heap growth allowed per poll: far less than a response, but more than the noise of the runtime. */
const KEPT_BYTES = 3000;

function heapBytes(): number {
  gc();
  return process.memoryUsage().heapUsed;
}

test(
  '1,000 polls without a change: no event, no parse after the first, no request but the list, nothing stored, a flat heap',
  { timeout: 60_000 },
  async () => {
    const { nas, activeBackup } = await connect();
    const poller = createPoller(activeBackup, 0);
    const saved = new InMemoryStateStore();
    let saves = 0;
    const store: StateStore = {
      load: () => saved.load(),
      save: (state) => {
        saves += 1;
        saved.save(state);
      },
    };
    const monitor = new NasMonitor({
      poller,
      client: createMonitorClient(activeBackup),
      store,
      overdueHours: 0,
      nas: nas.url,
    });
    const reported: NasEvent[] = [];
    const parsed = new Set<unknown>();
    const requests = new Map<string, number>();
    let polls = 0;
    const emitted = new Set<unknown>();
    monitor.onEvent({ id: 'a', storageLowPercent: 10, onEvent: (event) => reported.push(event) });
    monitor.onSnapshot(({ at: _at, ...parts }) => {
      for (const part of Object.values(parts)) emitted.add(part);
    }, 10);
    poller.subscribe((poll) => {
      polls += 1;
      if ('tasks' in poll) parsed.add(poll.tasks);
      for (const { method } of nas.requests) requests.set(method, (requests.get(method) ?? 0) + 1);
      (nas.requests as unknown[]).length = 0; // the request list of the simulated NAS, in the same heap
    });
    await until(() => polls >= WARM_UP, { timeout: 30_000 });
    const before = heapBytes();
    await until(() => polls >= WARM_UP + POLLS, { timeout: 50_000 });
    const grown = heapBytes() - before;
    expect(reported).toEqual([]);
    expect(parsed.size).toBe(1);
    expect(emitted.size).toBe(8); // online, its lists, that no storage was low, that nothing was verified, and the transferred bytes
    expect(saves).toBe(1);
    // At the first poll some reasons are requested, depending on the history of the NAS.
    const { list: lists, list_result_detail: _details, ...others } = Object.fromEntries(requests);
    expect(lists).toBeGreaterThanOrEqual(WARM_UP + POLLS);
    expect(others).toEqual({
      ...{ query: 1, login: 1, list_result: 1, list_storage: 1, list_volume: 1 },
      list_device_transfer_size: 3, // windows of 31 days at first
    });
    expect(grown).toBeLessThan(POLLS * KEPT_BYTES);
  },
);
