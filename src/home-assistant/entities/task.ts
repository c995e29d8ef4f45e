import { FINISHED_STATUSES, TASK_STATES, TASK_TYPES } from '../../active-backup/codes';
import type { EventName } from '../../monitor/events';
import type { TaskSnapshot } from '../../monitor/snapshot';
import {
  countOrNull,
  failedDeviceCount,
  hasSeveralDevices,
  isBackupRunning,
  lastFinishedBackup,
  lastError,
  lastResult,
  lastStart,
  isScheduled,
} from '../backups';
import type { EntityDescription } from '../entity';

/** Events of the event entity of a task: all that concern its backups, verifications and restores, except progress. */
export const TASK_EVENTS = [
  'backup_started',
  'backup_succeeded',
  'backup_partial',
  'backup_failed',
  'backup_cancelled',
  'backup_refused',
  'backup_overdue',
  'backup_recovered',
  'verification_succeeded',
  'verification_failed',
  'restore_succeeded',
  'restore_failed',
] as const satisfies readonly EventName[];

/** Entities of a backup task. */
export const TASK_ENTITIES: readonly EntityDescription<TaskSnapshot>[] = [
  { key: 'task_id', kind: 'id', description: 'Number of the task.', value: ({ task }) => task.id },
  { key: 'name', kind: 'text', description: 'Name of the task.', value: ({ task }) => task.name },
  {
    key: 'type',
    kind: 'word',
    words: TASK_TYPES,
    description: 'The type of the machines that it protects.',
    value: ({ task }) => task.type,
  },
  {
    key: 'status',
    kind: 'word',
    words: TASK_STATES,
    description: 'What the task does now. The result of the last backup is in `last_result`.',
    value: ({ task }) => task.state,
    shown: { minDetail: 'minimal', name: { en: 'Status', de: 'Status' }, icon: 'mdi:backup-restore' },
  },
  {
    key: 'last_result',
    kind: 'word',
    words: FINISHED_STATUSES,
    description:
      'How the last backup ended; a run that goes on changes nothing. `none`: no backup of it has ended yet, `no_backup`: reported by the NAS.',
    value: lastResult,
    shown: {
      minDetail: 'minimal',
      name: { en: 'Last result', de: 'Letztes Ergebnis' },
      icon: 'mdi:clipboard-check-outline',
    },
  },
  {
    key: 'running',
    kind: 'flag',
    description: 'Whether a backup runs, also one that is being paused or cancelled; not while it waits for its turn.',
    value: ({ task }) => (task.state === 'unknown' ? null : isBackupRunning({ task })),
    shown: { minDetail: 'standard', name: { en: 'Running', de: 'Läuft' }, deviceClass: 'running' },
  },
  {
    key: 'problem',
    kind: 'flag',
    description:
      'Whether its backups fail: ON from a failed backup until one succeeds; a cancelled or partial one changes nothing.',
    value: ({ failing }) => failing,
    shown: {
      minDetail: 'minimal',
      name: { en: 'Last backup failed', de: 'Fehlgeschlagen' },
      deviceClass: 'problem',
    },
  },
  {
    key: 'overdue',
    kind: 'flag',
    description:
      'Whether it is too long since the last success, by the hours set at the NAS, by the schedule of the task or, without a fixed one, by the habit of its machines. OFF where nothing is due: switched off. Null where nothing can be said, as while too little is known of a machine.',
    value: ({ task }) => task.overdue,
    shown: { minDetail: 'minimal', name: { en: 'Backup overdue', de: 'Überfällig' }, deviceClass: 'problem' },
  },
  {
    key: 'last_success',
    kind: 'time',
    description: 'When the last successful backup ended.',
    value: ({ task }) => task.lastSuccessAt,
    shown: {
      minDetail: 'minimal',
      name: { en: 'Last success', de: 'Letzter Erfolg' },
      icon: 'mdi:check-circle-outline',
    },
  },
  {
    key: 'next_run',
    kind: 'time',
    description: 'When it runs next; null without a schedule.',
    value: ({ task }) => task.nextRunAt,
    shown: { minDetail: 'standard', name: { en: 'Next backup', de: 'Nächster Lauf' }, icon: 'mdi:calendar-clock' },
  },
  {
    key: 'last_start',
    kind: 'time',
    description: 'When the last backup began, also one that still runs.',
    value: lastStart,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Last start', de: 'Letzter Start' },
      icon: 'mdi:clock-start',
    },
  },
  {
    key: 'last_end',
    kind: 'time',
    description: 'When the last backup ended, however it did.',
    value: (task) => lastFinishedBackup(task)?.endedAt ?? null,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Last end', de: 'Letztes Ende' },
      icon: 'mdi:clock-end',
    },
  },
  {
    key: 'last_duration',
    kind: 'seconds',
    description: 'Duration of the last backup that has ended.',
    value: (task) => lastFinishedBackup(task)?.durationSeconds ?? null,
    shown: { minDetail: 'standard', diagnostic: true, name: { en: 'Last duration', de: 'Letzte Dauer' } },
  },
  {
    key: 'last_transferred',
    kind: 'bytes',
    description: 'What the last backup transferred that has ended.',
    value: (task) => lastFinishedBackup(task)?.transferredBytes ?? null,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Last transferred', de: 'Übertragen' },
      icon: 'mdi:database-arrow-up-outline',
    },
  },
  {
    key: 'transferred_total',
    kind: 'bytes_in_total',
    description:
      'What all its backups transferred that have ended since the bridge knows the task; each counts once, also over restarts. For statistics.',
    value: ({ transferredBytes }) => transferredBytes,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Transferred in total', de: 'Transfer gesamt' },
      icon: 'mdi:database-arrow-up',
      available: 'bridge',
    },
  },
  {
    key: 'version_count',
    kind: 'count',
    description: 'Number of versions that are kept.',
    value: ({ task }) => task.versionCount,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Versions', de: 'Versionen' },
      icon: 'mdi:layers-triple-outline',
    },
  },
  {
    key: 'progress',
    kind: 'whole_percent',
    description: 'Progress of the run; null while none runs.',
    value: ({ task }) => task.progress?.percent ?? null,
    shown: { minDetail: 'standard', name: { en: 'Progress', de: 'Fortschritt' }, icon: 'mdi:progress-upload' },
  },
  {
    key: 'speed',
    kind: 'bytes_per_second',
    description: 'Speed of the run since the previous poll; null while none runs.',
    value: ({ task }) => task.progress?.bytesPerSecond ?? null,
    shown: {
      minDetail: 'full',
      diagnostic: true,
      name: { en: 'Speed', de: 'Geschwindigkeit' },
      icon: 'mdi:speedometer',
    },
  },
  {
    key: 'remaining',
    kind: 'seconds',
    description: 'Time until the run ends, at this speed; null while none runs.',
    value: ({ task }) => task.progress?.remainingSeconds ?? null,
    shown: { minDetail: 'full', diagnostic: true, name: { en: 'Time remaining', de: 'Restzeit' } },
  },
  {
    key: 'expected_end',
    kind: 'time',
    description:
      'When the run usually ends, from the durations of earlier ones; null while none runs, and below three earlier ones.',
    value: ({ task }) => task.expectedEndAt,
    shown: { minDetail: 'standard', name: { en: 'Expected end', de: 'Ende erwartet' }, icon: 'mdi:clock-end' },
  },
  {
    key: 'failures_in_row',
    kind: 'count',
    description: 'Number of backups that have failed since the last success.',
    value: ({ task }) => task.failuresInRow,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Failures in a row', de: 'Fehler in Folge' },
      icon: 'mdi:alert-circle-outline',
    },
  },
  {
    key: 'devices_ok',
    kind: 'count',
    description: 'Number of machines whose last backup succeeded; null where the NAS counted none at all.',
    value: (task) => countOrNull(lastFinishedBackup(task), 'successCount'),
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Machines backed up', de: 'Geräte gesichert' },
      icon: 'mdi:monitor-shimmer',
    },
    appliesTo: hasSeveralDevices,
  },
  {
    key: 'devices_failed',
    kind: 'count',
    description:
      'Number of machines whose last backup failed; null where the NAS neither counts them nor reports the outcome of each. The attributes have their names.',
    value: failedDeviceCount,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Machines failed', de: 'Mit Fehler' },
      icon: 'mdi:monitor-off',
    },
    appliesTo: hasSeveralDevices,
  },
  {
    key: 'enabled',
    kind: 'flag',
    description: 'Whether it runs by itself: it has a schedule, which is on.',
    value: isScheduled,
    shown: {
      minDetail: 'full',
      diagnostic: true,
      name: { en: 'Schedule active', de: 'Zeitplan aktiv' },
      icon: 'mdi:calendar-check',
    },
  },
  {
    key: 'last_error',
    kind: 'text',
    description: 'Why the last backup did not succeed, shortened; null when it did, and when the NAS gives no reason.',
    value: lastError,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Last error', de: 'Letzter Fehler' },
      icon: 'mdi:alert-circle-outline',
    },
  },
  {
    key: 'event',
    kind: 'event',
    types: TASK_EVENTS,
    description: 'What happened to its backups.',
    shown: { minDetail: 'minimal', name: { en: 'Backup', de: 'Sicherung' }, icon: 'mdi:bell-outline' },
  },
  {
    key: 'start',
    kind: 'button',
    payload: 'backup',
    description: 'Starts a backup.',
    shown: { minDetail: 'minimal', name: { en: 'Back up now', de: 'Jetzt sichern' }, icon: 'mdi:backup-restore' },
  },
  {
    key: 'cancel',
    kind: 'button',
    payload: 'cancel',
    description: 'Cancels the run; only there while one can be cancelled.',
    shown: {
      minDetail: 'standard',
      name: { en: 'Cancel backup', de: 'Abbrechen' },
      icon: 'mdi:cancel',
      available: 'active',
    },
  },
];
