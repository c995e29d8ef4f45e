import type { StorageSnapshot } from '../../monitor/snapshot';
import type { EntityDescription } from '../entity';

/** Entities of a storage: the shared folder on a volume that backups are written to. */
export const STORAGE_ENTITIES: readonly EntityDescription<StorageSnapshot>[] = [
  { key: 'storage_id', kind: 'id', description: 'Number of the storage.', value: ({ id }) => id },
  { key: 'name', kind: 'text', description: 'Its shared folder.', value: ({ shareName }) => shareName },
  { key: 'volume', kind: 'text', description: 'Its volume.', value: ({ volumeName }) => volumeName },
  { key: 'volume_path', kind: 'text', description: 'Path of that volume.', value: ({ volumePath }) => volumePath },
  {
    key: 'low_space',
    kind: 'flag',
    description: 'Whether less than 10 % of the volume is free; OFF again when 12 % are.',
    value: ({ low }) => low,
    shown: { minDetail: 'minimal', name: { en: 'Low on space', de: 'Wenig Platz' }, deviceClass: 'problem' },
  },
  {
    key: 'used_percent',
    kind: 'percent',
    description: 'How full the volume is.',
    value: ({ volume }) => volume?.usedPercent ?? null,
    shown: { minDetail: 'minimal', name: { en: 'Volume used', de: 'Volume belegt' }, icon: 'mdi:chart-donut' },
  },
  {
    key: 'free',
    kind: 'bytes',
    description: 'Free space on the volume.',
    value: ({ volume }) => volume?.freeBytes ?? null,
    shown: { minDetail: 'standard', name: { en: 'Free space', de: 'Frei' }, icon: 'mdi:database-outline' },
  },
  {
    key: 'used',
    kind: 'bytes',
    description: 'Used space on the volume, by backups and everything else.',
    value: ({ volume }) => volume?.usedBytes ?? null,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Used space', de: 'Belegt' },
      icon: 'mdi:database',
    },
  },
  {
    key: 'total',
    kind: 'bytes',
    description: 'Size of the volume.',
    value: ({ volume }) => volume?.totalBytes ?? null,
    shown: {
      minDetail: 'full',
      diagnostic: true,
      name: { en: 'Volume size', de: 'Volumegröße' },
      icon: 'mdi:database',
    },
  },
  {
    key: 'full_at',
    kind: 'time',
    description:
      'When the volume is full if it goes on as in the last weeks; null when it does not grow, or too little is known.',
    value: ({ fullAt }) => fullAt,
    shown: { minDetail: 'standard', name: { en: 'Full on', de: 'Voll am' }, icon: 'mdi:calendar-alert' },
  },
  {
    key: 'growth_per_day',
    kind: 'bytes_per_day',
    description: 'Growth of the volume per day, over weeks; null when it does not grow, or too little is known.',
    value: ({ growthBytesPerDay }) => growthBytesPerDay,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Growth per day', de: 'Wachstum am Tag' },
      icon: 'mdi:trending-up',
    },
  },
  {
    key: 'abb_used',
    kind: 'bytes',
    description: 'Space that the backups take on the volume, after deduplication.',
    value: ({ dedupBytes }) => dedupBytes,
    shown: {
      minDetail: 'standard',
      diagnostic: true,
      name: { en: 'Used by backups', de: 'Von Sicherungen' },
      icon: 'mdi:archive-outline',
    },
  },
  {
    key: 'saved',
    kind: 'bytes',
    description: 'What deduplication saves: how much more the backups would take without it.',
    value: ({ logicalBytes, dedupBytes }) =>
      logicalBytes === null || dedupBytes === null ? null : Math.max(0, logicalBytes - dedupBytes),
    shown: {
      minDetail: 'full',
      diagnostic: true,
      name: { en: 'Saved by deduplication', de: 'Eingespart' },
      icon: 'mdi:content-copy',
    },
  },
  {
    key: 'dedup_ratio',
    kind: 'ratio',
    description:
      'Size of the backups without deduplication for each byte they take: 2.2 means that they take less than half.',
    value: ({ dedupRatio }) => dedupRatio,
    shown: {
      minDetail: 'full',
      diagnostic: true,
      name: { en: 'Deduplication ratio', de: 'Deduplizierung' },
      icon: 'mdi:content-copy',
    },
  },
  {
    key: 'device_count',
    kind: 'count',
    description: 'Number of machines with backups in it.',
    value: ({ deviceCount }) => deviceCount,
    shown: {
      minDetail: 'full',
      diagnostic: true,
      name: { en: 'Machines', de: 'Geräte' },
      icon: 'mdi:monitor-multiple',
    },
  },
  {
    key: 'mounted',
    kind: 'flag',
    description: 'Whether it is mounted.',
    value: ({ mounted }) => mounted,
    shown: { minDetail: 'full', diagnostic: true, name: { en: 'Mounted', de: 'Eingehängt' }, icon: 'mdi:harddisk' },
  },
  {
    key: 'compacting',
    kind: 'flag',
    description: 'Whether space of deleted versions is being reclaimed.',
    value: ({ compacting }) => compacting,
    shown: {
      minDetail: 'full',
      diagnostic: true,
      name: { en: 'Reclaiming space', de: 'Gibt Platz frei' },
      deviceClass: 'running',
    },
  },
];
