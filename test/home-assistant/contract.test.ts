import { describe, expect, test } from 'vitest';
import { buildDiscovery } from '../../src/home-assistant/discovery';
import { eventMessages } from '../../src/home-assistant/events';
import type { BridgeOptions } from '../../src/home-assistant/types';
import { buildStateDocuments } from '../../src/home-assistant/state-documents';
import { topicsOf } from '../../src/home-assistant/topics';
import { randomEvent, randomNas, randomOptions, randomSnapshot } from './snapshots';
import { contradictions, eventContradictions, violationsOfSet, type Discovery } from './validator/index';

/** Every combination of the settings of a bridge that change what is published. */
const WAYS = (['minimal', 'standard', 'full'] as const).flatMap((detail) =>
  (['en', 'de'] as const).flatMap((language) =>
    [false, true].flatMap((commands) =>
      (['none', 'problems', 'all'] as const).map((devices) => ({ detail, language, commands, devices })),
    ),
  ),
);
/** Random NASes for each of them; many more run with CONTRACT_NASES=100. A failure names the seed. */
const NASES = Number(process.env['CONTRACT_NASES'] ?? 30);
/** The seeds of one combination lie so far from those of the next. */
const SEEDS_APART = 100;
const EVENTS = 50;
/** Further tasks would be like these and take longer. */
const MOST_TASKS = 12;

describe.each(WAYS)('detail $detail in $language, commands $commands, devices $devices', (way) => {
  const first = WAYS.indexOf(way) * SEEDS_APART;

  test(`${NASES} NASes: Home Assistant takes every message, and every state`, () => {
    for (let seed = first; seed < first + NASES; seed += 1) {
      const { discovery, documents } = published(seed, way);
      const found = [...violationsOfSet(discovery), ...contradictions(discovery, documents)];
      expect({ seed, found }).toEqual({ seed, found: [] });
    }
  });

  test(`${EVENTS} events: each is an event type of its entity`, () => {
    const { discovery, options } = published(first, way);
    for (let seed = first; seed < first + EVENTS; seed += 1) {
      const messages = eventMessages(randomEvent(seed), options);
      expect({ seed, found: eventContradictions(discovery, messages) }).toEqual({ seed, found: [] });
    }
  });

  test(`there are ${way.commands ? '' : 'no '}buttons`, () => {
    const messages = [first, first + 1, first + 2].flatMap((seed) => published(seed, way).discovery);
    expect(JSON.stringify(messages).includes('command_topic')).toBe(way.commands);
  });
});

/** The messages that a bridge publishes for a random NAS. */
function published(
  seed: number,
  way: Partial<BridgeOptions>,
): { discovery: Discovery[]; documents: Map<string, string>; options: BridgeOptions } {
  const options = { ...randomOptions(seed), ...way };
  const [snapshot, nas] = [randomSnapshot(seed, MOST_TASKS), randomNas(seed)];
  const { bridge, connection } = topicsOf(options.baseTopic, options.nasId);
  return {
    options,
    // As received; parsed once, and not by each check.
    discovery: buildDiscovery(snapshot, nas, options).map(({ topic, payload }) => ({
      topic,
      payload: JSON.parse(JSON.stringify(payload)) as Discovery['payload'],
    })),
    documents: new Map([...buildStateDocuments(snapshot, nas, options), [bridge, 'online'], [connection, 'offline']]),
  };
}
