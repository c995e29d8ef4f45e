import { FINISHED_STATUSES } from '../../active-backup/codes';
import type { EntityDescription } from '../entity';
import type { NasTotals } from '../nas-totals';
import type { NasDescription } from '../types';

/** A NAS with the counts of its items. */
export interface NasSource {
  readonly totals: NasTotals;
  readonly nas: NasDescription;
}

/** How a verification or a restore has ended. */
const RESULTS_OF_JOBS = FINISHED_STATUSES.filter((status) => status !== 'none' && status !== 'no_backup');

/** Entities of a NAS that count its devices by their outcomes. */
export const OUTCOME_ENTITIES: readonly EntityDescription<NasSource>[] = [
  {
    key: 'devices_failing',
    kind: 'count',
    description:
      'Number of machines whose last backup failed, also inside tasks of several; a machine of which it is unknown does not count. Null where the NAS reports no outcomes.',
    value: ({ totals }) => totals.protections?.failing ?? null,
    shown: {
      minDetail: 'standard',
      name: { en: 'Machines failing', de: 'Geräte gestört' },
      icon: 'mdi:monitor-off',
    },
  },
  {
    key: 'devices_late',
    kind: 'count',
    description:
      'Number of machines without a success by the time it was expected; a machine of which it is unknown does not count. Null where the NAS reports no outcomes.',
    value: ({ totals }) => totals.protections?.late ?? null,
    shown: {
      minDetail: 'standard',
      name: { en: 'Machines late', de: 'Geräte verspätet' },
      icon: 'mdi:clock-alert-outline',
    },
  },
  {
    key: 'devices_never',
    kind: 'count',
    description: 'Number of machines with a task, but without a success yet. Null where the NAS reports no outcomes.',
    value: ({ totals }) => totals.protections?.never ?? null,
    shown: {
      minDetail: 'full',
      diagnostic: true,
      name: { en: 'Machines without a backup', de: 'Ohne Sicherung' },
      icon: 'mdi:shield-alert-outline',
    },
  },
];

/** Fields that Home Assistant shows as the attributes of `problem`. */
export const PROBLEM_ATTRIBUTES: readonly string[] = [
  'failing_tasks',
  'overdue_tasks',
  'failing_devices',
  'late_devices',
  'low_storages',
];

/** Names of the items that make the problem of a NAS. */
export const PROBLEM_FIELDS: readonly EntityDescription<NasSource>[] = [
  {
    key: 'failing_tasks',
    kind: 'names',
    description: 'The tasks that `tasks_failed` counts, as many as there is room for.',
    value: ({ totals }) => totals.tasks?.failingNames ?? null,
  },
  {
    key: 'overdue_tasks',
    kind: 'names',
    description: 'The tasks that `tasks_overdue` counts, likewise.',
    value: ({ totals }) => totals.tasks?.overdueNames ?? null,
  },
  {
    key: 'failing_devices',
    kind: 'names',
    description: 'The machines that `devices_failing` counts, likewise.',
    value: ({ totals }) => totals.protections?.failingNames ?? null,
  },
  {
    key: 'late_devices',
    kind: 'names',
    description: 'The machines that `devices_late` counts, likewise.',
    value: ({ totals }) => totals.protections?.lateNames ?? null,
  },
  {
    key: 'low_storages',
    kind: 'names',
    description: 'The storages that `storages_low` counts, likewise.',
    value: ({ totals }) => totals.lowNames,
  },
];

/** What Home Assistant's statistics of a NAS are made of. */
export const STATISTICS_ENTITIES: readonly EntityDescription<NasSource>[] = [
  {
    key: 'transferred_total',
    kind: 'bytes_in_total',
    description:
      'What the backups of all tasks transferred that have ended since the NAS was first polled; each counts once, also over restarts, and also after its task was deleted. For statistics.',
    value: ({ totals }) => totals.transferredBytes,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Transferred in total', de: 'Transfer gesamt' },
      icon: 'mdi:database-arrow-up',
      available: 'bridge',
    },
  },
];

/** Entities of a NAS about jobs other than backups. */
export const JOB_ENTITIES: readonly EntityDescription<NasSource>[] = [
  {
    key: 'last_verification',
    kind: 'time',
    description: 'When the last verification of backups ended, however it did; null while none is known.',
    value: ({ totals }) => totals.lastVerification?.at ?? null,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Last verification', de: 'Letzte Prüfung' },
      icon: 'mdi:check-decagram-outline',
      available: 'bridge',
    },
  },
  {
    key: 'last_verification_result',
    kind: 'word',
    words: RESULTS_OF_JOBS,
    description: 'How the last verification of backups ended; `unknown` while none is known.',
    value: ({ totals }) => totals.lastVerification?.status ?? null,
  },
  {
    key: 'last_restore',
    kind: 'time',
    description: 'When the last restore ended, however it did; null while none is known.',
    value: ({ totals }) => totals.lastRestore?.at ?? null,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Last restore', de: 'Rücksicherung' },
      icon: 'mdi:backup-restore',
      available: 'bridge',
    },
  },
  {
    key: 'last_restore_result',
    kind: 'word',
    words: RESULTS_OF_JOBS,
    description: 'How the last restore ended; `unknown` while none is known.',
    value: ({ totals }) => totals.lastRestore?.status ?? null,
  },
];
