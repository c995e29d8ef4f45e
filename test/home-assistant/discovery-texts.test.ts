import { expect, test } from 'vitest';
import { itemDiscovery } from '../../src/home-assistant/discovery';
import { DiscoveryTexts, type DiscoveryText } from '../../src/home-assistant/discovery-texts';
import { itemsOf, type HaItem } from '../../src/home-assistant/items';
import { topicsOf } from '../../src/home-assistant/topics';
import type { BridgeOptions } from '../../src/home-assistant/types';
import { randomNas, randomOptions, randomSnapshot } from './snapshots';

/** A name that holds what stands for a number and an id base in a template. */
const PLACEHOLDERS = '900000000001 base_900000000002';

function textsWith(options: BridgeOptions): DiscoveryTexts {
  return new DiscoveryTexts(options, topicsOf(options.baseTopic, options.nasId));
}

/** The message as it is described, without a template. */
function whole(item: HaItem, base: string | undefined, options: BridgeOptions): unknown {
  const { topic, payload } = itemDiscovery(item, base, topicsOf(options.baseTopic, options.nasId), options);
  const platforms = Object.entries(payload.components).map(([key, { platform }]) => [key, platform]);
  return { topic, payload: JSON.stringify(payload), platforms: Object.fromEntries(platforms) as unknown };
}

test.each([{}, { nasId: '900000000001' }, { baseTopic: `${PLACEHOLDERS}/900000000003` }])(
  'messages made from templates are those that are described, with the options %j',
  (own) => {
    for (let seed = 0; seed < 60; seed += 1) {
      const options = { ...randomOptions(seed), devices: 'all', ...own } as const;
      const texts = textsWith(options);
      const items = itemsOf(randomSnapshot(seed, 6), { ...randomNas(seed), name: PLACEHOLDERS }, options);
      for (const [index, item] of items.entries()) {
        const base = [undefined, `base_${index}`, 'odd "base"\\'][index % 3];
        expect({ topic: texts.topicOf(item), ...texts.make(item, base, undefined) }).toEqual(
          whole(item, base, options),
        );
      }
    }
  },
);

test('a message in which nothing has changed is the same object', () => {
  const options = { ...randomOptions(1), devices: 'all' } as const;
  const texts = textsWith(options);
  const [one, two] = [randomSnapshot(1, 6), randomSnapshot(1, 6)].map((snapshot) =>
    itemsOf(snapshot, randomNas(1), options),
  );
  const before = new Map<string, DiscoveryText>(
    one?.map((item) => [item.objectId, texts.make(item, undefined, undefined)]),
  );
  for (const item of two ?? [])
    expect(texts.make(item, undefined, before.get(item.objectId))).toBe(before.get(item.objectId));
});

test('a message changes with the id base and the name of its device', () => {
  const options = randomOptions(1);
  const texts = textsWith(options);
  const [nas] = itemsOf(randomSnapshot(1), { ...randomNas(1), name: 'one' }, options) as [HaItem];
  const [renamed] = itemsOf(randomSnapshot(1), { ...randomNas(1), name: 'two' }, options) as [HaItem];
  const text = texts.make(nas, 'base', undefined);
  expect(texts.make(nas, 'other', text)).toEqual(
    expect.objectContaining({ payload: expect.stringContaining('.other_') as string }),
  );
  expect(texts.make(renamed, 'base', text)).toEqual(
    expect.objectContaining({ payload: expect.stringContaining('two ') as string }),
  );
});
