import { describe, expect, test } from 'vitest';
import { ApiInfo, parseApiInfo } from '../../src/dsm/api-info';
import type { Json } from '../../src/dsm/json';

const TASK = 'SYNO.ActiveBackup.Task';
const entry = (fields: Record<string, Json>): Json => ({
  [TASK]: { path: 'entry.cgi', minVersion: 1, maxVersion: 2, ...fields },
});

describe('a path that DSM names', () => {
  test.each(['entry.cgi', 'auth.cgi', 'AudioStation/stream.cgi', 'FileStation/file_share.cgi'])(
    '%s is used',
    (path) => {
      expect(parseApiInfo(entry({ path })).get(TASK)?.path).toBe(path);
    },
  );

  test.each([
    '../../etc/passwd',
    'a/../b.cgi',
    '//evil.example/entry.cgi',
    'https://evil.example/entry.cgi',
    '/entry.cgi',
    'entry.cgi?x=1',
    'entry.cgi#x',
    '',
    7,
    null,
  ])('%j is refused', async (path) => {
    const info = new ApiInfo(() => Promise.resolve(entry({ path })), 'nas:5000');
    await expect(info.address(TASK, 'list', 1)).rejects.toMatchObject({ code: 'ERESPONSE' });
  });
});

describe('the version to ask for', () => {
  test.each([
    { wanted: 1, min: 1, max: 2, asked: 1 },
    { wanted: 6, min: 1, max: 7, asked: 6 },
    { wanted: 6, min: 1, max: 3, asked: 3 },
  ])('wanting $wanted of $min to $max asks for $asked', async ({ wanted, min, max, asked }) => {
    const info = new ApiInfo(() => Promise.resolve(entry({ minVersion: min, maxVersion: max })), 'nas:5000');
    await expect(info.address(TASK, 'list', wanted)).resolves.toEqual({ path: 'entry.cgi', version: asked });
  });

  test('an API that begins above it is not supported', async () => {
    const info = new ApiInfo(() => Promise.resolve(entry({ minVersion: 2 })), 'nas:5000');
    await expect(info.address(TASK, 'list', 1)).rejects.toMatchObject({ code: 'EUNSUPPORTED' });
  });
});

describe('asking the NAS what it offers', () => {
  test('happens once for all callers', async () => {
    let asked = 0;
    const info = new ApiInfo(() => Promise.resolve(entry({ asked: ++asked })), 'nas:5000');
    await Promise.all(Array.from({ length: 20 }, () => info.address(TASK, 'list', 1)));
    expect(asked).toBe(1);
  });

  test('happens again after it failed, after an API was missing, and after forget', async () => {
    const answers: (() => Promise<Json>)[] = [
      () => Promise.reject(new Error('off')),
      () => Promise.resolve({}),
      () => Promise.resolve(entry({})),
      () => Promise.resolve(entry({ minVersion: 2 })),
    ];
    const info = new ApiInfo(() => answers.shift()!(), 'nas:5000');
    await expect(info.address(TASK, 'list', 1)).rejects.toThrow('off');
    await expect(info.address(TASK, 'list', 1)).rejects.toMatchObject({ code: 'EPACKAGE' });
    await expect(info.address(TASK, 'list', 1)).resolves.toMatchObject({ version: 1 });
    await expect(info.address(TASK, 'list', 1)).resolves.toMatchObject({ version: 1 });
    info.invalidate();
    await expect(info.address(TASK, 'list', 1)).rejects.toMatchObject({ code: 'EUNSUPPORTED' });
  });
});

test.each([[null], [[]], ['text'], [{ [TASK]: 'text' }], [{ [TASK]: null }]])(
  'an answer like %j offers nothing',
  (data) => {
    expect(parseApiInfo(data).size).toBe(0);
  },
);
