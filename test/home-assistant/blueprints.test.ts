import { describe, expect, test } from 'vitest';
import { platformOf } from '../../src/home-assistant/components';
import { ENTITIES } from '../../src/home-assistant/entities';
import { TASK_EVENTS } from '../../src/home-assistant/entities/task';
import type { EntityDescription } from '../../src/home-assistant/entity';
import { EVENT_FIELDS } from '../../src/home-assistant/events';
import { manifest } from '../support/built';
import { blueprints, Chosen, inputsOf, walk, type Blueprint } from './blueprints';

const ALL = blueprints();
const ROWS = Object.values<readonly EntityDescription<never>[]>(ENTITIES).flat();
/** Event variables that a blueprint may use. */
const ATTRIBUTES = ['event_type', 'friendly_name', ...EVENT_FIELDS.map(({ key }) => key)];
/** Automation keywords of Home Assistant before 2024.10. */
const OUTDATED = { outside: ['trigger', 'condition', 'action'], inside: ['service', 'platform'] };

test('there is one for each use case', () => {
  expect(ALL.map(({ file }) => file).sort()).toEqual([
    'back-up-before-update.yaml',
    'backup-failed.yaml',
    'backup-overdue.yaml',
    'nas-silent.yaml',
    'storage-low.yaml',
  ]);
});

describe.each(ALL)('$file', ({ path, text, content }) => {
  const { blueprint, ...automation } = content;
  const inputs = inputsOf(content);

  test('has a name, a source and its requirements', () => {
    const { url } = manifest.repository as { url: string };
    expect(blueprint.name).toMatch(/^Active Backup: /);
    expect(blueprint.description).toContain('active-backup-mqtt-bridge');
    expect(blueprint).toMatchObject({
      domain: 'automation',
      source_url: `${url.replace(/^git\+|\.git$/g, '')}/blob/main/${path}`,
      homeassistant: { min_version: '2024.12.0' },
    });
  });

  test('uses exactly its inputs', () => {
    const used = [...walk(automation)].flatMap(({ value }) => (value instanceof Chosen ? [value.name] : []));
    expect(new Set(used)).toEqual(new Set(inputs.map(([name]) => name)));
  });

  test.each(inputs)('explains %s', (_, { name, description }) => {
    expect(name).toMatch(/^[A-Z]/);
    expect(description).toMatch(/\.$/);
  });

  test('selects only entities of the bridge, or any updates', () => {
    const filters = inputs.flatMap(([, { selector }]) => selector?.['entity']?.filter ?? []);
    expect(filters.length).toBeGreaterThan(0);
    for (const filter of filters.filter(({ domain }) => domain !== 'update')) {
      expect(filter.integration).toBe('mqtt');
      const announced = ROWS.filter((row) => row.shown !== undefined && platformOf(row) === filter.domain);
      expect(announced.map(({ shown }) => shown?.deviceClass)).toContain(filter.device_class);
    }
  });

  test('requires only entities to be selected', () => {
    const needed = inputs.filter(([, input]) => input.default === undefined);
    expect(needed.flatMap(([, { selector }]) => Object.keys(selector ?? {}))).toEqual(needed.map(() => 'entity'));
  });

  test('uses the automation syntax since Home Assistant 2024.10', () => {
    expect(Object.keys(automation)).toEqual(expect.arrayContaining(['triggers', 'actions', 'mode']));
    expect(Object.keys(automation).filter((key) => OUTDATED.outside.includes(key))).toEqual([]);
    expect([...walk(automation)].filter(({ key }) => OUTDATED.inside.includes(key))).toEqual([]);
  });

  test('refers only to existing events and their fields', () => {
    const events = [...text.matchAll(/\bbackup_[a-z]+\b/g)].map(([event]) => event);
    expect(TASK_EVENTS).toEqual(expect.arrayContaining(events));
    const attributes = [
      ...text.matchAll(/\.attributes\.(\w+)/g),
      ...text.matchAll(/state_attr\(event, '(\w+)'\)/g),
    ].map(([, attribute]) => attribute);
    expect(ATTRIBUTES).toEqual(expect.arrayContaining(attributes));
  });

  test('documents only existing variables', () => {
    const variables = [...walk(automation)].flatMap(({ key, value }) =>
      key === 'variables' ? Object.keys(value as object) : [],
    );
    const promised = inputs.flatMap(([, { description = '', default: preset }]) =>
      [...`${description} ${JSON.stringify(preset)}`.matchAll(/\{\{ (\w+) \}\}/g)].map(([, name]) => name),
    );
    expect(promised).toContain('message');
    expect(variables).toEqual(expect.arrayContaining(promised));
  });

  test('uses the names of entities and nodes', () => {
    const names = [
      ...ROWS.flatMap(({ shown }) => shown?.name.en ?? []),
      ...Object.keys(manifest['node-red'].nodes).map((node) => `active-backup-${node}`),
    ];
    expect(names).toEqual(expect.arrayContaining(namesIn(content)));
  });
});

/** Text in italics. */
function namesIn(content: Blueprint): string[] {
  const descriptions = [content.blueprint, ...inputsOf(content).map(([, input]) => input)];
  return descriptions
    .flatMap(({ description = '' }) => [...description.matchAll(/\*([^*]+)\*/g)])
    .flatMap(([, name]) => name ?? []);
}
