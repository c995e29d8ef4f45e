import type { Account } from './accounts';
import type { BlockRule } from './auto-block';
import type { Reply } from './reply';
import type { ReceivedRequest } from './requests';

/** Options of a simulated NAS. Every one has a default. */
export interface NasOptions {
  /** 0: any free port. Always on 127.0.0.1. */
  port?: number;
  /** With a self-signed certificate made at the start. */
  https?: boolean;
  /** Put before `/webapi`, as a reverse proxy does: `/nas`. */
  basePath?: string;

  /** Number of tasks: the first five are those of a small company, further ones are random (from the seed). */
  tasks?: number;
  /** Devices per task. */
  devices?: number;
  /** Seed of everything random but secrets. */
  seed?: number;
  /** Seconds east of UTC: the local time of schedules. */
  utcOffsetSeconds?: number;

  /** Seconds of the NAS's clock in one real second; 0: only `advance` moves the clock. */
  speed?: number;
  /** Real time in epoch milliseconds, where the clock of the NAS starts. */
  now?: () => number;
  /** Whether schedules start tasks and retention deletes old versions. */
  schedules?: boolean;
  /** Duration of each run in seconds of the NAS; null: realistic durations. */
  runSeconds?: number | null;
  /** Devices that are backed up at the same time; further runs wait. */
  maxConcurrentDevices?: number;

  accounts?: Account[];
  /** Blocks an address after failed sign-ins; null: never. */
  autoBlock?: BlockRule | null;
  /** Locks an account after failed sign-ins; null: never. */
  accountProtection?: BlockRule | null;
  /** DSM's logout timer in minutes of the NAS; null: sessions never time out. */
  sessionIdleMinutes?: number | null;
  /** A second sign-in of an account ends its first session. */
  oneSessionPerAccount?: boolean;

  /** Highest version of an API by its name, where it is not the usual one: `{ 'SYNO.API.Auth': 3 }`. */
  maxVersion?: Readonly<Record<string, number>>;
  minVersion?: Readonly<Record<string, number>>;
  /** Paths in the answer of API.Info that differ from the usual ones. Calls still work on the usual paths. */
  paths?: Readonly<Record<string, string>>;
  /** Whether Active Backup runs; while it is stopped its APIs are absent (102). */
  packageRunning?: boolean;
  /** Called for each request on arrival. */
  onRequest?: (request: ReceivedRequest) => void;
  /** Called for each request that takes effect, also when a fault keeps its reply from the client. */
  onReply?: (request: ReceivedRequest, reply: Reply) => void;
  /** Whether the history contains runs that have not ended. */
  showsOpenResults?: boolean;
  /** Whether history and log begin with the newest row. */
  newestFirst?: boolean;
  /** Whether the results per device contain runs that have not ended. */
  showsOpenDeviceResults?: boolean;

  /**
   * Adds six tasks with a past of their own (`data/machine-tasks.ts`): laptops that are on line on workdays, one of them late;
   * servers of which one fails; an unusually large backup; virtual machines with verifications and a restore.
   */
  machines?: boolean;
  /** Days of history; null: 42, with many tasks fewer. */
  pastDays?: number | null;
  /** Bytes per day by which the volume fills, beside backups. */
  growthPerDay?: number;
  /** Free space of the volume at the start; null: 13.9 TB of 23. */
  freeBytes?: number | null;
}

/** The options with all defaults filled in. */
export type ResolvedOptions = Required<NasOptions>;

/** The default of each option. */
export function defaults(): ResolvedOptions {
  return {
    port: 0,
    https: false,
    basePath: '',
    tasks: 5,
    devices: 1,
    seed: 1,
    utcOffsetSeconds: 3600,
    speed: 60,
    now: Date.now,
    schedules: true,
    runSeconds: null,
    maxConcurrentDevices: 5,
    accounts: [{ name: 'admin', password: 'synology' }],
    autoBlock: { attempts: 10, minutes: 5, blockMinutes: null },
    accountProtection: null,
    sessionIdleMinutes: null,
    oneSessionPerAccount: false,
    maxVersion: {},
    minVersion: {},
    paths: {},
    packageRunning: true,
    onRequest: () => undefined,
    onReply: () => undefined,
    showsOpenResults: true,
    newestFirst: false,
    showsOpenDeviceResults: false,
    machines: false,
    pastDays: null,
    growthPerDay: 0,
    freeBytes: null,
  };
}
