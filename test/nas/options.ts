import type { Account } from './accounts';
import type { BlockRule } from './auto-block';
import type { ReceivedRequest } from './requests';

/** What may be chosen when a simulated NAS is started. Everything has a default. */
export interface NasOptions {
  /** 0: any free one. Always on 127.0.0.1. */
  port?: number;
  /** With a self-signed certificate made at the start. */
  https?: boolean;
  /** Put before `/webapi`, as a reverse proxy does: `/nas`. */
  basePath?: string;

  /** How many tasks: the first five are a small company, further ones come from the seed. */
  tasks?: number;
  /** Devices per task. */
  devices?: number;
  /** Everything random comes from it, but for secrets. */
  seed?: number;
  /** Seconds east of UTC: the wall clock by which schedules go. */
  utcOffsetSeconds?: number;

  /** How many seconds of the NAS pass in one real second; 0: only `advance` moves its clock. */
  speed?: number;
  /** Real time in epoch milliseconds; the clock of the NAS starts there. */
  now?: () => number;
  /** Whether tasks start, and old versions go, by themselves. */
  schedules?: boolean;
  /** How long each run lasts, in seconds of the NAS; null: each as long as is believable. */
  runSeconds?: number | null;
  /** How many devices are backed up at the same time; further runs wait. */
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
  /** What API.Info gives as an API's path, where it is not the usual one. Calls still work on the usual paths. */
  paths?: Readonly<Record<string, string>>;
  /** Whether Active Backup runs; while it does not, its APIs are gone (102). */
  packageRunning?: boolean;
  /** Told of every request when it has arrived. */
  onRequest?: (request: ReceivedRequest) => void;
  /** Whether the history shows runs that have not ended. */
  showsOpenResults?: boolean;
  /** Whether history and log begin with the newest row. */
  newestFirst?: boolean;
}

/** All options, none missing. */
export type Settled = Required<NasOptions>;

/** What an option is unless it is given. */
export function defaults(): Settled {
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
    showsOpenResults: true,
    newestFirst: false,
  };
}
