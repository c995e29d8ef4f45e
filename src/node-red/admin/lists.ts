import type { NodeAPI } from 'node-red';
import type { Device, Share, Storage, Task } from '../../active-backup/types';
import type { ActiveBackup } from '../../active-backup/active-backup';
import { nasOf } from '../registry';

/** One thing to choose in the editor: what is stored, how it is shown, and what helps to tell it from others. */
export interface Choice {
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
export const LISTS = {
  tasks: async (nas: ActiveBackup): Promise<Choice[]> => (await nas.listTasks()).map(taskChoice),
  devices: async (nas: ActiveBackup): Promise<Choice[]> => {
    const devices = (await nas.listTasks()).flatMap((task) => task.devices);
    return [...new Map(devices.map((device) => [device.id, deviceChoice(device)])).values()];
  },
  shares: async (nas: ActiveBackup): Promise<Choice[]> =>
    ((await nas.call({ api: SHARE, method: 'list' })).payload as Share[]).map(({ name }) => choice(name, name)),
  storages: async (nas: ActiveBackup): Promise<Choice[]> =>
    ((await nas.call({ api: SHARE, method: 'list_storage' })).payload as Storage[]).map(storageChoice),
} as const satisfies Record<string, (nas: ActiveBackup) => Promise<Choice[]>>;

/** The word of a list. */
export type ListName = keyof typeof LISTS;

/** What a deployed NAS has to choose from. @throws DsmError ECONFIG when it is not deployed, else as the NAS causes */
export async function listOf(RED: NodeAPI, id: string, name: ListName): Promise<Choice[]> {
  const choices = await LISTS[name](nasOf(RED, id).activeBackup);
  return choices.filter(({ value }) => value !== '').sort((one, other) => one.label.localeCompare(other.label));
}

function taskChoice({ id, name, type, lastResult, nextRunAt }: Task): Choice {
  return { ...choice(id, name), type, result: lastResult?.status ?? null, nextRunAt };
}

function deviceChoice({ id, name, type, online }: Device): Choice {
  return { ...choice(id, name), type, online };
}

function storageChoice({ id, shareName, volumePath }: Storage): Choice {
  return choice(id, [shareName, volumePath].filter((part) => part !== null).join(' · '));
}

function choice(value: number | string | null, label: string | null): Choice {
  return { value: value ?? '', label: label ?? String(value) };
}
