import { describe, expect, test } from 'vitest';
import { ATTRIBUTES_BYTES, buildStateDocuments } from '../../src/home-assistant/state-documents';
import { parseOwnDiscovery, buildDiscovery } from '../../src/home-assistant/discovery';
import { eventMessages } from '../../src/home-assistant/events';
import type { BridgeOptions } from '../../src/home-assistant/types';
import { byteLength } from '../../src/home-assistant/text';
import { OPTIONS } from './examples';
import { randomEvent, randomNas, randomOptions, randomSnapshot } from './snapshots';
import { faultsOf, isItemTopic, schemaAt } from './schema-check';
import { contradictions, eventContradictions, violationsOfSet } from './validator/index';

const SEEDS = Array.from({ length: 150 }, (_, seed) => seed);

/** A random NAS and all its messages. */
function generated(seed: number, most?: number) {
  const snapshot = randomSnapshot(seed, most);
  const nas = randomNas(seed);
  const options: BridgeOptions = {
    ...randomOptions(seed),
    devices: seed % 3 === 0 ? 'all' : randomOptions(seed).devices,
  };
  const documents = buildStateDocuments(snapshot, nas, options);
  return { snapshot, nas, options, documents, discovery: buildDiscovery(snapshot, nas, options) };
}

describe('for any NAS', () => {
  test.each([
    { what: 'small', seeds: SEEDS, most: 8 },
    { what: 'of up to 200 tasks', seeds: [1001, 1002, 1003], most: 200 },
  ])('Home Assistant accepts all messages of one $what', ({ seeds, most }) => {
    for (const seed of seeds) {
      const { options, documents, discovery } = generated(seed, most);
      const own = documentsWithOwn(documents, options);
      expect({ seed, violations: violationsOfSet(discovery) }).toEqual({ seed, violations: [] });
      expect({ seed, contradictions: contradictions(discovery, own) }).toEqual({ seed, contradictions: [] });
    }
  });

  test('each document fits the schema of its topic', () => {
    for (const seed of SEEDS) {
      const { options, documents } = generated(seed);
      const faults = [...documents].flatMap(([topic, payload]) =>
        faultsOf(schemaAt(topic, options.baseTopic, options.nasId), payload),
      );
      expect({ seed, faults }).toEqual({ seed, faults: [] });
    }
  });

  test('each state topic of an item is recognized, so that it is removed with the item', () => {
    for (const seed of SEEDS) {
      const { options, documents } = generated(seed, 5);
      const others = [...documents.keys()].filter((topic) => !isItemTopic(topic, options.baseTopic, options.nasId));
      expect(others).toEqual([`${options.baseTopic}/${options.nasId}/state`]);
    }
  });

  test('each discovery message is recognized as own', () => {
    for (const seed of SEEDS) {
      const { options, discovery } = generated(seed, 5);
      for (const { topic, payload } of discovery) {
        const [own] = parseOwnDiscovery(topic, JSON.stringify(payload), options);
        expect(own?.[0]).toBe(topic);
        expect(Object.keys(own![1].components)).toEqual(Object.keys(payload.components));
      }
    }
  });

  test('attributes stay small', () => {
    const sizes = SEEDS.flatMap((seed) =>
      [...generated(seed).documents]
        .filter(([topic]) => topic.endsWith('/attributes'))
        .map(([, text]) => byteLength(text)),
    );
    expect(Math.max(...sizes)).toBeLessThan(ATTRIBUTES_BYTES);
    expect(Math.max(...sizes)).toBeGreaterThan(ATTRIBUTES_BYTES / 2);
  });

  test('equal snapshots give equal messages', () => {
    const [one, other] = [generated(7), generated(7)];
    expect([...one.documents]).toEqual([...other.documents]);
    expect(JSON.stringify(one.discovery)).toBe(JSON.stringify(other.discovery));
  });
});

describe('for any event', () => {
  test('each event fits the schema of its topic, and its entity', () => {
    for (const seed of Array.from({ length: 1000 }, (_, index) => index)) {
      const messages = eventMessages(randomEvent(seed), OPTIONS);
      const faults = messages.flatMap(({ topic, payload }) =>
        faultsOf(schemaAt(topic, OPTIONS.baseTopic, OPTIONS.nasId), payload),
      );
      const discovery = buildDiscovery(randomSnapshot(1, 30), randomNas(1), OPTIONS);
      expect({ seed, faults }).toEqual({ seed, faults: [] });
      expect({ seed, faults: eventContradictions(discovery, messages) }).toEqual({ seed, faults: [] });
    }
  });
});

function documentsWithOwn(
  documents: ReadonlyMap<string, string>,
  { baseTopic, nasId }: BridgeOptions,
): Map<string, string> {
  const root = `${baseTopic}/${nasId}`;
  return new Map([...documents, [`${root}/bridge`, 'online'], [`${root}/connection`, 'online']]);
}
