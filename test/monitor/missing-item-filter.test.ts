import { expect, test } from 'vitest';
import { MissingItemFilter, POLLS_UNTIL_GONE } from '../../src/monitor/missing-item-filter';

interface Item {
  readonly id: number;
}

const [one, two]: [Item, Item] = [{ id: 1 }, { id: 2 }];
const filterOf = (): MissingItemFilter<Item> => new MissingItemFilter(({ id }) => id);
const idsOf = (items: readonly Item[]): number[] => items.map(({ id }) => id);

test('an item missing in one or two responses is kept; at the third it is gone', () => {
  const filter = filterOf();
  filter.filter([one, two]);
  const shown = Array.from({ length: POLLS_UNTIL_GONE }, () => idsOf(filter.filter([one])));
  expect(shown).toEqual([[1, 2], [1, 2], [1]]);
});

test('an item that comes back in time was never gone, and is counted from zero', () => {
  const filter = filterOf();
  for (const items of [[one, two], [one], [one], [one, two]]) filter.filter(items);
  expect(idsOf(filter.filter([one]))).toEqual([1, 2]);
});

test('one empty answer leaves everything there', () => {
  const filter = filterOf();
  filter.filter([one, two]);
  expect(idsOf(filter.filter([]))).toEqual([1, 2]);
});

test('a missing item is kept as it was last listed', () => {
  const filter = filterOf();
  const again = { id: 2, name: 'renamed' };
  filter.filter([one, two]);
  filter.filter([one, again]);
  expect(filter.filter([one])[1]).toBe(again);
});

test('a list that misses nothing is the very same', () => {
  const items = [one, two];
  const filter = filterOf();
  expect(filter.filter(items)).toBe(items);
  expect(filter.filter(items)).toBe(items);
});
