import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { InMemoryStore, JsonFile, type JsonFileOptions } from '../../src/storage/json-file';
import { Journal } from '../../src/storage/journal';
import { smallDisk } from '../support/small-disk';
import { tempDir } from '../support/temp-dir';

interface Opened {
  readonly file: JsonFile<unknown>;
  readonly warnings: string[];
  /** Runs what waits for the next attempt. */
  readonly retry: () => void;
  readonly isWaiting: () => boolean;
}

/** A file whose retries are run by the test. */
function open(path: string, more: Partial<JsonFileOptions<unknown>> = {}): Opened {
  const warnings: string[] = [];
  let waiting: (() => void) | null = null;
  const file = new JsonFile<unknown>({
    path,
    parse: (text) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return null;
      }
    },
    warn: (message) => warnings.push(message),
    content: 'The values',
    consequence: 'all starts again',
    whileUnread: 'nothing is done until it can be',
    schedule: (retry) => {
      waiting = retry;
      return () => (waiting = null);
    },
    ...more,
  });
  const retry = (): void => {
    const due = waiting;
    waiting = null;
    due?.();
  };
  return { file, warnings, retry, isWaiting: () => waiting !== null };
}

async function folder(): Promise<string> {
  const { path, remove } = await tempDir('storage');
  onTestFinished(remove);
  return path;
}

/** Makes every write of the file fail, also for root. @returns a function that reverts this */
async function block(path: string): Promise<() => Promise<void>> {
  await mkdir(join(`${path}.new`, 'in the way'), { recursive: true });
  return () => rm(`${path}.new`, { recursive: true });
}

test('a failed write causes one warning, leaves the old file unchanged, and is repeated as soon as possible, with one more message', async () => {
  const path = join(await folder(), 'a.json');
  const { file, warnings, retry, isWaiting } = open(path);
  expect(file.save({ n: 1 })).toBe(true);
  const unblock = await block(path);
  expect([2, 3, 4].map((n) => file.save({ n }))).toEqual([false, false, false]);
  retry();
  retry();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ n: 1 });
  expect(file.load()).toEqual({ n: 4 });
  await unblock();
  retry();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ n: 4 });
  expect(isWaiting()).toBe(false);
  expect(warnings).toEqual([
    expect.stringMatching(/^The values cannot be stored in .*a\.json: .*; they are kept in memory until it can$/),
    expect.stringMatching(/^The values are stored in .*a\.json again$/),
  ]);
});

test('the next save repeats it too, and a later failure causes another warning', async () => {
  const path = join(await folder(), 'a.json');
  const { file, warnings } = open(path);
  for (const n of [1, 2]) {
    const unblock = await block(path);
    expect(file.save(n)).toBe(false);
    await unblock();
    expect(file.save(n * 10)).toBe(true);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toBe(n * 10);
  }
  expect(warnings).toHaveLength(4);
});

test('an unwritten value is available to the next file opened at that path in this process, without another warning', async () => {
  const path = join(await folder(), 'a.json');
  const unsaved = new Map<string, string>();
  const first = open(path, { unsaved });
  first.file.save('old');
  const unblock = await block(path);
  first.file.save('new');
  first.file.close();
  expect(first.isWaiting()).toBe(false);
  const second = open(path, { unsaved });
  expect(second.file.load()).toBe('new');
  expect(second.isWaiting()).toBe(true);
  await unblock();
  second.retry();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toBe('new');
  expect(second.warnings).toEqual([expect.stringMatching(/again$/)]);
  expect(unsaved.size).toBe(0);
});

test('closing tries a last time, and nothing waits after it', async () => {
  const path = join(await folder(), 'a.json');
  const { file, isWaiting } = open(path);
  const unblock = await block(path);
  file.save('new');
  await unblock();
  file.close();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toBe('new');
  await block(path);
  file.save('after the end');
  expect(isWaiting()).toBe(false);
});

test('a failed write leaves nothing beside the file', async () => {
  const path = await folder();
  const file = join(path, 'a.json');
  await mkdir(join(file, 'full'), { recursive: true });
  expect(open(file).file.save(1)).toBe(false);
  expect(await readdir(path)).toEqual(['a.json']);
});

test.each([
  ['cut off', '{"a":'],
  ['far too large', ' '.repeat(65 * 1024 * 1024)],
])('a file that is %s is set aside, and that is reported once', async (_name, text) => {
  const path = join(await folder(), 'a.json');
  await writeFile(path, text);
  const { file, warnings } = open(path);
  expect([file.load(), file.load()]).toEqual([null, null]);
  expect(warnings).toEqual([
    expect.stringMatching(/is damaged and was set aside as .*a\.json\.damaged; all starts again/),
  ]);
  file.save(1);
  expect(file.load()).toBe(1);
});

test('a value that is far too large is not written', async () => {
  const path = join(await folder(), 'a.json');
  const { file, warnings } = open(path);
  file.save('small');
  expect(file.save(' '.repeat(65 * 1024 * 1024))).toBe(false);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toBe('small');
  expect(warnings).toHaveLength(1);
});

test('a journal that cannot be read is not empty: nothing is written to it', async () => {
  const path = join(await folder(), 'a.jsonl');
  symlinkSync(path, path);
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const journal = new Journal({ path, lines: () => ['again'], warn, content: 'Events' });
  expect(journal.load()).toEqual([]);
  journal.append('more');
  journal.rewrite();
  journal.close();
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(warnings).toEqual([expect.stringMatching(/a\.jsonl cannot be read, so events are not stored .*ELOOP/)]);
});

test('without a folder a value lasts as long as the process', () => {
  const store = new InMemoryStore<number>();
  expect(store.load()).toBeNull();
  expect(store.save(1)).toBe(true);
  store.close();
  expect(store.load()).toBe(1);
});

test('a file that cannot be read is left unchanged until it can be read, with one warning each', async () => {
  const path = join(await folder(), 'a.json');
  symlinkSync(path, path); // ELOOP, also for root
  const { file, warnings, isWaiting } = open(path);
  expect([file.load(), file.isUnread, file.save(1), file.load()]).toEqual([null, true, false, null]);
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(isWaiting()).toBe(false);
  await rm(path);
  await writeFile(path, '"there"');
  expect([file.load(), file.isUnread, file.save(2)]).toEqual(['there', false, true]);
  expect(warnings).toEqual([
    expect.stringMatching(/a\.json cannot be read: .*ELOOP.*; nothing is done until it can be$/),
    expect.stringMatching(/a\.json can be read again$/),
  ]);
});

test('a file that cannot be read for ten minutes is set aside, so that its owner can continue', async () => {
  const path = join(await folder(), 'a.json');
  symlinkSync(path, path);
  let now = 0;
  const { file, warnings } = open(path, { now: () => now });
  file.load();
  now = 10 * 60_000 - 1;
  expect([file.load(), file.isUnread]).toEqual([null, true]);
  now += 1;
  expect([file.load(), file.isUnread, file.save('again')]).toEqual([null, false, true]);
  expect(lstatSync(`${path}.damaged`).isSymbolicLink()).toBe(true);
  expect(warnings).toEqual([
    expect.stringMatching(/a\.json cannot be read/),
    expect.stringMatching(/could not be read for 10 minutes and was set aside as .*a\.json\.damaged/),
  ]);
});

test('a file that is not there is none, without a word', async () => {
  const { file, warnings } = open(join(await folder(), 'no', 'a.json'));
  expect([file.load(), file.isUnread, file.save(1)]).toEqual([null, false, true]);
  expect(warnings).toEqual([]);
});

test('where a file is in place of the folder there is nothing to read either', async () => {
  const path = await folder();
  await writeFile(join(path, 'active-backup'), '');
  const { file } = open(join(path, 'active-backup', 'a.json'));
  expect([file.load(), file.isUnread, file.save(1)]).toEqual([null, false, false]);
});

test('on a full disk the old file stays whole, and the value is on disk as soon as there is room', async ({ skip }) => {
  const path = await folder();
  const unmount = smallDisk(path, 'size=1m');
  if (unmount === null) return skip();
  onTestFinished(unmount);
  const { file, warnings, retry } = open(join(path, 'active-backup', 'a.json'));
  const values = (count: number): string[] => Array.from({ length: count }, (_, i) => `value ${i}`);
  file.save(values(10_000));
  const { bavail, bsize } = statfsSync(path);
  writeFileSync(join(path, 'filler'), Buffer.alloc(bavail * bsize - 2 * bsize));
  expect(file.save(values(10_001))).toBe(false);
  expect(readdirSync(join(path, 'active-backup'))).toEqual(['a.json']);
  expect(open(join(path, 'active-backup', 'a.json')).file.load()).toEqual(values(10_000));
  await rm(join(path, 'filler'));
  retry();
  expect(open(join(path, 'active-backup', 'a.json')).file.load()).toEqual(values(10_001));
  expect(warnings).toEqual([expect.stringMatching(/ENOSPC/), expect.stringMatching(/again$/)]);
});

test('on a read-only disk nothing is lost as long as the process lives, and nothing crashes', async ({ skip }) => {
  const path = await folder();
  const unmount = smallDisk(path, 'size=1m');
  if (unmount === null) return skip();
  onTestFinished(unmount);
  const { file, warnings, retry } = open(join(path, 'a.json'));
  file.save(1);
  execFileSync('mount', ['-o', 'remount,ro', path]);
  expect(file.save(2)).toBe(false);
  expect(file.load()).toBe(2);
  execFileSync('mount', ['-o', 'remount,rw', path]);
  retry();
  expect(JSON.parse(readFileSync(join(path, 'a.json'), 'utf8'))).toBe(2);
  expect(warnings).toEqual([expect.stringMatching(/EROFS/), expect.stringMatching(/again$/)]);
});
