import { FINISHED_STATUSES } from '../active-backup/codes';
import type { EventName, NasEvent } from '../monitor/events';
import { topicsOf } from './topics';
import { NAS_EVENTS } from './entities/nas';
import { TASK_EVENTS } from './entities/task';
import { buildState, type StateField } from './entity';
import type { BridgeOptions } from './types';

/** An event and its NAS. */
interface EventSource {
  readonly event: NasEvent;
  readonly nasId: string;
}

/** Fields of an event; fields that do not apply are null. */
export const EVENT_FIELDS: readonly StateField<EventSource>[] = [
  {
    key: 'at',
    kind: 'time',
    description: 'When it happened, as precisely as known.',
    value: ({ event }) => event.at,
  },
  {
    key: 'late',
    kind: 'boolean',
    description: 'Whether it happened while the NAS was not polled, such as during a restart of Node-RED.',
    value: ({ event }) => event.late,
  },
  { key: 'nas', kind: 'text', description: 'The id of the NAS, as in the topics.', value: ({ nasId }) => nasId },
  {
    key: 'task_id',
    kind: 'id',
    description: 'Number of the task.',
    value: ({ event }) => taskIdOf(event),
  },
  {
    key: 'task_name',
    kind: 'text',
    description: 'Name of the task.',
    value: ({ event }) => event.task?.name ?? event.result?.taskName ?? null,
  },
  {
    key: 'result_id',
    kind: 'id',
    description: "DSM's number of the result of a backup, verification or restore; each result is sent once.",
    value: ({ event }) => event.result?.id ?? null,
  },
  {
    key: 'status',
    kind: 'word',
    words: FINISHED_STATUSES.filter((word) => word !== 'unknown'),
    description: 'How the backup, verification or restore ended.',
    value: ({ event }) => event.result?.status ?? null,
  },
  {
    key: 'started_at',
    kind: 'time',
    description: 'When it began.',
    value: ({ event }) => event.result?.startedAt ?? null,
  },
  {
    key: 'ended_at',
    kind: 'time',
    description: 'When it ended.',
    value: ({ event }) => event.result?.endedAt ?? null,
  },
  {
    key: 'duration',
    kind: 'seconds',
    description: 'Duration.',
    value: ({ event }) => event.result?.durationSeconds ?? null,
  },
  {
    key: 'transferred',
    kind: 'bytes',
    description: 'How much it transferred.',
    value: ({ event }) => event.result?.transferredBytes ?? null,
  },
  {
    key: 'success_count',
    kind: 'count',
    description: 'Machines or items of it that succeeded, as the NAS counts; may be 0 whatever the status.',
    value: ({ event }) => event.result?.successCount ?? null,
  },
  {
    key: 'warning_count',
    kind: 'count',
    description: 'Those with warnings.',
    value: ({ event }) => event.result?.warningCount ?? null,
  },
  {
    key: 'error_count',
    kind: 'count',
    description: 'Those that failed.',
    value: ({ event }) => event.result?.errorCount ?? null,
  },
  {
    key: 'reason',
    kind: 'long_text',
    description:
      'Why it did not succeed, why a start or cancel was refused, or why the NAS does not answer, as readable text.',
    value: ({ event }) => event.result?.reason ?? event.error?.message ?? null,
  },
  {
    key: 'failed_devices',
    kind: 'names',
    description: 'The machines whose backup failed in this run, where the NAS reports the outcome of each.',
    value: ({ event }) => failedDevicesOf(event),
  },
  {
    key: 'device_id',
    kind: 'id',
    description: 'Number of the machine.',
    value: ({ event }) => event.device?.id ?? null,
  },
  {
    key: 'device_name',
    kind: 'text',
    description: 'Host name of the machine.',
    value: ({ event }) => event.device?.name ?? null,
  },
  {
    key: 'storage_id',
    kind: 'id',
    description: 'Number of the storage.',
    value: ({ event }) => event.storage?.id ?? null,
  },
  {
    key: 'storage_name',
    kind: 'text',
    description: 'Shared folder of the storage.',
    value: ({ event }) => event.storage?.shareName ?? null,
  },
  {
    key: 'storage_free',
    kind: 'bytes',
    description: 'Free space on the volume of the storage.',
    value: ({ event }) => event.storage?.volume?.freeBytes ?? null,
  },
  {
    key: 'storage_full_at',
    kind: 'time',
    description: 'When the volume of the storage is full at its present growth.',
    value: ({ event }) => event.storage?.fullAt ?? null,
  },
  {
    key: 'outage',
    kind: 'seconds',
    description: 'Of `nas_online`: how long the NAS was away.',
    value: ({ event }) => event.outageSeconds ?? null,
  },
];

const OF_NAS: ReadonlySet<EventName> = new Set(NAS_EVENTS);
const OF_TASK: ReadonlySet<EventName> = new Set(TASK_EVENTS);

/**
 * The messages of an event: one to the topic of the NAS, and one to that of the task if it concerns a backup. None for
 * progress.
 */
export function eventMessages(
  event: NasEvent,
  { baseTopic, nasId }: Pick<BridgeOptions, 'baseTopic' | 'nasId'>,
): { topic: string; payload: string }[] {
  if (!OF_NAS.has(event.event)) return [];
  const topics = topicsOf(baseTopic, nasId);
  const payload = JSON.stringify({ event_type: event.event, ...buildState(EVENT_FIELDS, { event, nasId }) });
  const taskId = OF_TASK.has(event.event) ? taskIdOf(event) : null;
  const isTopic = taskId !== null && Number.isSafeInteger(taskId) && taskId >= 0;
  return [{ topic: topics.event, payload }, ...(isTopic ? [{ topic: topics.task(taskId).event, payload }] : [])];
}

function taskIdOf({ task, result }: NasEvent): number | null {
  return task?.id ?? result?.taskId ?? null;
}

function failedDevicesOf({ result }: NasEvent): string[] | null {
  const failed = result?.devices?.filter(({ status }) => status === 'failed');
  return failed?.flatMap(({ name }) => name ?? []) ?? null;
}
