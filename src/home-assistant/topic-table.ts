import type { SchemaName } from './schemas';

/** One row of the topic documentation. */
export interface TopicRow {
  /** Below `<baseTopic>/<nasId>/`. */
  readonly path: string;
  readonly schema: SchemaName;
  /** `out`: published by the bridge; `in`: subscribed by the bridge. */
  readonly direction: 'out' | 'in';
  readonly isRetained: boolean;
  readonly description: string;
}

/** All topics of a bridge except those of Home Assistant. All use QoS 1. */
export const TOPIC_TABLE: readonly TopicRow[] = [
  retained('bridge', 'bridge', '`online` or `offline`: whether the bridge is running. `offline` is its last will'),
  retained('connection', 'connection', '`online` or `offline`: whether the NAS answers'),
  retained('state', 'nas-state', 'the NAS as a whole'),
  event('event', 'event', 'all events of the NAS'),
  command('command', 'command', '`refresh`'),
  event('response', 'response', 'response to a command for the NAS'),
  retained('task/<taskId>/state', 'task-state', 'a backup task'),
  retained('task/<taskId>/attributes', 'task-attributes', 'further details of it'),
  retained('task/<taskId>/active', 'task-active', '`online` or `offline`: whether a run of it can be cancelled'),
  event('task/<taskId>/event', 'task-event', 'events of its backups'),
  command('task/<taskId>/command', 'task-command', '`backup` or `cancel`'),
  event('task/<taskId>/response', 'response', 'response to a command for it'),
  retained('storage/<storageId>/state', 'storage-state', 'a storage for backups'),
  retained('device/<deviceId>/state', 'device-state', 'a protected machine, if machines are enabled'),
];

function retained(path: string, schema: SchemaName, description: string): TopicRow {
  return { path, schema, direction: 'out', isRetained: true, description };
}

function event(path: string, schema: SchemaName, description: string): TopicRow {
  return { path, schema, direction: 'out', isRetained: false, description };
}

function command(path: string, schema: SchemaName, description: string): TopicRow {
  return { path, schema, direction: 'in', isRetained: false, description };
}
