import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { messageToJson } from '../../src/storage/bounded-json';
import { createRandom } from '../nas/random';

const LIMIT = 100_000;
const stored = (message: object, limit = LIMIT): unknown => JSON.parse(messageToJson(message, limit));

class Thing {
  inner = 1;
}

describe('a stored message', () => {
  test('keeps what JSON can hold', () => {
    const message = {
      _msgid: '1',
      topic: '',
      n: 1.5,
      no: false,
      nothing: null,
      list: [1, [2, { a: 'ü' }]],
      o: { p: {} },
    };
    expect(stored(message)).toEqual(message);
  });

  test('leaves out what JSON cannot hold', () => {
    const message = {
      kept: true,
      big: 1n,
      not: NaN,
      infinite: Infinity,
      missing: undefined,
      run: () => 1,
      symbol: Symbol('s'),
      buffer: Buffer.from('text'),
      bytes: new Uint8Array(3),
      map: new Map([[1, 2]]),
      error: new Error('no'),
      thing: new Thing(),
      date: new Date(NaN),
      inner: { big: 1n, kept: 1 },
    };
    expect(stored(message)).toEqual({ kept: true, inner: { kept: 1 } });
  });

  test('keeps a date as text, and the length of a list', () => {
    expect(stored({ at: new Date(0), list: [1, () => 1, undefined, 2n, 'x'] })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      list: [1, null, null, null, 'x'],
    });
  });

  test('leaves out cycles, and keeps an object that occurs twice', () => {
    const twice = { a: 1 };
    const message: Record<string, unknown> = { one: twice, other: twice };
    message['self'] = message;
    message['list'] = [message, twice];
    expect(stored(message)).toEqual({ one: twice, other: twice, list: [null, twice] });
  });

  test('leaves out what throws', () => {
    const throwing = {
      get bad(): never {
        throw new Error('getter');
      },
      good: 1,
    };
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const message = {
      throwing,
      proxy: revoked.proxy,
      toJSON: () => {
        throw new Error('toJSON');
      },
    };
    expect(stored(message)).toEqual({ throwing: { good: 1 } });
    expect(stored(revoked.proxy)).toEqual({});
  });

  test('keeps objects of a Function node, which have another realm', () => {
    expect(stored(runInNewContext('({ payload: { list: [1], at: new Date(0) } })') as object)).toEqual({
      payload: { list: [1], at: '1970-01-01T00:00:00.000Z' },
    });
  });

  test('keeps a property called __proto__ as a property', () => {
    const message = JSON.parse('{"payload":{"__proto__":{"polluted":true}},"__proto__":{"polluted":true}}') as object;
    const read = stored(message) as { payload: object; polluted?: unknown };
    expect(Object.keys(read)).toEqual(expect.arrayContaining(['payload', '__proto__']));
    expect(Object.keys(read.payload)).toEqual(['__proto__']);
    expect(read.polluted).toBeUndefined();
  });

  test('leaves out the largest properties beyond the limit', () => {
    const message = { payload: 'x'.repeat(1000), topic: 'kept', _msgid: '1', second: 'y'.repeat(500) };
    const text = messageToJson(message, 600);
    expect(text.length).toBeLessThanOrEqual(600);
    expect(Object.keys(JSON.parse(text) as object).sort()).toEqual(['_msgid', 'second', 'topic']);
  });

  test('is bounded for data that grows exponentially, and for deep data', () => {
    let doubled: unknown = 'x';
    for (let level = 0; level < 40; level += 1) doubled = [doubled, doubled];
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level += 1) deep = { deep };
    expect(messageToJson({ doubled, deep, topic: 'kept' }, LIMIT).length).toBeLessThanOrEqual(LIMIT);
  });

  test('never throws, whatever a message contains', () => {
    const random = createRandom(14);
    const odd = [
      1n,
      NaN,
      () => 1,
      Symbol('x'),
      Buffer.alloc(3),
      new Date(NaN),
      null,
      undefined,
      'ü',
      '\uD800',
      -0,
      new Set(),
    ];
    const value = (depth: number): unknown => {
      const kind = random.integer(0, depth > 4 ? 0 : 2);
      if (kind === 0) return odd[random.integer(0, odd.length - 1)];
      const inner = Array.from({ length: random.integer(0, 4) }, () => value(depth + 1));
      return kind === 1 ? inner : Object.fromEntries(inner.map((each, index) => [String(index), each]));
    };
    for (let round = 0; round < 500; round += 1) {
      expect(() => stored({ payload: value(0), more: value(0) }, random.integer(2, 400))).not.toThrow();
    }
  });
});
