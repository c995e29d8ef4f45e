import type { NodeAPI } from 'node-red';
import type { EventName, NasEvent } from '../monitor/events';
import { withNasName } from './nas-names';

/** Events whose text always contains the name of the NAS. */
const NAMES_THE_NAS: ReadonlySet<EventName> = new Set([
  'task_added',
  'task_removed',
  'storage_low',
  'storage_ok',
  'nas_online',
  'nas_offline',
]);

const CATALOGUE = 'node-red-contrib-synology-active-backup/events:text';

/**
 * The text of an event for a notification, in the language of the runtime: `PC-Finance: backup failed after 12 min: no
 * permission on the source`.
 * @param nas name of the NAS
 * @param severalNas whether each text has to contain that name: `Office NAS: PC-Finance: backup is overdue`
 */
export function eventText(RED: NodeAPI, event: NasEvent, nas: string, severalNas = false): string {
  const { task, result, device, storage, outageSeconds, error } = event;
  const sentence = RED._(`${CATALOGUE}.${event.event}`, {
    nas,
    task: task?.name ?? result?.taskName ?? '',
    device: device?.name ?? '',
    storage: storage?.shareName ?? '',
    free: freePercent(storage),
    percent: String(Math.floor(task?.progress?.percent ?? 0)),
    duration: durationText(RED, result?.durationSeconds ?? outageSeconds ?? null),
  });
  const text = withNasName(sentence, severalNas && !NAMES_THE_NAS.has(event.event) ? nas : null);
  const reason = result?.reason ?? error?.message ?? '';
  return reason === '' ? text : `${text}: ${reason}`;
}

/** A duration in at most two units: `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`; `?` for null. */
function durationText(RED: NodeAPI, seconds: number | null): string {
  if (seconds === null) return '?';
  const unit = (name: string, value: number): string => `${value} ${RED._(`${CATALOGUE}.unit.${name}`)}`;
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) return unit('second', Math.round(seconds));
  if (hours < 1) return unit('minute', minutes);
  if (hours < 24) return [unit('hour', hours), ...(minutes % 60 > 0 ? [unit('minute', minutes % 60)] : [])].join(' ');
  return [unit('day', Math.floor(hours / 24)), ...(hours % 24 > 0 ? [unit('hour', hours % 24)] : [])].join(' ');
}

/** One decimal; `?` when the volume of the storage is unknown. */
function freePercent(storage: NasEvent['storage']): string {
  const { totalBytes = null, freeBytes = null } = storage?.volume ?? {};
  return totalBytes === null || freeBytes === null ? '?' : ((100 * freeBytes) / totalBytes).toFixed(1);
}
