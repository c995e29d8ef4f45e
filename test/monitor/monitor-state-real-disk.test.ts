import { symlinkSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { NasMonitor } from '../../src/monitor/nas-monitor';
import { FileStateStore } from '../../src/monitor/monitor-state';
import { tempDir } from '../support/temp-dir';
import { ScriptedNas, Recorder, whenIdle } from './support/scripted-nas';

interface Stage {
  readonly nas: ScriptedNas;
  readonly path: string;
  readonly listener: Recorder;
  readonly warnings: string[];
  readonly poll: () => Promise<void>;
  /** Ends the process, killed or closed, and starts another one with the files on disk. */
  readonly restart: (how?: 'killed' | 'closed') => void;
  /** Runs what waits for the next attempt to write. */
  readonly retry: () => void;
}

/** A listener of a monitor with a real state file, after its first poll. */
async function staged(): Promise<Stage> {
  const { path: folder, remove } = await tempDir('disk');
  onTestFinished(remove);
  const path = join(folder, 'active-backup', 'nas.json');
  const nas = new ScriptedNas(3);
  const listener = new Recorder('a');
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  let due: (() => void) | null = null;
  let store: FileStateStore;
  let monitor: NasMonitor;
  const begin = (): void => {
    due = null;
    const schedule = (retry: () => void): (() => void) => {
      due = retry;
      return () => (due = null);
    };
    store = new FileStateStore(path, warn, { schedule });
    monitor = nas.createMonitor(store, warn);
    listener.subscribe(monitor);
  };
  begin();
  const stage: Stage = {
    ...{ nas, path, listener, warnings },
    poll: async () => {
      nas.poll();
      await whenIdle();
    },
    restart: (how = 'closed') => {
      nas.removeListeners();
      if (how === 'closed') {
        listener.unsubscribe();
        store.close();
      }
      begin();
    },
    retry: () => due?.(),
  };
  nas.end(1);
  await stage.poll();
  expect(listener.takeEvents()).toEqual([]);
  return stage;
}

/** Makes every write of the file fail, also for root. @returns a function that reverts this */
async function block(path: string): Promise<() => Promise<void>> {
  await mkdir(join(`${path}.new`, 'in the way'), { recursive: true });
  return () => rm(`${path}.new`, { recursive: true });
}

/** Makes every read of the file fail, also for root, with ELOOP. @returns a function that reverts this */
async function hide(path: string): Promise<() => Promise<void>> {
  await rename(path, `${path}.hidden`);
  symlinkSync(path, path);
  return () => rename(`${path}.hidden`, path);
}

test('a backup reported while the disk was full is not reported again after a restart, once there is space', async () => {
  const { nas, path, listener, warnings, poll, restart, retry } = await staged();
  const unblock = await block(path);
  const id = nas.end(1, 4);
  await poll();
  expect(listener.takeEvents()).toEqual([`backup_failed ${id}`]);
  await unblock();
  retry();
  restart('killed');
  await poll();
  expect(listener.takeEvents()).toEqual([]);
  expect(warnings).toEqual([expect.stringMatching(/cannot be stored/), expect.stringMatching(/are stored .* again$/)]);
});

test('a process killed while the disk is full repeats unsaved events, late, and loses nothing', async () => {
  const { nas, path, listener, poll, restart } = await staged();
  const unblock = await block(path);
  const first = nas.end(1, 4);
  await poll();
  expect(listener.takeEvents()).toEqual([`backup_failed ${first}`]);
  const second = nas.end(2);
  restart('killed');
  await unblock();
  await poll();
  expect(listener.takeEvents()).toEqual([`backup_failed ${first} late`, `backup_succeeded ${second} late`]);
});

test('a state that cannot be read at the start is not empty: nothing is reported or written until it can be read, and nothing is lost or repeated', async () => {
  const { nas, path, listener, warnings, poll, restart } = await staged();
  const reported = nas.end(1, 4);
  await poll();
  expect(listener.takeEvents()).toEqual([`backup_failed ${reported}`]);
  const before = await readFile(path, 'utf8');
  const show = await hide(path);
  const id = nas.end(2, 4);
  restart();
  await poll();
  const later = nas.end(3);
  await poll();
  expect(listener.takeEvents()).toEqual([]);
  expect(await readFile(`${path}.hidden`, 'utf8')).toBe(before);
  await show();
  expect(await readFile(path, 'utf8')).toBe(before);
  await poll();
  expect(listener.takeEvents()).toEqual([`backup_failed ${id} late`, `backup_succeeded ${later} late`]);
  restart();
  await poll();
  expect(listener.takeEvents()).toEqual([]);
  expect(warnings).toEqual([
    expect.stringMatching(/cannot be read: .*ELOOP.*; until it can be, no event is reported, and none is lost$/),
    expect.stringMatching(/can be read again$/),
  ]);
});

test('a NAS that goes offline and online while the state cannot be read is reported as usual', async () => {
  const { nas, path, listener, poll, restart } = await staged();
  const show = await hide(path);
  restart();
  await poll();
  nas.isOffline = true;
  await poll();
  await poll();
  expect(listener.takeEvents()).toEqual(['nas_offline']);
  await show();
  nas.isOffline = false;
  await poll();
  expect(listener.takeEvents()).toEqual(['nas_online']);
});
