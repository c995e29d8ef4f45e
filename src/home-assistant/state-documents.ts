import { FINISHED_STATUSES, TASK_TYPES } from '../active-backup/codes';
import type { Device } from '../active-backup/types';
import type { BackupRecord, TaskSnapshot, NasSnapshot } from '../monitor/snapshot';
import { lastFinishedBackup, lastError, isCancellable } from './backups';
import { SCHEMA_VERSION, VALUE_KINDS, buildState, type StateField, type EntityDescription } from './entity';
import type { ReadonlyJsonObject, BridgeOptions, NasDescription } from './types';
import { byteLength } from './text';
import { topicsOf, type Topics } from './topics';
import { ENTITIES } from './entities';
import { itemsOf, type HaItem } from './items';

/** Half of the limit of Home Assistant's recorder, which omits attributes larger than 16 KiB. */
export const ATTRIBUTES_BYTES = 8 * 1024;
/** Maximum number of devices in the attributes. */
export const MAX_DEVICES = 20;
/** Maximum number of results in the attributes. */
export const MAX_RESULTS = 5;

/**
 * Attributes of a task: values that rarely change. None of the keys is reserved by Home Assistant, such as `name`,
 * `state` and `icon` (docs/facts/home-assistant.md §1.12).
 */
export const ATTRIBUTE_FIELDS: readonly StateField<TaskSnapshot>[] = [
  { key: 'task_id', kind: 'id', description: 'Number of the task.', value: ({ task }) => task.id },
  { key: 'task_name', kind: 'text', description: 'Name of the task.', value: ({ task }) => task.name },
  {
    key: 'type',
    kind: 'word',
    words: TASK_TYPES,
    description: 'The type of the machines that it protects.',
    value: ({ task }) => task.type,
  },
  {
    key: 'schedule',
    kind: 'text',
    description: 'When it runs, in English, in the local time of the NAS.',
    value: ({ task }) => task.schedule.text,
  },
  {
    key: 'retention',
    kind: 'text',
    description: 'Which versions it keeps, in English.',
    value: ({ task }) => task.retention.text,
  },
  { key: 'share', kind: 'text', description: 'The shared folder it writes to.', value: ({ task }) => task.shareName },
  { key: 'storage_id', kind: 'id', description: 'Number of its storage.', value: ({ task }) => task.storageId },
  {
    key: 'manual_allowed',
    kind: 'boolean',
    description: 'Whether DSM lets a person start it by hand.',
    value: ({ task }) => task.manualAllowed,
  },
  {
    key: 'managed',
    kind: 'boolean',
    description: 'Whether an ActiveProtect leader manages it, so that this NAS may refuse to start or cancel it.',
    value: ({ task }) => task.managed,
  },
  { key: 'type_code', kind: 'id', description: "DSM's number for `type`.", value: ({ task }) => task.typeCode },
  {
    key: 'status_code',
    kind: 'id',
    description: "DSM's number for the task's `status`; null while idle.",
    value: ({ task }) => task.stateCode,
  },
  {
    key: 'result_code',
    kind: 'id',
    description: "DSM's number for `last_result`.",
    value: (task) => lastFinishedBackup(task)?.statusCode ?? null,
  },
  {
    key: 'error',
    kind: 'long_text',
    description: 'Why the last backup did not succeed; null when it did, and when the NAS gives no reason.',
    value: lastError,
  },
  {
    key: 'failed_devices',
    kind: 'names',
    description:
      'Names of the machines whose backup failed in the last run, as many as there is room for; null while that is unknown.',
    value: ({ task }) => task.devicesFailed,
  },
  {
    key: 'device_count',
    kind: 'count',
    description: 'Number of machines that it protects, of which `devices` may name fewer.',
    value: ({ task }) => task.devices.length,
  },
];

/** Fields of a result in the attributes, newest first. */
export const RESULT_FIELDS: readonly StateField<BackupRecord>[] = [
  { key: 'result_id', kind: 'id', description: "DSM's number of the result.", value: ({ id }) => id },
  {
    key: 'status',
    kind: 'word',
    words: FINISHED_STATUSES,
    description: 'How it ended.',
    value: ({ status }) => status,
  },
  { key: 'status_code', kind: 'id', description: "DSM's number for it.", value: ({ statusCode }) => statusCode },
  { key: 'started_at', kind: 'time', description: 'When it began.', value: ({ startedAt }) => startedAt },
  { key: 'ended_at', kind: 'time', description: 'When it ended.', value: ({ endedAt }) => endedAt },
  { key: 'duration', kind: 'seconds', description: 'Duration.', value: (end) => end.durationSeconds },
  { key: 'transferred', kind: 'bytes', description: 'How much it transferred.', value: (end) => end.transferredBytes },
  {
    key: 'success_count',
    kind: 'count',
    description: 'Machines or items that succeeded, as the NAS counts; may be 0 whatever the status.',
    value: ({ successCount }) => successCount,
  },
  {
    key: 'warning_count',
    kind: 'count',
    description: 'Those with warnings.',
    value: ({ warningCount }) => warningCount,
  },
  { key: 'error_count', kind: 'count', description: 'Those that failed.', value: ({ errorCount }) => errorCount },
];

/** Fields of a device in the attributes. */
export const DEVICE_FIELDS: readonly StateField<Device>[] = [
  { key: 'name', kind: 'text', description: 'Host name.', value: ({ name }) => name },
  {
    key: 'online',
    kind: 'boolean',
    description: 'Whether its agent is connected; null for a machine without an agent.',
    value: ({ online }) => online,
  },
];

/** The attributes of a task as JSON smaller than {@link ATTRIBUTES_BYTES}; long lists are shortened at their end. */
export function attributesOf(snapshot: TaskSnapshot): string {
  const head: ReadonlyJsonObject = { schema: SCHEMA_VERSION, ...buildState(ATTRIBUTE_FIELDS, snapshot) };
  const results = snapshot.recent.slice(0, MAX_RESULTS).map((end) => buildState(RESULT_FIELDS, end));
  const devices = snapshot.task.devices.slice(0, MAX_DEVICES).map((device) => buildState(DEVICE_FIELDS, device));
  const failedDevices = VALUE_KINDS.names.toJson(snapshot.task.devicesFailed);
  const text = (): string => JSON.stringify({ ...head, failed_devices: failedDevices, results, devices });
  let json = text();
  for (const list of [devices, results, failedDevices ?? []]) {
    while (isTooLong(json) && list.length > 0) {
      list.pop();
      json = text();
    }
  }
  return json;
}

/** A character has at most three bytes for each unit of its length: most texts need not be encoded. */
function isTooLong(text: string): boolean {
  return text.length * 3 >= ATTRIBUTES_BYTES && byteLength(text) >= ATTRIBUTES_BYTES;
}

/** A retained message. */
export type StateDocument = readonly [topic: string, payload: string];

/**
 * The retained state of a NAS: topic → payload, the NAS first, without `bridge` and `connection`. Equal snapshots give
 * equal payloads, and nothing changes with time alone, so a caller that compares them publishes only changes.
 */
export function buildStateDocuments(
  snapshot: NasSnapshot,
  nas: NasDescription,
  options: Pick<BridgeOptions, 'baseTopic' | 'nasId' | 'devices'>,
): ReadonlyMap<string, string> {
  const topics = topicsOf(options.baseTopic, options.nasId);
  return new Map(itemsOf(snapshot, nas, options).flatMap((item) => itemDocuments(item, topics)));
}

/** The retained state of one item. @param topics of the NAS */
export function itemDocuments(item: HaItem, topics: Topics): StateDocument[] {
  switch (item.kind) {
    case 'nas':
      return [[topics.state, documentOf(ENTITIES.nas, item.source)]];
    case 'storage':
      return [[topics.storage(item.id).state, documentOf(ENTITIES.storage, item.source)]];
    case 'task': {
      const { state, attributes, active } = topics.task(item.id);
      return [
        [state, documentOf(ENTITIES.task, item.source)],
        [attributes, attributesOf(item.source)],
        [active, isCancellable(item.source) ? 'online' : 'offline'],
      ];
    }
    case 'device':
      return [[topics.device(item.id).state, documentOf(ENTITIES.device, item.source)]];
  }
}

function documentOf<Source>(rows: readonly EntityDescription<Source>[], source: Source): string {
  return JSON.stringify({ schema: SCHEMA_VERSION, ...buildState(rows, source) });
}
