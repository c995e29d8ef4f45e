import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePersistedState } from '../../src/bridge/persisted-state';
import type { Json } from '../../src/dsm/json';
import { DEVICES_FILE, noDevices } from '../../src/monitor/device-history-state';
import { FOLLOWED_REQUESTS_FILE } from '../../src/monitor/followed-requests';
import { InMemoryStateStore, parseMonitorState, type MonitorState } from '../../src/monitor/monitor-state';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { Recorder, ScriptedNas, whenIdle } from '../monitor/support/scripted-nas';
import { json, LIMIT_MS, mutated, OPTIONS } from './support';

/** What a monitor stores of a NAS with running, failed and successful tasks. */
async function storedState(): Promise<MonitorState> {
  const nas = new ScriptedNas(4);
  const store = new InMemoryStateStore();
  const recorder = new Recorder('a');
  recorder.subscribe(nas.createMonitor(store));
  nas.end(1);
  nas.poll();
  await whenIdle();
  nas.end(2, 4);
  nas.running.add(3);
  nas.poll();
  await whenIdle();
  return store.load()!;
}

const VALID: Json = JSON.parse(JSON.stringify(await storedState())) as Json;

test(
  'with whatever state that is read, each poll leads to a snapshot of all tasks, and a new end to one event',
  async () => {
    await fc.assert(
      fc.asyncProperty(mutated(VALID), async (content) => {
        const state = parseMonitorState(JSON.stringify(content));
        if (state === null) return;
        const nas = new ScriptedNas(4);
        const store = new InMemoryStateStore();
        store.save(state);
        const monitor = nas.createMonitor(store);
        const snapshots: NasSnapshot[] = [];
        monitor.onSnapshot((snapshot) => snapshots.push(snapshot), 10);
        const recorder = new Recorder('a');
        recorder.subscribe(monitor);
        for (let i = 0; i < 3; i += 1) {
          nas.poll();
          await whenIdle();
        }
        recorder.takeEvents();
        // An id that the state cannot contain.
        for (let i = 0; i < 50; i += 1) nas.end(1);
        const id = nas.end(4);
        nas.poll();
        await whenIdle();
        expect(snapshots.at(-1)?.at).toBe(new Date(nas.now * 1000).toISOString());
        expect(snapshots.at(-1)?.tasks).toHaveLength(4);
        expect(recorder.events.filter(({ result }) => result?.id === id)).toHaveLength(1);
      }),
      OPTIONS,
    );
  },
  LIMIT_MS,
);

const DEVICES: Json = {
  ...noDevices('https://nas.lan/'),
  readUntil: '2026-03-01T00:00:00.000Z',
  devices: {
    1: {
      uuid: 'u',
      name: 'PC',
      rows: [[1, 2, 1, 3, 4, 5]],
      lastSuccessAt: null,
      knownSince: '2026-03-01T00:00:00.000Z',
    },
  },
  online: { 1: [{ from: '2026-03-01T00:00:00.000Z', to: '2026-03-01T00:00:00.000Z' }] },
  late: {},
};

const FILES: readonly [string, (text: string) => unknown, Json][] = [
  ['monitor', parseMonitorState, VALID],
  ['devices', DEVICES_FILE.parse, DEVICES],
  ['followed requests', FOLLOWED_REQUESTS_FILE.parse, { version: 1, requests: [] }],
  [
    'bridge',
    parsePersistedState,
    { version: 1, address: '', chosen: '', nasId: 'x', facts: {}, documents: [], configs: {} },
  ],
];

test.each(FILES)(
  'a file of the %s with any content is read or set aside, never an exception',
  (_, parse, valid) => {
    const text = fc.oneof(
      mutated(valid).map((value) => JSON.stringify(value)),
      json.map((value) => JSON.stringify(value)),
      fc.nat(JSON.stringify(valid).length).map((length) => JSON.stringify(valid).slice(0, length)),
      fc.string({ unit: 'binary', maxLength: 300 }),
    );
    fc.assert(
      fc.property(text, (content) => {
        parse(content);
      }),
      OPTIONS,
    );
  },
  LIMIT_MS,
);
