import { presenceOf } from '../presence';
import { schedule } from '../schedule';
import { PLATFORM } from '../world';
import type { DevicePlan, Presence } from '../world';
import type { TaskSketch } from './sample-tasks';

const MB = 1e6;
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
/** The task starts when its device connects: `schedule_setting_type` 2 (docs/facts/dsm.md §3.6). */
const ON_CONNECT = schedule({ schedule_setting_type: 2 });
/** Windows shadow copy (VSS) failed (docs/facts/dsm.md §3.8). */
const VSS = -71;

/** A device of a sketched task with a habit of its own. */
interface MemberSketch {
  host: string;
  /** Absent: it is always on line. */
  presence?: Presence;
  /** It has been away for so many days, until further notice. */
  awayForDays?: number;
  /** So many of its last backups have failed, whatever the time of day. */
  fails?: DevicePlan & { lastRuns: number };
}

/** A task of several machines, or of one with a habit; what is absent is as in {@link TaskSketch}. */
export interface MachineSketch extends TaskSketch {
  members: readonly MemberSketch[];
  /** No backup has started for so many days, although the device is on line: its agent has stopped. */
  silentForDays?: number;
  /** Factors of its latest backup. */
  lastDeviation?: { bytes: number; seconds: number };
  /** Each backup is verified; a file was restored so many days ago. */
  verifies?: boolean;
  restoredDaysAgo?: number;
}

const plan = (minutes: number, totalBytes: number): TaskSketch['plan'] => ({
  prepareSeconds: 5,
  durationSeconds: minutes * 60,
  totalBytes,
  outcome: 'success',
  paths: [],
});

const BASE = { user: '', online: true, keepVersions: 30, customVolumes: [], last: null } as const;
const WINDOWS_PC = { type: 'pc', osName: 'Windows 11(64-bit)', platform: PLATFORM.windows } as const;

const laptop = (name: string, host: string, member: Partial<MemberSketch> = {}): MachineSketch => ({
  ...BASE,
  ...WINDOWS_PC,
  customVolumes: [],
  name,
  host,
  schedule: ON_CONNECT,
  plan: plan(11, 1_900 * MB),
  members: [{ host, presence: presenceOf(), ...member }],
});

/**
 * The machines of the option `machines`, in the order of their tasks: two laptops of which the second has been away for 27 days, a PC
 * whose latest backup was seven times its usual size, one whose agent stopped nine days ago, four servers of which one has failed for
 * three days, and three virtual machines with verifications and a restore.
 */
export const MACHINE_TASKS: readonly MachineSketch[] = [
  laptop('Bea’s laptop', 'BEA-SURFACE'),
  laptop('Chen’s laptop', 'CHEN-X1', { awayForDays: 27 }),
  {
    ...BASE,
    ...WINDOWS_PC,
    customVolumes: [],
    name: 'Rendering PC',
    host: 'RENDER-01',
    schedule: schedule({ run_weekday: EVERY_DAY, run_hour: 2 }),
    plan: plan(9, 6_200 * MB),
    members: [{ host: 'RENDER-01' }],
    lastDeviation: { bytes: 7, seconds: 5 },
  },
  {
    ...BASE,
    ...WINDOWS_PC,
    customVolumes: [],
    name: 'Front office PC',
    host: 'FRONT-02',
    schedule: schedule({ run_weekday: EVERY_DAY, run_hour: 4, run_min: 30 }),
    plan: plan(6, 1_100 * MB),
    members: [{ host: 'FRONT-02' }],
    silentForDays: 9,
  },
  {
    ...BASE,
    customVolumes: [],
    name: 'Branch servers',
    type: 'physical_server',
    host: 'SRV-NORTH',
    osName: 'Windows Server 2022(64-bit)',
    platform: PLATFORM.windows,
    schedule: schedule({ run_weekday: EVERY_DAY, run_hour: 0, run_min: 30 }),
    plan: plan(24, 21_000 * MB),
    members: [
      { host: 'SRV-NORTH' },
      { host: 'SRV-EAST' },
      { host: 'SRV-SOUTH', fails: { outcome: 'failed', error: VSS, lastRuns: 3 } },
      { host: 'SRV-WEST' },
    ],
  },
  {
    ...BASE,
    customVolumes: [],
    name: 'Shop VMs',
    type: 'vm',
    host: 'vm-shop',
    osName: 'Debian GNU/Linux 12 (64-bit)',
    platform: PLATFORM.none,
    schedule: schedule({ run_weekday: EVERY_DAY, run_hour: 5 }),
    plan: plan(18, 14_000 * MB),
    members: [{ host: 'vm-shop' }, { host: 'vm-payments' }, { host: 'vm-search' }],
    verifies: true,
    restoredDaysAgo: 4,
  },
];
