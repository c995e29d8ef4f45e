import type { EventName } from '../../monitor/events';
import type { NasSnapshot, TaskSnapshot } from '../../monitor/snapshot';
import { earliest, latest } from '../../active-backup/known-values';
import { isBackupRunning, lastResult, isScheduled } from '../backups';
import type { EntityDescription } from '../entity';
import type { NasDescription } from '../types';
import { protectedDevices, storagesOf, tasksOf, type ProtectedDevice } from '../published-items';
import { TASK_EVENTS } from './task';

/** A NAS with its latest snapshot. */
export interface NasSource {
  readonly snapshot: NasSnapshot;
  readonly nas: NasDescription;
}

/** States of a NAS, the worst first. */
const OVERALL_STATUSES = ['error', 'warning', 'running', 'ok', 'unknown'] as const;

/** Events of the event entity of a NAS: all except progress. */
export const NAS_EVENTS = [
  ...TASK_EVENTS,
  'task_added',
  'task_removed',
  'device_online',
  'device_offline',
  'storage_low',
  'storage_ok',
  'nas_online',
  'nas_offline',
] as const satisfies readonly EventName[];

/** Entities of a NAS. */
export const NAS_ENTITIES: readonly EntityDescription<NasSource>[] = [
  { key: 'name', kind: 'text', description: 'Name of the NAS.', value: ({ nas }) => nas.name },
  { key: 'model', kind: 'text', description: 'Model of the NAS.', value: ({ nas }) => nas.model },
  { key: 'dsm_version', kind: 'text', description: 'Version of DSM.', value: ({ nas }) => nas.dsmVersion },
  {
    key: 'connected',
    kind: 'connection',
    description: 'Whether the NAS answers. Not part of the document: published on the topic `connection`.',
    shown: {
      minDetail: 'minimal',
      diagnostic: true,
      name: { en: 'Connected', de: 'Verbunden' },
      deviceClass: 'connectivity',
      available: 'bridge',
    },
  },
  {
    key: 'problem',
    kind: 'flag',
    description: 'Whether backups of any task fail or are overdue, or a storage is low on space.',
    value: hasProblem,
    shown: { minDetail: 'minimal', name: { en: 'Problem', de: 'Problem' }, deviceClass: 'problem' },
  },
  {
    key: 'overall_status',
    kind: 'word',
    words: OVERALL_STATUSES,
    description:
      'How it stands, the worst first. `error`: backups of a task fail or are overdue; `warning`: the last backup of a task was partial, or a storage is low on space; `running`: a backup runs; `ok`: none of these.',
    value: overallStatus,
    shown: {
      minDetail: 'minimal',
      name: { en: 'Overall status', de: 'Gesamtstatus' },
      icon: 'mdi:shield-check-outline',
    },
  },
  {
    key: 'tasks_total',
    kind: 'count',
    description: 'How many tasks there are.',
    value: (source) => countTasks(source, () => true),
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Tasks', de: 'Aufgaben' },
      icon: 'mdi:format-list-bulleted',
    },
  },
  {
    key: 'tasks_running',
    kind: 'count',
    description: 'How many tasks run.',
    value: (source) => countTasks(source, isBackupRunning),
    shown: { minDetail: 'standard', name: { en: 'Tasks running', de: 'Laufend' }, icon: 'mdi:progress-upload' },
  },
  {
    key: 'tasks_failed',
    kind: 'count',
    description: 'Of how many tasks the backups fail.',
    value: (source) => countTasks(source, ({ failing }) => failing === true),
    shown: {
      minDetail: 'standard',
      name: { en: 'Tasks failed', de: 'Fehlgeschlagen' },
      icon: 'mdi:alert-circle-outline',
    },
  },
  {
    key: 'tasks_overdue',
    kind: 'count',
    description: 'How many tasks are overdue; a task of which it is unknown does not count.',
    value: (source) => countTasks(source, ({ task }) => task.overdue === true),
    shown: {
      minDetail: 'standard',
      name: { en: 'Tasks overdue', de: 'Überfällig' },
      icon: 'mdi:clock-alert-outline',
    },
  },
  {
    key: 'storages_low',
    kind: 'count',
    description: 'How many storages are low on space.',
    value: ({ snapshot }) => storagesOf(snapshot)?.filter(({ source }) => source.low).length ?? null,
    shown: {
      minDetail: 'standard',
      name: { en: 'Storages low on space', de: 'Speicher knapp' },
      icon: 'mdi:database-alert-outline',
    },
  },
  {
    key: 'devices_total',
    kind: 'count',
    description: 'How many machines Active Backup lists.',
    value: (source) => countDevices(source, () => true),
    shown: {
      minDetail: 'full',
      diagnostic: true,
      name: { en: 'Machines', de: 'Geräte' },
      icon: 'mdi:monitor-multiple',
    },
  },
  {
    key: 'devices_protected',
    kind: 'count',
    description: 'How many machines have a task.',
    value: (source) => countDevices(source, ({ tasks }) => tasks !== null && tasks.length > 0),
    shown: {
      minDetail: 'full',
      diagnostic: true,
      name: { en: 'Machines protected', de: 'Geschützt' },
      icon: 'mdi:shield-check-outline',
    },
  },
  {
    key: 'devices_unprotected',
    kind: 'count',
    description: 'How many machines have an agent but no task.',
    value: (source) => countDevices(source, ({ tasks }) => tasks !== null && tasks.length === 0),
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Machines unprotected', de: 'Ungeschützt' },
      icon: 'mdi:shield-off-outline',
    },
  },
  {
    key: 'last_success',
    kind: 'time',
    description: 'When a backup of any task last succeeded.',
    value: ({ snapshot }) => latest(tasks(snapshot).map(({ task }) => task.lastSuccessAt)),
    shown: {
      minDetail: 'minimal',
      name: { en: 'Last success', de: 'Letzter Erfolg' },
      icon: 'mdi:check-circle-outline',
      available: 'bridge',
    },
  },
  {
    key: 'oldest_success',
    kind: 'time',
    description:
      'The oldest last success of all tasks that run by a schedule: how old the worst backup is. A task that never succeeded is left out; `tasks_overdue` counts it.',
    value: ({ snapshot }) =>
      earliest(
        tasks(snapshot)
          .filter((task) => isScheduled(task) !== false)
          .map(({ task }) => task.lastSuccessAt),
      ),
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Oldest last success', de: 'Ältester Erfolg' },
      icon: 'mdi:clock-alert-outline',
      available: 'bridge',
    },
  },
  {
    key: 'next_run',
    kind: 'time',
    description: 'When a task runs next.',
    value: ({ snapshot }) => earliest(tasks(snapshot).map(({ task }) => task.nextRunAt)),
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Next backup', de: 'Nächster Lauf' },
      icon: 'mdi:calendar-clock',
    },
  },
  {
    key: 'abb_version',
    kind: 'text',
    description: 'Version of Active Backup for Business.',
    value: ({ nas }) => nas.activeBackupVersion,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Active Backup version', de: 'Paketversion' },
      icon: 'mdi:package-variant',
    },
  },
  {
    key: 'event',
    kind: 'event',
    types: NAS_EVENTS,
    description:
      'What happened on the NAS: the events of all tasks, machines and storages, and whether it comes and goes.',
    shown: {
      minDetail: 'minimal',
      name: { en: 'Event', de: 'Ereignis' },
      icon: 'mdi:bell-outline',
      available: 'bridge',
    },
  },
  {
    key: 'refresh',
    kind: 'button',
    payload: 'refresh',
    description: 'Looks at the NAS now.',
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Refresh', de: 'Aktualisieren' },
      icon: 'mdi:refresh',
      available: 'bridge',
    },
  },
];

function hasProblem({ snapshot }: NasSource): boolean | null {
  if (tasks(snapshot).some(hasTaskProblem) || isAnyLow(snapshot)) return true;
  return snapshot.tasks === null ? null : false;
}

function overallStatus({ snapshot }: NasSource): (typeof OVERALL_STATUSES)[number] {
  const all = tasks(snapshot);
  if (all.some(hasTaskProblem)) return 'error';
  if (isAnyLow(snapshot) || all.some((task) => lastResult(task) === 'partial')) return 'warning';
  if (snapshot.tasks === null) return 'unknown';
  return all.some(isBackupRunning) ? 'running' : 'ok';
}

function hasTaskProblem({ task, failing }: TaskSnapshot): boolean {
  return failing === true || task.overdue === true;
}

/** While the storages are unknown, their last known state: a failed read resolves no problem. */
function isAnyLow(snapshot: NasSnapshot): boolean {
  return storagesOf(snapshot)?.some(({ source }) => source.low) ?? snapshot.storageWasLow;
}

/** Empty until the tasks have been read. */
function tasks(snapshot: NasSnapshot): TaskSnapshot[] {
  return (tasksOf(snapshot) ?? []).map(({ source }) => source);
}

/** Null until the tasks have been read. */
function countTasks({ snapshot }: NasSource, isCounted: (task: TaskSnapshot) => boolean): number | null {
  return snapshot.tasks === null ? null : tasks(snapshot).filter(isCounted).length;
}

/** Null until both tasks and devices have been read. */
function countDevices({ snapshot }: NasSource, isCounted: (device: ProtectedDevice) => boolean): number | null {
  if (snapshot.tasks === null || snapshot.devices === null) return null;
  return protectedDevices(snapshot)?.filter(({ source }) => isCounted(source)).length ?? null;
}
