import { FINISHED_STATUSES, PLATFORMS, TASK_TYPES } from '../../active-backup/codes';
import { earliest } from '../../active-backup/known-values';
import type { EntityDescription } from '../entity';
import {
  DAY_OUTCOMES,
  DEVICE_STATUSES,
  deviceStatus,
  HABIT_SOURCES,
  isDeviceOverdue,
  isProblem,
  isUnusual,
  lastErrorOfDevice,
  lastResultOfDevice,
  PROTECTION_WORDS,
  protectionOfDevice,
  UNUSUAL_KINDS,
  type ProtectedDevice,
} from '../protected-device';

/** Fields that Home Assistant shows as the attributes of `protection`. */
export const PROTECTION_ATTRIBUTES: readonly string[] = [
  'days',
  'usual_gap',
  'habit_source',
  'unusual_kind',
  'unusual_factor',
];

/**
 * Entities of a protected device. They tell its own outcomes, never those of its tasks, which may protect other devices too
 * (docs/facts/dsm.md §6.7).
 */
export const DEVICE_ENTITIES: readonly EntityDescription<ProtectedDevice>[] = [
  { key: 'device_id', kind: 'id', description: 'Number of the machine.', value: ({ device }) => device.id },
  { key: 'name', kind: 'text', description: 'Its host name.', value: ({ device }) => device.name },
  { key: 'type', kind: 'word', words: TASK_TYPES, description: 'Its type.', value: ({ device }) => device.type },
  {
    key: 'platform',
    kind: 'word',
    words: PLATFORMS,
    description: 'Its operating system in one word.',
    value: ({ device }) => device.platform,
  },
  {
    key: 'os',
    kind: 'text',
    description: 'Its operating system, as its agent reports it.',
    value: ({ device }) => device.os,
  },
  {
    key: 'protection',
    kind: 'word',
    words: PROTECTION_WORDS,
    description:
      'Whether it is protected. `failing`: its last backup failed; `late`: no success by `expected_by`; `never`: it has a task, but no success yet; `unprotected`: no task protects it; `unknown`: the NAS does not report the outcomes of its backups.',
    value: protectionOfDevice,
    shown: { minDetail: 'minimal', name: { en: 'Protection', de: 'Schutz' }, icon: 'mdi:shield-account-outline' },
  },
  {
    key: 'status',
    kind: 'word',
    words: DEVICE_STATUSES,
    description:
      'As `protection`, with `overdue` for `late`, and for `protected` `running` while a task of this machine alone runs, else `ok`.',
    value: deviceStatus,
    shown: { minDetail: 'minimal', name: { en: 'Status', de: 'Status' }, icon: 'mdi:shield-check-outline' },
  },
  {
    key: 'problem',
    kind: 'flag',
    description: 'ON while it is `failing`, `late`, `never` or `unprotected`; null while that is unknown.',
    value: isProblem,
    shown: { minDetail: 'minimal', name: { en: 'Problem', de: 'Problem' }, deviceClass: 'problem' },
  },
  {
    key: 'overdue',
    kind: 'flag',
    description: 'Whether there was no success by `expected_by`; null where nothing can be said.',
    value: isDeviceOverdue,
    shown: { minDetail: 'minimal', name: { en: 'Backup overdue', de: 'Überfällig' }, deviceClass: 'problem' },
  },
  {
    key: 'online',
    kind: 'boolean',
    description:
      'Whether its agent is connected to the NAS; null for a machine without an agent: virtual machines, file servers.',
    value: ({ device }) => device.online,
  },
  {
    key: 'connected',
    kind: 'flag',
    description: 'The same as `online`, for Home Assistant.',
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
    description: 'When its last successful backup ended.',
    value: ({ protection }) => protection?.lastSuccessAt ?? null,
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
    description: 'How its last backup ended; `none`: no backup of it has ended yet.',
    value: lastResultOfDevice,
    shown: {
      minDetail: 'standard',
      name: { en: 'Last result', de: 'Letztes Ergebnis' },
      icon: 'mdi:clipboard-check-outline',
    },
  },
  {
    key: 'expected_by',
    kind: 'time',
    description:
      'When its next success is due at the latest, by the schedule of its task, by its own habit, or by the hours set at the NAS; null when nothing can be said.',
    value: ({ protection }) => protection?.expectedBy ?? null,
    shown: { minDetail: 'standard', name: { en: 'Expected by', de: 'Erwartet bis' }, icon: 'mdi:calendar-alert' },
  },
  {
    key: 'failures_in_row',
    kind: 'count',
    description: 'Number of its backups that have failed since the last success.',
    value: ({ protection }) => protection?.failuresInRow ?? null,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Failures in a row', de: 'Fehler in Folge' },
      icon: 'mdi:alert-circle-outline',
    },
  },
  {
    key: 'last_error',
    kind: 'text',
    description: 'Why its last backup did not succeed, shortened; null when it did, and when no reason is known.',
    value: lastErrorOfDevice,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Last error', de: 'Letzter Fehler' },
      icon: 'mdi:alert-circle-outline',
    },
  },
  {
    key: 'unusual',
    kind: 'flag',
    description:
      'Whether its last success was much larger, smaller or longer than usual: a hint, not a failure. Null while there are too few successes to tell.',
    value: isUnusual,
    shown: {
      minDetail: 'standard',
      name: { en: 'Backup unusual', de: 'Ungewöhnlich' },
      icon: 'mdi:chart-bell-curve',
    },
  },
  {
    key: 'unusual_kind',
    kind: 'word',
    words: UNUSUAL_KINDS,
    description:
      'How it differed; null unless `unusual`. `larger`: an update, a large copy, a new installation, or encryption by malware; `smaller`: data was moved or excluded, or a disk is missing; `longer`: a slow network or disk, or a busy NAS.',
    value: ({ protection }) => protection?.unusual?.kind ?? null,
  },
  {
    key: 'unusual_factor',
    kind: 'ratio',
    description: 'Factor to its usual size or duration: 7, or 0.1 for a tenth; null unless `unusual`.',
    value: ({ protection }) => protection?.unusual?.factor ?? null,
  },
  {
    key: 'days',
    kind: 'word_list',
    words: DAY_OUTCOMES,
    description:
      'The best outcome of each day of the time zone of the NAS, today last; `none`: a backup was expected, but there was none; `off`: none was expected.',
    value: ({ protection }) => protection?.days ?? null,
  },
  {
    key: 'usual_gap',
    kind: 'seconds',
    description: 'The usual time between two successes, days off left out; null while too little is known.',
    value: ({ protection }) => (protection?.habit ? protection.habit.typicalGapHours * 3600 : null),
  },
  {
    key: 'habit_source',
    kind: 'word',
    words: HABIT_SOURCES,
    description:
      'Where `expected_by` comes from: `schedule` of its task, `learned` from its successes, or `hours` set at the NAS; null while too little is known.',
    value: ({ protection }) => protection?.habit?.source ?? null,
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
    description: 'Number of tasks that protect it.',
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
