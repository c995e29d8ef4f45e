import { nextTrigger, schedule } from '../schedule';
import { nextId } from '../world';
import type { Device, Retention, RunPlan, Task, World } from '../world';

export const DEFAULT_SHARE = 'ActiveBackupforBusiness';
export const DEFAULT_STORAGE_ID = 1;

/** Adds a device with defaults. */
export function addDevice(world: World, given: Partial<Device> = {}): Device {
  const id = nextId(world, 'device');
  const device: Device = {
    id,
    uuid: world.random.uuid().toUpperCase(),
    type: 'pc',
    platform: 1,
    hostName: `PC-${id}`,
    address: `192.168.${1 + (id >> 8)}.${id & 255}`,
    osName: 'Windows 11(64-bit)',
    loginUser: '',
    createdAt: Math.floor(world.simulatedUntil),
    loggedInAt: Math.floor(world.simulatedUntil),
    online: true,
    canBackup: true,
    presence: null,
    fields: {},
    ...given,
  };
  world.devices.set(id, device);
  return device;
}

export const DEFAULT_RETENTION: Readonly<Retention> = {
  keep_all: false,
  keep_versions: 7,
  gfs_days: '7',
  gfs_weeks: '4',
  gfs_months: '12',
  gfs_years: '3',
};

/** The default plan: a small backup of five minutes that succeeds. */
const DEFAULT_PLAN: Readonly<Omit<RunPlan, 'paths'>> = {
  prepareSeconds: 5,
  durationSeconds: 300,
  totalBytes: 4_754_168_380,
  outcome: 'success',
};

/** Properties of a task to add; all optional. */
export type NewTask = Partial<Omit<Task, 'id' | 'plan'>> & { plan?: Partial<RunPlan> };

/** Adds a task; by default a PC without schedule and history. */
export function addTask(world: World, given: NewTask = {}): Task {
  const id = nextId(world, 'task');
  const plan = given.schedule ?? schedule();
  const name = given.name ?? `Task ${id}`;
  const task: Task = {
    id,
    uuid: world.random.uuid(),
    name,
    type: 'pc',
    deviceIds: [],
    storageId: DEFAULT_STORAGE_ID,
    shareName: DEFAULT_SHARE,
    targetDir: name.replace(/[^\w-]+/g, '-'),
    customVolumes: [],
    scheduleModifiedAt: Math.floor(world.simulatedUntil),
    retention: { ...DEFAULT_RETENTION },
    manualAllowed: true,
    maxConcurrentDevices: 0,
    workloadUuid: '',
    lastResultId: null,
    devicePlans: new Map(),
    deviation: null,
    fields: {},
    nextTriggerAt: nextTrigger(plan, world.simulatedUntil, world.utcOffsetSeconds),
    ...given,
    schedule: plan,
    plan: { ...DEFAULT_PLAN, paths: [], ...given.plan },
  };
  world.tasks.set(id, task);
  return task;
}
