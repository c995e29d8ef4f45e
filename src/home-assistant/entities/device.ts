import type { Platform } from '../../active-backup/codes';
import type { TaskSnapshot } from '../../monitor/snapshot';
import { anyOf, earliest, latest } from '../arithmetic';
import { hasSeveralDevices, isBackupRunning, lastFinishedBackup, lastResult } from '../backups';
import type { EntityDescription } from '../entity';
import { ownTasks, type ProtectedDevice } from '../published-items';
import { RESULTS, TYPES } from './task';

/** Operating systems of a device. */
export const PLATFORMS = ['windows', 'linux', 'macos', 'dsm', 'none', 'unknown'] as const satisfies readonly Platform[];

/** States of a protected device, the worst first. */
export const PROTECTIONS = ['unprotected', 'failing', 'overdue', 'running', 'ok', 'unknown'] as const;

/**
 * Entities of a protected device. Results belong to tasks, so only a task of this device alone determines its state
 * (docs/facts/dsm.md §6.7).
 */
export const DEVICE_ENTITIES: readonly EntityDescription<ProtectedDevice>[] = [
  { key: 'device_id', kind: 'id', description: 'Number of the machine.', value: ({ device }) => device.id },
  { key: 'name', kind: 'text', description: 'Its host name.', value: ({ device }) => device.name },
  { key: 'type', kind: 'word', words: TYPES, description: 'What it is.', value: ({ device }) => device.type },
  {
    key: 'platform',
    kind: 'word',
    words: PLATFORMS,
    description: 'What it runs.',
    value: ({ device }) => device.platform,
  },
  { key: 'os', kind: 'text', description: 'What it runs, as it says itself.', value: ({ device }) => device.os },
  {
    key: 'status',
    kind: 'word',
    words: PROTECTIONS,
    description:
      'How it stands, the worst first: no task protects it, the backups of a task fail, are overdue, a backup runs, all is well.',
    value: protection,
    shown: { minDetail: 'minimal', name: { en: 'Status', de: 'Status' }, icon: 'mdi:shield-check-outline' },
  },
  {
    key: 'problem',
    kind: 'flag',
    description: 'Whether the backups of one of its tasks fail; null where only a task of several machines could tell.',
    value: (machine) => anyTask(machine, ({ failing }) => failing),
    shown: {
      minDetail: 'minimal',
      name: { en: 'Last backup failed', de: 'Fehlgeschlagen' },
      deviceClass: 'problem',
    },
  },
  {
    key: 'overdue',
    kind: 'flag',
    description: 'Whether one of its tasks is overdue; null while none is and of one nobody can say.',
    value: (machine) => anyTask(machine, ({ task }) => task.overdue),
    shown: { minDetail: 'minimal', name: { en: 'Backup overdue', de: 'Überfällig' }, deviceClass: 'problem' },
  },
  {
    key: 'connected',
    kind: 'flag',
    description:
      'Whether its agent is connected to the NAS; null for what has no agent: virtual machines, file servers.',
    value: ({ device }) => device.online,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Connected', de: 'Verbunden' },
      deviceClass: 'connectivity',
    },
    appliesTo: ({ device }) => device.online !== null,
  },
  {
    key: 'last_success',
    kind: 'time',
    description: 'When a backup of a task of this machine alone last succeeded.',
    value: (machine) => latest(ownTasks(machine).map(({ task }) => task.lastSuccessAt)),
    shown: {
      minDetail: 'minimal',
      name: { en: 'Last success', de: 'Letzter Erfolg' },
      icon: 'mdi:check-circle-outline',
    },
  },
  {
    key: 'last_result',
    kind: 'word',
    words: RESULTS,
    description: 'How the last backup of its tasks ended; `unknown` when all of them protect other machines, too.',
    value: lastOfAll,
    shown: {
      minDetail: 'standard',
      name: { en: 'Last result', de: 'Letztes Ergebnis' },
      icon: 'mdi:clipboard-check-outline',
    },
  },
  {
    key: 'next_run',
    kind: 'time',
    description: 'When one of its tasks runs next; null without a schedule.',
    value: ({ tasks }) => earliest((tasks ?? []).map(({ task }) => task.nextRunAt)),
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Next backup', de: 'Nächster Lauf' },
      icon: 'mdi:calendar-clock',
    },
  },
  {
    key: 'task_count',
    kind: 'count',
    description: 'How many tasks protect it.',
    value: ({ tasks }) => tasks?.length ?? null,
    shown: {
      minDetail: 'full',
      diagnostic: true,
      name: { en: 'Tasks', de: 'Aufgaben' },
      icon: 'mdi:format-list-bulleted',
    },
  },
  {
    key: 'address',
    kind: 'text',
    description: 'Its IP address.',
    value: ({ device }) => device.address,
    shown: {
      minDetail: 'full',
      diagnostic: true,
      name: { en: 'IP address', de: 'IP-Adresse' },
      icon: 'mdi:ip-network-outline',
    },
  },
];

function protection(machine: ProtectedDevice): (typeof PROTECTIONS)[number] {
  const { tasks } = machine;
  if (tasks === null) return 'unknown';
  if (tasks.length === 0) return 'unprotected';
  const isFailing = anyTask(machine, ({ failing }) => failing);
  if (isFailing === true) return 'failing';
  if (anyTask(machine, ({ task }) => task.overdue) === true) return 'overdue';
  if (ownTasks(machine).some(isBackupRunning)) return 'running';
  return isFailing === null ? 'unknown' : 'ok';
}

/** Null when unknown, for a device without a task, and when only tasks of several devices could determine it. */
function anyTask({ tasks }: ProtectedDevice, isSo: (task: TaskSnapshot) => boolean | null): boolean | null {
  return tasks === null || tasks.length === 0
    ? null
    : anyOf(tasks.map((task) => (hasSeveralDevices(task) ? null : isSo(task))));
}

function lastOfAll(machine: ProtectedDevice): string {
  if (machine.tasks === null) return 'unknown';
  const tasks = ownTasks(machine);
  if (tasks.length === 0) return machine.tasks.length === 0 ? 'none' : 'unknown';
  const ends = tasks.map(lastFinishedBackup).filter((end) => end !== null);
  const end = latest(ends.map(({ endedAt }) => endedAt));
  const last = ends.find(({ endedAt }) => endedAt !== null && endedAt === end);
  return last?.status ?? tasks.map(lastResult).find((word) => word !== 'none') ?? 'none';
}
