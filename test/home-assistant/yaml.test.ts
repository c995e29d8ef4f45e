import { expect, test } from 'vitest';
import { load } from 'js-yaml';
import type { ReadonlyJsonObject } from '../../src/home-assistant/types';
import { toYaml } from '../../src/home-assistant/yaml';
import { ODD_NAMES } from './snapshots';

test('a view has a readable form', () => {
  const view = {
    title: 'Büro & "Co": 1',
    max_columns: 4,
    empty: [],
    cards: [
      { type: 'tile', entity: 'sensor.nas_status', icon: 'mdi:nas', visible: true },
      { type: 'grid', cards: [{ type: 'tile', name: null }] },
    ],
    states: ['on', 'unknown'],
  };
  expect(toYaml(view)).toBe(`title: "Büro & \\"Co\\": 1"
max_columns: 4
empty: []
cards:
  - type: tile
    entity: sensor.nas_status
    icon: mdi:nas
    visible: true
  - type: grid
    cards:
      - type: tile
        name: null
states:
  - "on"
  - unknown
`);
});

test('any task name survives the round trip', () => {
  const names = [
    ...ODD_NAMES.filter((name) => !/\p{Cs}/u.test(name)),
    'yes',
    'null',
    '1',
    '1e3',
    '~',
    '- a',
    '? b',
    '2026-01-01',
    '0x1f',
    'a: b',
    '# c',
    '|',
    '>',
  ];
  const value: ReadonlyJsonObject = {
    names,
    nested: Object.fromEntries(names.map((name, index) => [`key ${index}`, [name, { name }]])),
  };
  expect(load(toYaml(value))).toEqual(value);
});
