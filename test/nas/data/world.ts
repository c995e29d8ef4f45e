import { createRandom } from '../random';
import type { Random } from '../random';
import { hasAgent } from '../world';
import type { Device, Task, World } from '../world';
import { setPresence } from '../presence';
import { MACHINE_TASKS } from './machine-tasks';
import type { MachineSketch } from './machine-tasks';
import { SAMPLE_TASKS } from './sample-tasks';
import type { TaskSketch } from './sample-tasks';
import { simulatePast } from './past';
import { randomTask } from './random-task';
import { addDevice, addTask, DEFAULT_RETENTION, DEFAULT_SHARE, DEFAULT_STORAGE_ID } from './items';

const DAY = 24 * 3600;
const TB = 1e12;
/** Maximum rows of history; with many tasks it covers fewer days. */
const MAX_PAST_RUNS = 20_000;
const PAST_DAYS = 42;

/** Options for the data of a NAS. */
export interface DemoOptions {
  tasks: number;
  devices: number;
  seed: number;
  /** Seconds east of UTC. */
  utcOffsetSeconds: number;
  schedules: boolean;
  packageRunning: boolean;
  showsOpenResults: boolean;
  newestFirst: boolean;
  /** Duration of every run in seconds; null: realistic durations. */
  runSeconds: number | null;
  maxConcurrentDevices: number;
  showsOpenDeviceResults: boolean;
  /** Whether there are tasks of machines with a habit. */
  machines: boolean;
  /** Days of history; null: 42, with many tasks fewer. */
  pastDays: number | null;
  /** Bytes per day by which the volume fills beside backups. */
  growthPerDay: number;
  /** Null: 13.9 TB. */
  freeBytes: number | null;
}

/** Data of a NAS with tasks, devices and weeks of history. @param now epoch seconds */
export function createWorld(options: DemoOptions, now: number): World {
  const world = emptyWorld(options, now);
  const sketches = new Map<Task, TaskSketch>();
  for (let index = 0; index < options.tasks; index += 1) {
    const sketch = SAMPLE_TASKS[index] ?? randomTask(index + 1, world.random);
    sketches.set(addSketchedTask(world, sketch, options, now), sketch);
  }
  const machines = new Map<Task, MachineSketch>();
  for (const sketch of options.machines ? MACHINE_TASKS : [])
    machines.set(addMachineTask(world, sketch, options, now), sketch);
  const days = Math.max(2, Math.min(PAST_DAYS, Math.floor(MAX_PAST_RUNS / Math.max(1, options.tasks))));
  simulatePast(world, sketches, machines, { now, days: options.pastDays ?? days });
  setFreeSpace(world, options.freeBytes);
  return world;
}

function setFreeSpace(world: World, freeBytes: number | null): void {
  if (freeBytes === null) return;
  for (const volume of world.volumes) volume.usedBytes = Math.max(0, volume.totalBytes - freeBytes);
}

function emptyWorld(options: DemoOptions, now: number): World {
  const random = createRandom(options.seed);
  return {
    utcOffsetSeconds: options.utcOffsetSeconds,
    random,
    schedules: options.schedules,
    showsOpenResults: options.showsOpenResults,
    newestFirst: options.newestFirst,
    showsOpenDeviceResults: options.showsOpenDeviceResults,
    hostName: 'simulated-nas',
    serialNumber: serialNumber(random),
    activated: true,
    packageRunning: options.packageRunning,
    simulatedUntil: now,
    nextRetentionAt: nextRetention(options.utcOffsetSeconds, now),
    presenceEdges: new Map(),
    tasks: new Map(),
    devices: new Map(),
    results: new Map(),
    details: new Map(),
    versions: new Map(),
    logs: [],
    runs: new Map(),
    jobs: new Map(),
    ...emptyStore(options.growthPerDay),
    directories: new Set(),
    settings: settings(options.maxConcurrentDevices),
    aem: { joined: false, leaderAddress: '', localAddress: 'simulated-nas', key: null },
    ids: { task: 0, device: 0, result: 0, deviceResult: 0, detail: 0, log: 0, version: 0, pid: 10_000 },
  };
}

function serialNumber(random: Random): string {
  return `${random.integer(1900, 2390)}SIM${random.integer(100_000, 999_999)}`;
}

function emptyStore(growthPerDay: number): Pick<World, 'storages' | 'shares' | 'volumes'> {
  const storage = {
    id: DEFAULT_STORAGE_ID,
    shareName: DEFAULT_SHARE,
    volumePath: '/volume1',
    volumeName: 'Volume 1',
    mounted: true,
    dedupBytes: 0.9 * TB,
    compressedBytes: 0,
    growthPerDay,
    compacting: false,
    encrypted: false,
    relinksUntil: 0,
  };
  return {
    storages: [storage],
    shares: [
      { name: DEFAULT_SHARE, path: `/volume1/${DEFAULT_SHARE}`, storageId: DEFAULT_STORAGE_ID, encrypted: false },
    ],
    volumes: [{ path: '/volume1', totalBytes: 23_030_223_990_784, usedBytes: 9.1 * TB }],
  };
}

const RETENTION = { hour: 14, minute: 50 } as const;

function nextRetention(utcOffsetSeconds: number, now: number): number {
  const midnight = Math.floor((now + utcOffsetSeconds) / DAY) * DAY - utcOffsetSeconds;
  const today = midnight + RETENTION.hour * 3600 + RETENTION.minute * 60;
  return today > now ? today : today + DAY;
}

/** The settings by name, all of them strings (docs/facts/dsm.md §2.4). */
function settings(maxConcurrentDevices: number): Map<string, string> {
  return new Map([
    ['max_concurrent_devices', String(maxConcurrentDevices)],
    ['memory_usage_limit_percentage', '75'],
    ['package_cert_id', 'dyAaL7'],
    ['enable_global_bandwidth_control', 'false'],
    ['global_backup_bandwidth_number', '0'],
    ['enable_ip_range_bandwidth_control', 'false'],
    ['full_backup_task_ids', ''],
    ['retention_run_hour', String(RETENTION.hour)],
    ['retention_run_min', String(RETENTION.minute)],
  ]);
}

function addSketchedTask(world: World, sketch: TaskSketch, options: DemoOptions, now: number): Task {
  const createdAt = Math.floor(now) - (PAST_DAYS + 300) * DAY;
  const deviceIds = Array.from({ length: options.devices }, (_, index) => {
    const hostName = index === 0 ? sketch.host : `${sketch.host}-${index + 1}`;
    return addDevice(world, { ...deviceOf(sketch), hostName, createdAt, loggedInAt: createdAt + 13 }).id;
  });
  const plan = { ...sketch.plan, paths: [...sketch.plan.paths] };
  if (options.runSeconds !== null) plan.durationSeconds = options.runSeconds;
  return addTask(world, {
    name: sketch.name,
    type: sketch.type,
    deviceIds,
    schedule: structuredClone(sketch.schedule),
    scheduleModifiedAt: createdAt,
    customVolumes: [...sketch.customVolumes],
    maxConcurrentDevices: sketch.type === 'vm' ? 4 : 0,
    retention: { ...DEFAULT_RETENTION, keep_versions: sketch.keepVersions },
    plan,
  });
}

/** A task of machines with a habit: its devices, when they are connected, and how their backups end now. */
function addMachineTask(world: World, sketch: MachineSketch, options: DemoOptions, now: number): Task {
  const task = addSketchedTask(world, sketch, { ...options, devices: 0 }, now);
  for (const { host, presence, awayForDays, fails } of sketch.members) {
    const createdAt = Math.floor(now) - (PAST_DAYS + 300) * DAY;
    const given = { ...deviceOf(sketch), hostName: host, createdAt, loggedInAt: createdAt + 13 };
    const device = addDevice(world, given);
    task.deviceIds.push(device.id);
    if (fails !== undefined) task.devicePlans.set(device.id, { outcome: fails.outcome, error: fails.error });
    if (presence === undefined) continue;
    const away = awayForDays === undefined ? [] : [[now - awayForDays * DAY, Infinity] as const];
    setPresence(world, device, { ...presence, away });
  }
  // The agent of a silent task stays on line, but nothing starts it any more; its schedule still says when it should.
  if (sketch.silentForDays !== undefined) task.plan.outcome = 'never_runs';
  return task;
}

function deviceOf(sketch: TaskSketch): Partial<Device> & Pick<Device, 'type'> {
  const { type, platform, osName, online } = sketch;
  return { type, platform, osName, online, canBackup: online && hasAgent(type), loginUser: sketch.user };
}
