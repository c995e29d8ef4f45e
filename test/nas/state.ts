import { addDevice, addTask } from './data/items';
import type { NewTask } from './data/items';
import { deleteVersions } from './history';
import { nextTrigger } from './schedule';
import type { Schedule } from './schedule';
import { acceptRuns, endRun, removeTask, runOf, startRun } from './runs';
import type { Aem, Device, Outcome, Result, Run, Share, Storage, Task, Version, Volume, World } from './world';

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

  /** Deletes the oldest versions of a task, as retention does: a job of its own in `last_result`. */
  deleteVersions(taskId: number, count = 1): void {
    const oldest = this.versions(taskId).slice(0, count);
    deleteVersions(this.world, this.task(taskId), new Set(oldest.map(({ id }) => id)), this.world.simulatedUntil);
  }
}

function missing(what: string, id: number): never {
  throw new Error(`the simulated NAS has no ${what} ${id}`);
}
