import { ATTRIBUTE_FIELDS, MAX_DEVICES, DEVICE_FIELDS, RESULT_FIELDS, MAX_RESULTS } from './state-documents';
import { ENTITIES } from './entities';
import { NAS_EVENTS } from './entities/nas';
import { TASK_EVENTS } from './entities/task';
import { stateFields, SCHEMA_VERSION, fieldSchema, type StateField, type EntityDescription } from './entity';
import { EVENT_FIELDS } from './events';
import { COMMAND_LIMITS } from '../settings/limits';
import type { ReadonlyJsonObject, JsonSchema } from './types';

/** Names of the schema files, one per kind of message. */
export type SchemaName =
  | 'bridge'
  | 'connection'
  | 'nas-state'
  | 'task-state'
  | 'task-attributes'
  | 'task-active'
  | 'storage-state'
  | 'device-state'
  | 'event'
  | 'task-event'
  | 'command'
  | 'task-command'
  | 'response';

/** The JSON Schema (draft 2020-12) of every topic. Plain text payloads are described as strings. */
export function schemas(): Record<SchemaName, JsonSchema> {
  const version = { schema: { description: 'Version of this document.', const: SCHEMA_VERSION } };
  const state = <Source>(title: string, description: string, rows: readonly EntityDescription<Source>[]): JsonSchema =>
    document(title, description, { ...version, ...properties(stateFields(rows)) });
  const event = (title: string, description: string, types: readonly string[]): JsonSchema =>
    document(title, description, {
      event_type: { description: 'What happened.', enum: types },
      ...properties(EVENT_FIELDS),
    });
  return {
    bridge: words('Bridge', 'Whether the bridge is connected to the broker. Plain text.', ['online', 'offline']),
    connection: words('Connection', 'Whether the NAS answers. Plain text.', ['online', 'offline']),
    'nas-state': state('NAS', 'The NAS as a whole.', ENTITIES.nas),
    'task-state': state('Task', 'A backup task.', ENTITIES.task),
    'task-attributes': document('Attributes of a task', 'What is worth knowing of a task beside its state.', {
      ...version,
      ...properties(ATTRIBUTE_FIELDS),
      results: list('The last backups that have ended, newest first.', MAX_RESULTS, RESULT_FIELDS),
      devices: list('The machines it protects, as many as there is room for.', MAX_DEVICES, DEVICE_FIELDS),
    }),
    'task-active': words('Active', 'Whether there is a run of the task that can be cancelled. Plain text.', [
      'online',
      'offline',
    ]),
    'storage-state': state('Storage', 'A storage: the shared folder on a volume that backups go to.', ENTITIES.storage),
    'device-state': state('Machine', 'A protected machine.', ENTITIES.device),
    event: event('Event', 'Something that happened on the NAS.', NAS_EVENTS),
    'task-event': event('Event of a task', 'Something that happened to the backups of a task.', TASK_EVENTS),
    command: command('Command', 'A command for the NAS. Its action alone, as plain text, will do, too.', ['refresh']),
    'task-command': command(
      'Command for a task',
      'A command for a task. Its action alone, as plain text, will do, too.',
      ['backup', 'cancel'],
    ),
    response: RESPONSE,
  };
}

const RESPONSE = document('Response', 'What became of a command.', {
  id: { description: 'The id of the command; null when it had none.', type: ['string', 'null'] },
  action: { description: 'The action of the command; null when it cannot be read.', type: ['string', 'null'] },
  status: {
    description:
      '`rejected`: refused, nothing was sent to the NAS; `accepted`: it is being carried out, another response follows; `done`: the NAS has accepted it; `error`: the NAS has not.',
    enum: ['accepted', 'rejected', 'done', 'error'],
  },
  reason: {
    description: 'Why it was rejected, mostly in one word, or the error as readable text; else null.',
    type: ['string', 'null'],
  },
  code: { description: 'The code of the error, as in Node-RED; null when there is none.', type: ['string', 'null'] },
  ts: { description: 'When the response was made (ISO 8601, UTC).', type: 'string' },
});

function properties<Source>(fields: readonly StateField<Source>[]): Record<string, JsonSchema> {
  return Object.fromEntries(fields.map((field) => [field.key, fieldSchema(field)]));
}

/** A JSON object with exactly these fields. */
function document(title: string, description: string, all: Record<string, JsonSchema>): JsonSchema {
  return { ...header(title, description), ...object(all, Object.keys(all)) };
}

function words(title: string, description: string, all: readonly string[]): JsonSchema {
  return { ...header(title, description), enum: all };
}

function command(title: string, description: string, actions: readonly string[]): JsonSchema {
  const all = {
    action: { description: 'What to do.', enum: actions },
    id: {
      description: 'Anything; comes back in the responses. The same one is taken once in ten minutes.',
      type: ['string', 'number'],
      maxLength: COMMAND_LIMITS.maxIdLength,
    },
    ts: {
      description:
        'When the command was given: ISO 8601, or milliseconds or seconds since 1970. A stale one is refused.',
      type: ['string', 'number'],
    },
    ttl: {
      description: `For how many seconds from \`ts\` on it is good; ${COMMAND_LIMITS.defaultTtlSeconds} unless given.`,
      type: 'number',
      exclusiveMinimum: 0,
      maximum: COMMAND_LIMITS.maxTtlSeconds,
    },
  };
  return { ...header(title, description), ...object(all, ['action']) };
}

function list<Source>(description: string, most: number, fields: readonly StateField<Source>[]): JsonSchema {
  const items = properties(fields);
  return { description, type: 'array', maxItems: most, items: object(items, Object.keys(items)) };
}

function object(all: Record<string, JsonSchema>, required: readonly string[]): ReadonlyJsonObject {
  return { type: 'object', properties: all, required, additionalProperties: false };
}

function header(title: string, description: string): ReadonlyJsonObject {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title, description };
}
