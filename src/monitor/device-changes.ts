import type { Device, Task } from '../active-backup/types';
import type { NasEvent } from './events';
import { partOf, type MonitorState } from './monitor-state';

/** `device_online` and `device_offline` of the devices that were known before. */
export function deviceEvents(before: MonitorState, devices: readonly Device[]): Pick<NasEvent, 'event' | 'device'>[] {
  return devices.flatMap((device) => {
    const was = partOf(before.devices, device.id);
    if (typeof was !== 'boolean' || device.online === null || device.online === was) return [];
    return [{ event: device.online ? 'device_online' : 'device_offline', device } as const];
  });
}

/** The devices of the tasks, each once, since several tasks may protect it. */
export function devicesOf(tasks: readonly Task[]): Device[] {
  const devices = new Map<Device['id'], Device>();
  for (const task of tasks) for (const device of task.devices) devices.set(device.id, device);
  return [...devices.values()];
}

/** Devices without a task of which `online` is kept, because a response may lack some devices. */
const MAX_ABSENT_DEVICES = 200;

/**
 * Which devices are online, by id; the very same object when nothing has changed. Keeps the absent devices with the highest
 * ids: ids ascend, and an object has numeric keys in ascending order.
 */
export function withAbsentDevices(
  before: MonitorState['devices'],
  devices: readonly Device[],
): MonitorState['devices'] {
  const changed = devices.filter(({ id, online }) => partOf(before, id) !== online);
  const areAllKnown = changed.every(({ id }) => partOf(before, id) !== undefined);
  if (areAllKnown && Object.keys(before).length <= devices.length + MAX_ABSENT_DEVICES)
    return changed.length === 0 ? before : { ...before, ...onlineOf(changed) };
  const present = onlineOf(devices);
  const absent = Object.entries(before).filter(([id]) => !(id in present));
  return { ...Object.fromEntries(absent.slice(-MAX_ABSENT_DEVICES)), ...present };
}

/** Which devices are online, by id. */
export function onlineOf(devices: readonly Device[]): MonitorState['devices'] {
  return Object.fromEntries(devices.map(({ id, online }) => [String(id), online]));
}
