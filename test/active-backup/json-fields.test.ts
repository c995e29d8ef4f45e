import { expect, test } from 'vitest';
import {
  nonNegativeIntegerOf,
  epochSecondsOf,
  objectOf,
  booleanOf,
  integerOf,
  listOf,
  numberOf,
  objectsOf,
  positiveIntegerOf,
  textOf,
  timeOf,
} from '../../src/active-backup/json-fields';

/** Values of unexpected types. */
const ODD: unknown[] = [
  undefined,
  null,
  '',
  ' ',
  'x',
  true,
  NaN,
  Infinity,
  -Infinity,
  [],
  [1],
  {},
  { a: 1 },
  '12abc',
  '0x10',
];

test.each([
  [0, 0],
  [-1.5, -1.5],
  ['12', 12],
  [' 12 ', 12],
  ['-3', -3],
  ['1.5', 1.5],
  ['1e3', 1000],
  ['Infinity', null],
  ['1e999', null],
  ['-0', 0],
])('the number in %j is %j', (value, number) => {
  expect(numberOf(value)).toBe(number);
});

test.each([
  [7544, 7544],
  ['7544', 7544],
  [1.5, null],
  [2 ** 53, null],
])('the id in %j is %j', (value, id) => {
  expect(integerOf(value)).toBe(id);
});

test.each([
  [0, 0, null],
  [4_754_168_380, 4_754_168_380, 4_754_168_380],
  ['23030223990784', 23_030_223_990_784, 23_030_223_990_784],
  [-1, null, null],
])('%j as non-negative integer is %j, as positive integer %j', (value, amount, positive) => {
  expect(nonNegativeIntegerOf(value)).toBe(amount);
  expect(positiveIntegerOf(value)).toBe(positive);
});

test.each([
  ['PC', 'PC'],
  [' ', ' '],
  ['', null],
  [12, '12'],
  [NaN, null],
  [true, null],
  [null, null],
  [{}, null],
])('the text in %j is %j', (value, text) => {
  expect(textOf(value)).toBe(text);
});

test.each([
  [true, true],
  [false, false],
  ['true', true],
  [' False ', false],
  [1, true],
  [0, false],
  ['1', true],
  ['0', false],
  [2, null],
  ['yes', null],
  ['', null],
  [null, null],
  [[], null],
])('%j as boolean is %j', (value, flag) => {
  expect(booleanOf(value)).toBe(flag);
});

test.each([
  [1_762_848_003, '2025-11-11T08:00:03.000Z'],
  ['1762848003', '2025-11-11T08:00:03.000Z'],
  [1, '1970-01-01T00:00:01.000Z'],
  [253_402_300_799, '9999-12-31T23:59:59.000Z'],
  [0, null],
  ['0', null],
  [-1, null],
  [1_762_848_003_000, null], // milliseconds
  [1e300, null],
  [undefined, null],
])('the time in %j is %j', (value, time) => {
  expect(timeOf(value)).toBe(time);
});

test.each(ODD)('%j is no number, time or amount', (value) => {
  for (const read of [numberOf, integerOf, nonNegativeIntegerOf, epochSecondsOf, timeOf])
    expect(read(value)).toBeNull();
});

test('the objects of a list keep their order, and other entries are omitted', () => {
  expect(listOf([2, 1])).toEqual([2, 1]);
  expect(objectsOf([null, { a: 1 }, 'x', [{}], { b: 2 }])).toEqual([{ a: 1 }, { b: 2 }]);
});

test.each([undefined, null, '', 'abc', 5, true, {}, { length: 1 }])('%j has no entries', (value) => {
  expect(listOf(value)).toEqual([]);
  expect(objectsOf(value)).toEqual([]);
});

test.each([undefined, null, '', 'abc', 5, true, [], [{ a: 1 }]])('%j has no fields', (value) => {
  expect(objectOf(value)).toEqual({});
});
