import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { changesBetween, parseWithChanges } from '../../src/storage/json-changes';
import { JsonFile } from '../../src/storage/json-file';
import { createRandom } from '../nas/random';
import { smallDisk } from '../support/small-disk';
import { tempDir } from '../support/temp-dir';

interface Value {
  readonly count: number;
  readonly list: readonly number[];
  readonly tasks: Readonly<Record<string, { readonly name: string }>>;
}

const NAME = 'a name that is long enough for a file of 64 kB '.repeat(3);
const LARGE: Value = {
  count: 0,
  list: [],
  tasks: Object.fromEntries(Array.from({ length: 500 }, (_each, id) => [id, { name: `${NAME}${id}` }])),
};
const SMALL: Value = { count: 0, list: [], tasks: { 1: { name: 'PC' } } };

function open(path: string): { file: JsonFile<Value>; warnings: string[] } {
  const warnings: string[] = [];
  const parse = (text: string): Value | null => {
    try {
      return parseWithChanges(text) as Value;
    } catch {
      return null;
    }
  };
  const file = new JsonFile<Value>({
    ...{ path, parse, appendsChanges: true, content: 'The values', consequence: '', whileUnread: '' },
    warn: (message) => warnings.push(message),
    schedule: () => () => undefined,
  });
  return { file, warnings };
}

async function pathOfFile(): Promise<string> {
  const { path, remove } = await tempDir('changes');
  onTestFinished(remove);
  return join(path, 'a.json');
}

function withTask(value: Value, id: number, name: string): Value {
  return { ...value, count: value.count + 1, tasks: { ...value.tasks, [id]: { name } } };
}

const bytesOf = (path: string): number => statSync(path).size;

test('a change of a large value is appended, and read by the next process, also by one after a kill', async () => {
  const path = await pathOfFile();
  const { file } = open(path);
  file.save(LARGE);
  const whole = bytesOf(path);
  const changed = withTask(LARGE, 7, 'other');
  expect(file.save(changed)).toBe(true);
  expect(bytesOf(path) - whole).toBeGreaterThan(0);
  expect(bytesOf(path) - whole).toBeLessThan(100);
  expect(open(path).file.load()).toEqual(changed);
});

test('a small value is always one whole JSON text', async () => {
  const path = await pathOfFile();
  const { file } = open(path);
  for (const value of [SMALL, withTask(SMALL, 2, 'b')]) {
    file.save(value);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(value);
  }
});

test('closing leaves one whole JSON text, which an older release reads', async () => {
  const path = await pathOfFile();
  const { file } = open(path);
  file.save(LARGE);
  const changed = withTask(LARGE, 7, 'other');
  file.save(changed);
  file.close();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(changed);
});

test('the file of an older release, and one written by hand in several lines, are read and then written as a whole', async () => {
  const path = await pathOfFile();
  for (const text of [JSON.stringify(LARGE), JSON.stringify(LARGE, null, 2), `${JSON.stringify(LARGE)}\n`]) {
    writeFileSync(path, text);
    const { file, warnings } = open(path);
    expect(file.load()).toEqual(LARGE);
    const changed = withTask(LARGE, 7, 'other');
    file.save(changed);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(changed);
    expect(warnings).toEqual([]);
  }
});

test('wherever a killed process or a power cut ends the file, it contains one of the last values, never a part of one', async () => {
  const path = await pathOfFile();
  const { file } = open(path);
  const values = [LARGE, withTask(LARGE, 7, 'other'), withTask(withTask(LARGE, 7, 'other'), 600, 'ü')];
  const ends = values.map((value) => {
    file.save(value);
    return bytesOf(path);
  });
  const [whole = 0, , all = 0] = ends;
  const content = readFileSync(path);
  for (let size = whole; size <= all; size += 1) {
    const valueOf = (linesEnd: number): Value | undefined => values[ends.filter((end) => end <= linesEnd).length - 1];
    writeFileSync(path, content.subarray(0, size));
    expect(open(path).file.load()).toEqual(valueOf(size + 1)); // only the line break may be missing
    appendFileSync(path, Buffer.alloc(100)); // the size was on the disk, the content was not
    expect(open(path).file.load()).toEqual(valueOf(size));
  }
});

test('nothing is appended to a file that was removed, replaced or changed meanwhile', async () => {
  const path = await pathOfFile();
  const { file, warnings } = open(path);
  let value = LARGE;
  file.save(value);
  const accidents = [
    (): void => {
      rmSync(path);
    },
    (): void => {
      writeFileSync(path, '{}');
    },
    (): void => {
      appendFileSync(path, '\n{"replaced":{"count":-1}}');
    },
  ];
  for (const happen of accidents) {
    happen();
    value = withTask(value, 7, 'other');
    expect(file.save(value)).toBe(true);
    expect(open(path).file.load()).toEqual(value);
  }
  expect(warnings).toEqual([]);
});

test('the file is written as a whole when the changes are half as long as it', async () => {
  const path = await pathOfFile();
  const { file } = open(path);
  file.save(LARGE);
  const whole = bytesOf(path);
  let value = LARGE;
  const sizes: number[] = [];
  for (let id = 0; id < 1200; id += 1) {
    value = withTask(value, id % 100, `${NAME}${id}`);
    file.save(value);
    sizes.push(bytesOf(path));
  }
  expect(Math.max(...sizes)).toBeLessThan(1.6 * whole); // the whole grows a little
  expect(sizes.some((size, at) => size < (sizes[at - 1] ?? 0))).toBe(true);
  expect(open(path).file.load()).toEqual(value);
});

test('a change that cannot be appended is kept in memory until it can be written', async () => {
  const path = await pathOfFile();
  const { file, warnings } = open(path);
  file.save(LARGE);
  rmSync(path);
  await mkdir(join(`${path}.new`, 'in the way'), { recursive: true });
  const changed = withTask(LARGE, 7, 'other');
  expect(file.save(changed)).toBe(false);
  expect(file.load()).toEqual(changed);
  rmSync(`${path}.new`, { recursive: true });
  file.close();
  expect(open(path).file.load()).toEqual(changed);
  expect(warnings).toEqual([expect.stringMatching(/cannot be stored/), expect.stringMatching(/again$/)]);
});

test('on a full disk the file keeps the value before, without a part of the change', async ({ skip }) => {
  const { path, remove } = await tempDir('changes');
  onTestFinished(remove);
  const unmount = smallDisk(path, 'size=1m');
  if (unmount === null) return skip();
  onTestFinished(unmount);
  const file = join(path, 'a.json');
  const opened = open(file);
  opened.file.save(LARGE);
  const { bavail, bsize } = statfsSync(path);
  writeFileSync(join(path, 'filler'), Buffer.alloc(bavail * bsize));
  expect(opened.file.save(withTask(LARGE, 7, NAME.repeat(100)))).toBe(false);
  expect(open(file).file.load()).toEqual(LARGE);
  execFileSync('rm', [join(path, 'filler')]);
  const changed = withTask(LARGE, 7, 'other');
  expect(opened.file.save(changed)).toBe(true);
  expect(open(file).file.load()).toEqual(changed);
  expect(opened.warnings).toEqual([expect.stringMatching(/ENOSPC/), expect.stringMatching(/again$/)]);
});

test('values that are no objects, or have other fields, are said in no line; an unchanged one in an empty line', () => {
  expect(changesBetween(1, { a: 1 })).toBeNull();
  expect(changesBetween([], [])).toBeNull();
  expect(changesBetween({ a: 1 }, { b: 1 })).toBeNull();
  expect(changesBetween({ a: 1 }, { a: 1, b: 1 })).toBeNull();
  expect(changesBetween(LARGE, { ...LARGE })).toBe('');
});

test('whatever changes, the lines give the last value', () => {
  const random = createRandom(Number(process.env['SEED'] ?? 1));
  const below = (limit: number): number => random.integer(0, limit - 1);
  const anything = (): unknown => [below(9), null, [below(3)], { a: below(3) }, {}, 'text\n'][below(6)];
  for (let run = 0; run < 1000; run += 1) {
    let value: Record<string, unknown> = { a: anything(), b: {}, c: anything() };
    const lines = [JSON.stringify(value)];
    for (let step = 0; step < 10; step += 1) {
      const name = ['a', 'b', 'c'][below(3)] ?? '';
      const field = value[name];
      const keys = { [below(4)]: anything(), ...(below(2) === 0 && { x: anything() }) };
      const isObject = typeof field === 'object' && field !== null && !Array.isArray(field) && below(3) > 0;
      value = { ...value, [name]: isObject ? { ...(below(3) > 0 && field), ...keys } : anything() };
      const before = parseWithChanges(lines.join('\n'));
      const line = changesBetween(before, value);
      if (line !== '' && line !== null) lines.push(line);
      expect(parseWithChanges(lines.join('\n'))).toEqual(value);
      expect(parseWithChanges([...lines, ...lines.slice(1)].join('\n'))).toEqual(value);
    }
  }
});
