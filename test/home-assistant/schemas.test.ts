import { expect, test } from 'vitest';
import { schemas, type SchemaName } from '../../src/home-assistant/schemas';
import { faultsOf } from './schema-check';

test.each(Object.entries(schemas()))(
  'the schema of %s has descriptions of itself and of each property',
  (_, schema) => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: expect.stringMatching(/\w/),
      description: expect.stringMatching(/\.$/),
    });
    for (const property of Object.values((schema['properties'] ?? {}) as object))
      expect(property).toMatchObject({ description: expect.stringMatching(/\.$/) });
  },
);

test.each<{ name: SchemaName; payload: string }>([
  { name: 'task-state', payload: '{}' },
  { name: 'bridge', payload: 'away' },
  { name: 'task-command', payload: '{"action":"remove"}' },
  { name: 'task-command', payload: '{"action":"backup","ttl":0}' },
  { name: 'command', payload: '{"action":"backup"}' },
  { name: 'event', payload: '{"event_type":"backup_progress"}' },
])('the schema of $name rejects $payload', ({ name, payload }) => {
  expect(faultsOf(name, payload)).not.toEqual([]);
});

test.each<{ name: SchemaName; payload: string }>([
  { name: 'bridge', payload: 'online' },
  { name: 'connection', payload: 'offline' },
  { name: 'command', payload: '{"action":"refresh"}' },
  { name: 'task-command', payload: '{"action":"backup","id":"a1","ts":"2026-02-28T12:00:00Z","ttl":60}' },
  { name: 'task-command', payload: '{"action":"cancel","id":7,"ts":1772280000000}' },
  {
    name: 'response',
    payload:
      '{"id":"a1","action":"backup","status":"rejected","reason":"stale","code":null,"ts":"2026-02-28T12:00:00.000Z"}',
  },
])('the schema of $name accepts $payload', ({ name, payload }) => {
  expect(faultsOf(name, payload)).toEqual([]);
});
