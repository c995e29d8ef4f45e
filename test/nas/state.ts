import { addDevice, addTask } from './data/items';
import type { NewTask } from './data/items';
import { deleteVersions } from './history';
import { nextTrigger } from './schedule';
import type { Schedule } from './schedule';
import { endJob, startJob } from './jobs';
import type { JobKind, NewJob } from './jobs';
import { presenceOf, setPresence } from './presence';
import { acceptRuns, endRun, removeTask, runOf, startRun } from './runs';
import type {
  Aem,
  Device,
  DeviceOutcome,
  Outcome,
  Presence,
  Result,
  Run,
  Share,
  Storage,
  Task,
  Version,
  Volume,
  World,
} from './world';

/**
 * The state of a simulated NAS, for tests to read and change. Each access first simulates everything that was due. The objects
 * are those of the NAS, so changing a field changes the NAS.
 */
export class NasState {
  constructor(
    private readonly world: World,
    private readonly advanceNow: () => void,
  ) {}

  get #present(): World {
    this.advanceNow();
    return this.world;
  }

  get tasks(): Task[] {
    return [...this.#present.tasks.values()];
  }

  get devices(): Device[] {
    return [...this.#present.devices.values()];
  }

  /** The history, oldest first. */
  get results(): Result[] {
    return [...this.#present.results.values()];
  }

  /** Waiting and running backups. */
  get runs(): Run[] {
    return [...this.#present.runs.values()];
  }

  get logs(): World['logs'] {
    return this.#present.logs;
  }

  get storages(): Storage[] {
    return this.#present.storages;
  }

  get shares(): Share[] {
    return this.#present.shares;
  }

  get volumes(): Volume[] {
    return this.#present.volumes;
  }

  /** By name; values are strings, as in DSM. */
  get settings(): Map<string, string> {
    return this.#present.settings;
  }

  get aem(): Aem {
    return this.#present.aem;
  }

  get serialNumber(): string {
    return this.world.serialNumber;
  }

  set serialNumber(serialNumber: string) {
    this.world.serialNumber = serialNumber;
  }

  /** Whether Active Backup runs; while it is stopped its APIs are absent. */
  get packageRunning(): boolean {
    return this.world.packageRunning;
  }

  set packageRunning(running: boolean) {
    this.world.packageRunning = running;
  }

  /** Whether schedules start tasks and retention deletes old versions. */
  get schedules(): boolean {
    return this.world.schedules;
  }

  set schedules(schedules: boolean) {
    this.advanceNow();
    this.world.schedules = schedules;
  }

  /** @throws Error when there is no such task, a mistake in the test */
  task(id: number): Task {
    return this.#present.tasks.get(id) ?? missing('task', id);
  }

  /** @throws Error when there is no such device */
  device(id: number): Device {
    return this.#present.devices.get(id) ?? missing('device', id);
  }

  /** The versions of a task, oldest first. */
  versions(taskId: number): Version[] {
    return this.#present.versions.get(taskId) ?? [];
  }

  /** The results of a task, oldest first. */
  resultsOf(taskId: number): Result[] {
    return this.results.filter((result) => result.taskId === taskId);
  }

  addTask(task: NewTask = {}): Task {
    return addTask(this.#present, task);
  }

  removeTask(id: number): void {
    removeTask(this.#present, id);
  }

  addDevice(device: Partial<Device> = {}): Device {
    return addDevice(this.#present, device);
  }

  /** Gives a task another schedule, from now on. */
  setSchedule(taskId: number, plan: Schedule): void {
    const task = this.task(taskId);
    task.schedule = plan;
    task.nextTriggerAt = nextTrigger(plan, this.world.simulatedUntil, this.world.utcOffsetSeconds);
  }

  /** Connects or disconnects the agents of all devices of a task. */
  setOnline(taskId: number, online: boolean): void {
    for (const id of this.task(taskId).deviceIds) Object.assign(this.device(id), { online, canBackup: online });
  }

  /** Sets how runs of a task end from now on, including the current one. */
  setOutcome(taskId: number, outcome: Outcome): void {
    this.task(taskId).plan.outcome = outcome;
    const run = runOf(this.world, taskId);
    if (run === undefined || run.state === 'cancelling') return;
    // A run that has started cannot become one that never runs.
    if (outcome !== 'never_runs' || run.state === 'waiting') run.outcome = outcome;
  }

  /** Starts a run as another user of DSM or, with '', by schedule. @throws ApiError as DSM would */
  startRun(taskId: number, startedBy = 'operator'): void {
    acceptRuns(this.#present, [this.task(taskId)], startedBy);
  }

  /** Ends a waiting or running backup now, with its planned outcome or another. @throws Error when there is none */
  endRun(taskId: number, outcome?: Exclude<Outcome, 'never_runs'>): void {
    const world = this.#present;
    const run = runOf(world, taskId) ?? missing('run of task', taskId);
    if (outcome !== undefined) run.outcome = outcome;
    if (run.state === 'waiting') startRun(world, run);
    endRun(world, run, world.simulatedUntil);
  }

  /**
   * Sets how the backups of one device of a task end from now on, including the current one; those of the others succeed. The task is
   * then partial or, if all fail, failed; `setOutcome` with `failed` has DSM report it as failed.
   * @param error its `error_code` in the details (docs/facts/dsm.md §3.8)
   */
  setDeviceOutcome(taskId: number, deviceId: number, outcome: DeviceOutcome, error = 0): void {
    const { devicePlans } = this.task(taskId);
    if (outcome === 'success') devicePlans.delete(deviceId);
    else devicePlans.set(deviceId, { outcome, error });
  }

  /** Lets the next `runs` backups of a task transfer `bytes` times as much and last `seconds` times as long. */
  deviate(
    taskId: number,
    { bytes = 1, seconds = 1, runs = 1 }: { bytes?: number; seconds?: number; runs?: number },
  ): void {
    this.task(taskId).deviation = { bytes, seconds, runs };
  }

  /**
   * Gives a device hours in which it is connected; by default workdays from 8:00 to 17:30. It comes and goes by itself, is
   * disconnected at once when it is not there now, and its tasks with an event schedule (`schedule_setting_type` 2) start when it
   * comes. Null: no hours, it stays as it is.
   */
  setPresence(deviceId: number, presence: Partial<Presence> | null = {}): void {
    const device = this.device(deviceId);
    setPresence(this.world, device, presence === null ? null : presenceOf(presence));
  }

  /** Disconnects a device for good: it is never on line again, but keeps its tasks. */
  retire(deviceId: number): void {
    const now = this.#present.simulatedUntil;
    this.setPresence(deviceId, { away: [[now, Infinity]] });
  }

  /** Starts a restore or verification of a task; it ends by itself. @returns its open result */
  startJob(taskId: number, kind: JobKind, job: NewJob = {}): Result {
    const task = this.task(taskId);
    return startJob(this.world, task, kind, job, this.world.simulatedUntil);
  }

  /** Ends a restore or verification now, with its planned outcome or another. @throws Error when it has ended */
  endJob(resultId: number, outcome?: DeviceOutcome): void {
    const job = this.#present.jobs.get(resultId) ?? missing('open job with result', resultId);
    endJob(this.world, outcome === undefined ? job : { ...job, outcome }, this.world.simulatedUntil);
  }

  /** Lets the volume of a storage fill by so many bytes per day, beside its backups. */
  setGrowth(storageId: number, bytesPerDay: number): void {
    const storage = this.storages.find(({ id }) => id === storageId) ?? missing('storage', storageId);
    storage.growthPerDay = bytesPerDay;
  }

  /** Deletes the oldest versions of a task, as retention does: a job of its own in `last_result`. */
  deleteVersions(taskId: number, count = 1): void {
    const oldest = this.versions(taskId).slice(0, count);
    deleteVersions(this.world, this.task(taskId), new Set(oldest.map(({ id }) => id)), this.world.simulatedUntil);
  }
}

function missing(what: string, id: number): never {
  throw new Error(`the simulated NAS has no ${what} ${id}`);
}
