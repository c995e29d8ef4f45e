import type { NodeAPI } from 'node-red';
import type { Device, Share, Storage, Task } from '../../active-backup/types';
import type { ActiveBackup } from '../../active-backup/active-backup';
import { getNas } from '../nas-registry';

/** One thing to choose in the editor: what is stored, how it is shown, and what helps to tell it from others. */
export interface PickerItem {
  value: number | string;
  label: string;
  type?: string;
  /** Status of the last backup. */
  result?: string | null;
  nextRunAt?: string | null;
  online?: boolean | null;
}

const SHARE = 'SYNO.ActiveBackup.Share';

/** What can be chosen, by the word in the URL. */
export const PICKERS = {
  tasks: async (nas: ActiveBackup): Promise<PickerItem[]> => (await nas.listTasks()).map(taskChoice),
  devices: async (nas: ActiveBackup): Promise<PickerItem[]> => {
    const devices = (await nas.listTasks()).flatMap((task) => task.devices);
    return [...new Map(devices.map((device) => [device.id, deviceChoice(device)])).values()];
  },
  shares: async (nas: ActiveBackup): Promise<PickerItem[]> =>
    ((await nas.call({ api: SHARE, method: 'list' })).payload as Share[]).map(({ name }) => choice(name, name)),
  storages: async (nas: ActiveBackup): Promise<PickerItem[]> =>
    ((await nas.call({ api: SHARE, method: 'list_storage' })).payload as Storage[]).map(storageChoice),
} as const satisfies Record<string, (nas: ActiveBackup) => Promise<PickerItem[]>>;

/** The word of a list. */
export type ListName = keyof typeof PICKERS;

/** What a deployed NAS has to choose from. @throws DsmError ECONFIG when it is not deployed, else as the NAS causes */
export async function listItems(RED: NodeAPI, id: string, name: ListName): Promise<PickerItem[]> {
  const choices = await PICKERS[name](getNas(RED, id).activeBackup);
  return choices.filter(({ value }) => value !== '').sort((one, other) => one.label.localeCompare(other.label));
}

function taskChoice({ id, name, type, lastResult, nextRunAt }: Task): PickerItem {
  return { ...choice(id, name), type, result: lastResult?.status ?? null, nextRunAt };
}

function deviceChoice({ id, name, type, online }: Device): PickerItem {
  return { ...choice(id, name), type, online };
}

function storageChoice({ id, shareName, volumePath }: Storage): PickerItem {
  return choice(id, [shareName, volumePath].filter((part) => part !== null).join(' · '));
}

function choice(value: number | string | null, label: string | null): PickerItem {
  return { value: value ?? '', label: label ?? String(value) };
}
