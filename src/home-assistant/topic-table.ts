import type { SchemaName } from './schemas';

/** A topic for the documentation. */
export interface TopicRow {
  /** Below `<baseTopic>/<nasId>/`. */
  readonly path: string;
  readonly schema: SchemaName;
  /** `out`: the bridge publishes it; `in`: the bridge listens to it. */
  readonly direction: 'out' | 'in';
  readonly isRetained: boolean;
  readonly description: string;
}

/** Every topic of a bridge but those of Home Assistant. All are QoS 1. */
export const TOPIC_TABLE: readonly TopicRow[] = [
  held('bridge', 'bridge', '`online` or `offline`: whether the bridge is there. `offline` is its last will'),
  held('connection', 'connection', '`online` or `offline`: whether the NAS answers'),
  held('state', 'nas-state', 'the NAS as a whole'),
  told('event', 'event', 'whatever happens on the NAS'),
  taken('command', 'command', '`refresh`'),
  told('response', 'response', 'what became of a command for the NAS'),
  held('task/<taskId>/state', 'task-state', 'a backup task'),
  held('task/<taskId>/attributes', 'task-attributes', 'what else is known of it'),
  held('task/<taskId>/active', 'task-active', '`online` or `offline`: whether a run of it can be cancelled'),
  told('task/<taskId>/event', 'task-event', 'what happens to its backups'),
  taken('task/<taskId>/command', 'task-command', '`backup` or `cancel`'),
  told('task/<taskId>/response', 'response', 'what became of a command for it'),
  held('storage/<storageId>/state', 'storage-state', 'a storage that backups go to'),
  held('device/<deviceId>/state', 'device-state', 'a protected machine, if machines are switched on'),
];

function held(path: string, schema: SchemaName, description: string): TopicRow {
  return { path, schema, direction: 'out', isRetained: true, description };
}

function told(path: string, schema: SchemaName, description: string): TopicRow {
  return { path, schema, direction: 'out', isRetained: false, description };
}

function taken(path: string, schema: SchemaName, description: string): TopicRow {
  return { path, schema, direction: 'in', isRetained: false, description };
}
