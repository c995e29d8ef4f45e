import type { EventName } from '../../monitor/events';
import type { EntityDescription } from '../entity';
import type { NasTotals } from '../nas-totals';
import { JOB_ENTITIES, OUTCOME_ENTITIES, PROBLEM_FIELDS, STATISTICS_ENTITIES, type NasSource } from './nas-outcomes';
import { TASK_EVENTS } from './task';

/** States of a NAS, the worst first. */
const OVERALL_STATUSES = ['error', 'warning', 'running', 'ok', 'unknown'] as const;

/** Events of the event entity of a NAS: all except progress. */
export const NAS_EVENTS = [
  ...TASK_EVENTS,
  'task_added',
  'task_removed',
  'device_online',
  'device_offline',
  'device_overdue',
  'device_recovered',
  'backup_unusual',
  'storage_low',
  'storage_ok',
  'storage_filling',
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
    description: 'Whether backups of any task or machine fail or are overdue, or a storage is low on space.',
    value: hasProblem,
    shown: { minDetail: 'minimal', name: { en: 'Problem', de: 'Problem' }, deviceClass: 'problem' },
  },
  {
    key: 'overall_status',
    kind: 'word',
    words: OVERALL_STATUSES,
    description:
      'Status of all together, the worst first. `error`: backups of a task or machine fail or are overdue; `warning`: the last backup of a task was partial, or a storage is low on space; `running`: a backup runs; `ok`: none of these.',
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
    description: 'Number of tasks.',
    value: ({ totals }) => totals.tasks?.total ?? null,
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
    description: 'Number of tasks that run.',
    value: ({ totals }) => totals.tasks?.running ?? null,
    shown: { minDetail: 'standard', name: { en: 'Tasks running', de: 'Laufend' }, icon: 'mdi:progress-upload' },
  },
  {
    key: 'tasks_failed',
    kind: 'count',
    description: 'Number of tasks whose backups fail.',
    value: ({ totals }) => totals.tasks?.failed ?? null,
    shown: {
      minDetail: 'standard',
      name: { en: 'Tasks failed', de: 'Fehlgeschlagen' },
      icon: 'mdi:alert-circle-outline',
    },
  },
  {
    key: 'tasks_overdue',
    kind: 'count',
    description: 'Number of tasks that are overdue; a task of which it is unknown does not count.',
    value: ({ totals }) => totals.tasks?.overdue ?? null,
    shown: {
      minDetail: 'standard',
      name: { en: 'Tasks overdue', de: 'Überfällig' },
      icon: 'mdi:clock-alert-outline',
    },
  },
  {
    key: 'storages_low',
    kind: 'count',
    description: 'Number of storages that are low on space.',
    value: ({ totals }) => totals.storagesLow,
    shown: {
      minDetail: 'standard',
      name: { en: 'Storages low on space', de: 'Speicher knapp' },
      icon: 'mdi:database-alert-outline',
    },
  },
  {
    key: 'devices_total',
    kind: 'count',
    description: 'Number of machines that Active Backup lists.',
    value: ({ totals }) => totals.devices?.total ?? null,
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
    description: 'Number of machines with a task.',
    value: ({ totals }) => totals.devices?.withTask ?? null,
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
    description: 'Number of machines with an agent but without a task.',
    value: ({ totals }) => totals.devices?.withoutTask ?? null,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Machines unprotected', de: 'Ungeschützt' },
      icon: 'mdi:shield-off-outline',
    },
  },
  ...OUTCOME_ENTITIES,
  {
    key: 'last_success',
    kind: 'time',
    description: 'When a backup of any task last succeeded.',
    value: ({ totals }) => totals.tasks?.lastSuccess ?? null,
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
    value: ({ totals }) => totals.tasks?.oldestSuccess ?? null,
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
    value: ({ totals }) => totals.tasks?.nextRun ?? null,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Next backup', de: 'Nächster Lauf' },
      icon: 'mdi:calendar-clock',
    },
  },
  ...JOB_ENTITIES,
  ...STATISTICS_ENTITIES,
  ...PROBLEM_FIELDS,
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

function hasProblem({ totals }: NasSource): boolean | null {
  if (totals.isAnyLow || isAnyUnprotected(totals)) return true;
  return totals.tasks === null ? null : false;
}

function overallStatus({ totals }: NasSource): (typeof OVERALL_STATUSES)[number] {
  const { tasks, isAnyLow } = totals;
  if (isAnyUnprotected(totals)) return 'error';
  if (isAnyLow || (tasks !== null && tasks.partial > 0)) return 'warning';
  if (tasks === null) return 'unknown';
  return tasks.running > 0 ? 'running' : 'ok';
}

/** Whether backups of any task or device fail or are overdue. */
function isAnyUnprotected({ tasks, protections }: NasTotals): boolean {
  const { late = 0, failing = 0 } = protections ?? {};
  return (tasks?.withProblem ?? 0) + late + failing > 0;
}
