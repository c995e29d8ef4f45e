import { schedule } from '../schedule';
import type { Schedule } from '../schedule';
import { PLATFORM } from '../world';
import type { BackupTypeName, Outcome, RunPlan } from '../world';

const MINUTE = 60;
const MB = 1e6;
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const WORKDAYS = [1, 2, 3, 4, 5];

/** A task of the demo before it has ids, dates and history. */
export interface TaskSketch {
  name: string;
  type: BackupTypeName;
  host: string;
  osName: string;
  platform: number;
  user: string;
  online: boolean;
  schedule: Schedule;
  keepVersions: number;
  customVolumes: string[];
  plan: RunPlan;
  /** Outcome of its latest run; null: that of the plan. */
  last: Outcome | null;
}

const plan = (minutes: number, totalBytes: number, problem?: Pick<RunPlan, 'outcome' | 'paths'>): RunPlan => ({
  prepareSeconds: 5,
  durationSeconds: minutes * MINUTE,
  totalBytes,
  ...(problem ?? { outcome: 'success', paths: [] }),
});

/**
 * An architects' office with one task of each kind. Problems are permanent: the archive fails until its share is readable, and the
 * accounting server has a locked file.
 */
export const SAMPLE_TASKS: readonly TaskSketch[] = [
  {
    name: 'Reception PC',
    type: 'pc',
    host: 'RECEPTION-01',
    osName: 'Windows 11(64-bit)',
    platform: PLATFORM.windows,
    user: 'reception',
    online: true,
    schedule: schedule({ run_weekday: [0], run_hour: 3 }),
    keepVersions: 7,
    customVolumes: ['C:'],
    plan: plan(8.7, 4754.16838 * MB),
    last: null,
  },
  {
    name: 'Accounting server',
    type: 'physical_server',
    host: 'SRV-LEDGER',
    osName: 'Windows Server 2022(64-bit)',
    platform: PLATFORM.windows,
    user: 'backup',
    online: true,
    schedule: schedule({ run_weekday: WORKDAYS, run_hour: 22 }),
    keepVersions: 14,
    customVolumes: [],
    plan: plan(21, 38_654.705664 * MB, { outcome: 'partial', paths: ['D:\\Ledger\\2025\\open.mdb'] }),
    last: null,
  },
  {
    name: 'Virtual machines',
    type: 'vm',
    host: 'vm-projects',
    osName: 'Ubuntu Linux (64-bit)',
    platform: PLATFORM.none,
    user: '',
    online: true,
    schedule: schedule({ run_weekday: EVERY_DAY, run_hour: 1 }),
    keepVersions: 10,
    customVolumes: [],
    plan: plan(34, 482_689.236992 * MB),
    last: null,
  },
  {
    name: 'Drawings archive',
    type: 'file_server',
    host: 'archive.office.lan',
    osName: 'smb',
    platform: PLATFORM.none,
    user: '',
    online: true,
    schedule: schedule({ run_weekday: EVERY_DAY, run_hour: 20, run_min: 30 }),
    keepVersions: 5,
    customVolumes: [],
    plan: plan(12, 9_126.805504 * MB, { outcome: 'failed', paths: ['/drawings/2019', '/drawings/tenders'] }),
    last: null,
  },
  {
    name: 'Anna’s laptop',
    type: 'pc',
    host: 'ANNA-XPS',
    osName: 'Windows 11(64-bit)',
    platform: PLATFORM.windows,
    user: 'anna',
    online: false,
    schedule: schedule(),
    keepVersions: 5,
    customVolumes: [],
    plan: plan(15, 8_208.736256 * MB),
    last: null,
  },
];
