import type { NasEvent } from './events';

/** A log line for an event. It has ids and no names, because users choose the names: `Event backup_failed: task 3, result 17, failed`. */
export function eventLine({ event, task, result, device, storage, late }: NasEvent): string {
  const taskId = task?.id ?? result?.taskId;
  const parts = [
    ...(taskId === undefined || taskId === null ? [] : [`task ${taskId}`]),
    ...(result === undefined ? [] : [`result ${result.id ?? '?'}`, result.status]),
    ...(device === undefined ? [] : [`device ${device.id ?? '?'}`]),
    ...(storage === undefined ? [] : [`storage ${storage.id ?? '?'}`]),
    ...(late ? ['late'] : []),
  ];
  return `Event ${event}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}
