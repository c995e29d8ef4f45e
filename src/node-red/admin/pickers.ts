import type { NodeAPI } from 'node-red';
import type { ActiveBackup } from '../../active-backup/active-backup';
import type { Storage } from '../../active-backup/storage-types';
import type { Device, Task } from '../../active-backup/types';
import { getNas } from '../nas-registry';
import type { PickerItem } from './responses';

/** The lists that pickers load, by their name in the URL. */
export const PICKERS = {
  tasks: async (nas: ActiveBackup): Promise<PickerItem[]> => (await nas.listTasks()).map(taskItem),
  devices: async (nas: ActiveBackup): Promise<PickerItem[]> => {
    const devices = (await nas.listTasks()).flatMap((task) => task.devices);
    return [...new Map(devices.map((device) => [device.id, deviceItem(device)])).values()];
  },
  shares: async (nas: ActiveBackup): Promise<PickerItem[]> =>
    (await nas.listShares()).map(({ name }) => pickerItem(name, name)),
  storages: async (nas: ActiveBackup): Promise<PickerItem[]> => (await nas.listStorages()).map(storageItem),
} as const satisfies Record<string, (nas: ActiveBackup) => Promise<PickerItem[]>>;

/** The name of a list. */
export type PickerName = keyof typeof PICKERS;

/** Reads a list from a deployed NAS, sorted by label. @throws DsmError ECONFIG when it is not deployed, else as its calls do */
export async function listItems(RED: NodeAPI, id: string, name: PickerName): Promise<PickerItem[]> {
  return readItems(getNas(RED, id).activeBackup, name);
}

/** Reads a list, sorted by label. @throws DsmError as its calls do */
export async function readItems(nas: ActiveBackup, name: PickerName): Promise<PickerItem[]> {
  const items = await PICKERS[name](nas);
  return items.filter(({ value }) => value !== '').sort((one, other) => one.label.localeCompare(other.label));
}

function taskItem({ id, name, type, lastResult, nextRunAt }: Task): PickerItem {
  return { ...pickerItem(id, name), type, result: lastResult?.status ?? null, nextRunAt };
}

function deviceItem({ id, name, type, online }: Device): PickerItem {
  return { ...pickerItem(id, name), type, online };
}

function storageItem({ id, shareName, volumePath }: Storage): PickerItem {
  return pickerItem(id, [shareName, volumePath].filter((part) => part !== null).join(' · '));
}

function pickerItem(value: number | string | null, label: string | null): PickerItem {
  return { value: value ?? '', label: label ?? String(value) };
}
