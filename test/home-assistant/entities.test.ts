import { describe, expect, test } from 'vitest';
import { PLATFORM, RESULT_STATUSES, TASK_STATES, TASK_TYPES } from '../../src/active-backup/codes';
import { ATTRIBUTE_FIELDS, DEVICE_FIELDS, RESULT_FIELDS } from '../../src/home-assistant/state-documents';
import { platformOf } from '../../src/home-assistant/components';
import { ENTITIES } from '../../src/home-assistant/entities';
import { NAS_EVENTS } from '../../src/home-assistant/entities/nas';
import { TASK_EVENTS } from '../../src/home-assistant/entities/task';
import type { EntityDescription } from '../../src/home-assistant/entity';
import { EVENT_FIELDS } from '../../src/home-assistant/events';
import { EVENTS } from '../../src/monitor/events';
import { PROTECTIONS } from '../../src/monitor/protection-types';

const TABLES = Object.entries<readonly EntityDescription<never>[]>(ENTITIES);
const ROWS = TABLES.flatMap(([kind, rows]) => rows.map((row) => ({ kind, row })));

/** The values of a field with a closed list. */
const wordsOf = (rows: readonly EntityDescription<never>[], key: string): readonly string[] =>
  rows.flatMap((row) => (row.key === key && row.kind === 'word' ? row.words : []));

/** Attribute names reserved by Home Assistant (docs/facts/home-assistant.md §1.12). */
const RESERVED = [
  'assumed_state',
  'available',
  'device_class',
  'device_info',
  'entity_category',
  'entity_picture',
  'entity_registry_enabled_default',
  'event_type',
  'event_types',
  'extra_state_attributes',
  'force_update',
  'friendly_name',
  'icon',
  'last_reset',
  'name',
  'should_poll',
  'state',
  'state_class',
  'supported_features',
  'unique_id',
  'unit_of_measurement',
];

describe('each row', () => {
  test.each(ROWS)('$kind $row.key has names in both languages, a description and a plain key', ({ row }) => {
    expect(row.key).toMatch(/^[a-z][a-z_]*$/);
    expect(row.description).toMatch(/^[A-Z].*\.$/);
    for (const name of Object.values(row.shown?.name ?? {})) expect(name).toMatch(/^\p{Lu}[\p{L} -]+$/u);
  });

  test.each(ROWS)('$kind $row.key has a German name that fits on a tile', ({ row }) => {
    expect(row.shown?.name.de.length ?? 0).toBeLessThanOrEqual(16);
  });

  test.each(TABLES)('of %s has a unique key and, by platform, a unique name', (_, rows) => {
    const keys = rows.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const language of ['en', 'de'] as const) {
      const names = rows.flatMap((row) => (row.shown ? [`${platformOf(row)} ${row.shown.name[language]}`] : []));
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    }
  });

  test.each(ROWS.filter(({ row }) => row.shown && 'value' in row))('$kind $row.key can be shown', ({ row }) => {
    expect(['id', 'boolean', 'long_text']).not.toContain(row.kind);
    expect(row.shown?.deviceClass === undefined || platformOf(row) === 'binary_sensor').toBe(true);
  });
});

describe('words', () => {
  test.each([
    { what: 'states of a task', ours: wordsOf(ENTITIES.task, 'status'), theirs: TASK_STATES },
    {
      what: 'results of a backup',
      ours: [...wordsOf(ENTITIES.task, 'last_result'), 'running'],
      theirs: RESULT_STATUSES,
    },
    { what: 'types of a task', ours: wordsOf(ENTITIES.task, 'type'), theirs: TASK_TYPES },
    { what: 'protections of a device', ours: wordsOf(ENTITIES.device, 'protection'), theirs: PROTECTIONS },
    {
      what: 'platforms of a device',
      ours: wordsOf(ENTITIES.device, 'platform'),
      theirs: [...Object.values(PLATFORM), 'unknown'],
    },
    { what: 'events', ours: [...NAS_EVENTS, 'backup_progress'], theirs: EVENTS },
    {
      what: 'events of a task',
      ours: [...TASK_EVENTS, 'backup_progress'],
      theirs: EVENTS.filter((event) => /^(?:backup_(?!unusual)|verification_|restore_)/.test(event)),
    },
  ])('for $what are complete', ({ ours, theirs }) => {
    expect([...ours].sort()).toEqual([...theirs].sort());
  });
});

test.each([
  { what: 'attributes', fields: ATTRIBUTE_FIELDS },
  { what: 'an event', fields: EVENT_FIELDS },
])('the keys of $what are not reserved by Home Assistant', ({ fields }) => {
  expect(fields.map(({ key }) => key).filter((key) => RESERVED.includes(key))).toEqual([]);
});

test.each([
  ...ATTRIBUTE_FIELDS,
  ...RESULT_FIELDS,
  ...DEVICE_FIELDS,
  ...EVENT_FIELDS,
] as readonly EntityDescription<never>[])('the field $key is described', ({ key, description }) => {
  expect(key).toMatch(/^[a-z][a-z_]*$/);
  expect(description).toMatch(/^[A-Z].*\.$/);
});
