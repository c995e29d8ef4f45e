import { expect, test } from 'vitest';
import { deepCopy } from '../../src/node-red/input';
import { objectsInTwoPlaces } from '../support/ownership';

test('a copy is equal, shares no object with the original, and contains each object once', () => {
  const volume = { path: '/volume1', freeBytes: null };
  const original = { storages: [{ volume }, { volume }], volumes: [volume], ok: true, text: 'x' };
  const copy = deepCopy(original);
  expect(copy).toEqual(original);
  expect(
    objectsInTwoPlaces([
      ['copy', copy],
      ['original', { volume }],
    ]),
  ).toEqual([]);
});

test('a field called __proto__ stays a field', () => {
  const original = JSON.parse('{"__proto__": {"inner": {"a": 1}}}') as object;
  const copy = deepCopy(original);
  expect(JSON.stringify(copy)).toBe(JSON.stringify(original));
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
});

test.each([null, 1, 'text', true, undefined])('%j is returned unchanged', (value) => {
  expect(deepCopy(value)).toBe(value);
});
