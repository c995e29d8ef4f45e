import { FINISHED_STATUSES, PLATFORMS, TASK_TYPES } from '../../active-backup/codes';
import type { TaskSnapshot } from '../../monitor/snapshot';
import { earliest, latest } from '../../active-backup/known-values';
import { hasSeveralDevices, isBackupRunning, lastFinishedBackup, lastResult } from '../backups';
import type { EntityDescription } from '../entity';
import { ownTasks, type ProtectedDevice } from '../published-items';

/** States of a protected device, the worst first. */
const PROTECTIONS = ['unprotected', 'failing', 'overdue', 'running', 'ok', 'unknown'] as const;

/**
 * Entities of a protected device. Results belong to tasks, so only a task of this device alone determines its state
 * (docs/facts/dsm.md §6.7).
 */
export const DEVICE_ENTITIES: readonly EntityDescription<ProtectedDevice>[] = [
  { key: 'device_id', kind: 'id', description: 'Number of the machine.', value: ({ device }) => device.id },
  { key: 'name', kind: 'text', description: 'Its host name.', value: ({ device }) => device.name },
  { key: 'type', kind: 'word', words: TASK_TYPES, description: 'What it is.', value: ({ device }) => device.type },
  {
    key: 'platform',
    kind: 'word',
    words: PLATFORMS,
    description: 'What it runs.',
    value: ({ device }) => device.platform,
  },
  { key: 'os', kind: 'text', description: 'What it runs, as its agent reports.', value: ({ device }) => device.os },
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
    description: 'Whether the backups of one of its tasks fail; null where only tasks of several machines protect it.',
    value: (source) => anyTask(source, ({ failing }) => failing),
    shown: {
      minDetail: 'minimal',
      name: { en: 'Last backup failed', de: 'Fehlgeschlagen' },
      deviceClass: 'problem',
    },
  },
  {
    key: 'overdue',
    kind: 'flag',
    description: 'Whether one of its tasks is overdue; null while none is and one of them is unknown.',
    value: (source) => anyTask(source, ({ task }) => task.overdue),
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
    value: (source) => latest(ownTasks(source).map(({ task }) => task.lastSuccessAt)),
    shown: {
      minDetail: 'minimal',
      name: { en: 'Last success', de: 'Letzter Erfolg' },
      icon: 'mdi:check-circle-outline',
    },
  },
  {
    key: 'last_result',
    kind: 'word',
    words: FINISHED_STATUSES,
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

function protection(source: ProtectedDevice): (typeof PROTECTIONS)[number] {
  const { tasks } = source;
  if (tasks === null) return 'unknown';
  if (tasks.length === 0) return 'unprotected';
  const isFailing = anyTask(source, ({ failing }) => failing);
  if (isFailing === true) return 'failing';
  if (anyTask(source, ({ task }) => task.overdue) === true) return 'overdue';
  if (ownTasks(source).some(isBackupRunning)) return 'running';
  return isFailing === null ? 'unknown' : 'ok';
}

/** Null when unknown, for a device without a task, and when only tasks of several devices could determine it. */
function anyTask({ tasks }: ProtectedDevice, predicate: (task: TaskSnapshot) => boolean | null): boolean | null {
  return tasks === null || tasks.length === 0
    ? null
    : anyOf(tasks.map((task) => (hasSeveralDevices(task) ? null : predicate(task))));
}

function lastOfAll(source: ProtectedDevice): string {
  if (source.tasks === null) return 'unknown';
  const tasks = ownTasks(source);
  if (tasks.length === 0) return source.tasks.length === 0 ? 'none' : 'unknown';
  const finished = tasks.map(lastFinishedBackup).filter((end) => end !== null);
  const end = latest(finished.map(({ endedAt }) => endedAt));
  const last = finished.find(({ endedAt }) => endedAt !== null && endedAt === end);
  return last?.status ?? tasks.map(lastResult).find((word) => word !== 'none') ?? 'none';
}

/** Whether any value is true; null when none is true and at least one is unknown. */
function anyOf(values: readonly (boolean | null)[]): boolean | null {
  if (values.includes(true)) return true;
  return values.includes(null) ? null : false;
}
