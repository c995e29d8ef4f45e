import { addDevice, addTask } from './data/things';
import type { NewTask } from './data/things';
import { deleteVersions } from './history';
import { nextTrigger } from './schedule';
import type { Schedule } from './schedule';
import { acceptRuns, endRun, removeTask, runOf, startRun } from './runs';
import type { Aem, Device, Outcome, Result, Run, Share, Storage, Task, Version, Volume, World } from './world';

/**
 * The state of a simulated NAS as a test sees and changes it. Every look is at the present: whatever was due by then has
 * happened. The objects are the NAS's own, so changing a field changes the NAS.
 */
export class NasState {
  constructor(
    private readonly world: World,
    private readonly settleNow: () => void,
  ) {}

  get #present(): World {
    this.settleNow();
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

  /** What waits or runs now. */
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

  /** By name; values are strings, as DSM keeps them. */
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

  /** Whether Active Backup runs; while it does not, its APIs are gone. */
  get packageRunning(): boolean {
    return this.world.packageRunning;
  }

  set packageRunning(running: boolean) {
    this.world.packageRunning = running;
  }

  /** Whether tasks start, and old versions go, by themselves. */
  get schedules(): boolean {
    return this.world.schedules;
  }

  set schedules(schedules: boolean) {
    this.settleNow();
    this.world.schedules = schedules;
  }

  /** @throws Error when there is no such task: a mistake of the test */
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
    task.nextTriggerAt = nextTrigger(plan, this.world.settledAt, this.world.utcOffsetSeconds);
  }

  /** Connects or disconnects the agents of all devices of a task. */
  setOnline(taskId: number, online: boolean): void {
    for (const id of this.task(taskId).deviceIds) Object.assign(this.device(id), { online, canBackup: online });
  }

  /** How the runs of a task end from now on; also the one that is under way. */
  setOutcome(taskId: number, outcome: Outcome): void {
    this.task(taskId).plan.outcome = outcome;
    const run = runOf(this.world, taskId);
    if (run === undefined || run.state === 'cancelling') return;
    // Once it has started it can no longer never run.
    if (outcome !== 'never_runs' || run.state === 'waiting') run.outcome = outcome;
  }

  /** Starts a run as somebody else: a user of DSM or, with '', the schedule. @throws Refusal as DSM would */
  startRun(taskId: number, startedBy = 'operator'): void {
    acceptRuns(this.#present, [this.task(taskId)], startedBy);
  }

  /** Lets a run end now, waiting or running, with its planned outcome or another. @throws Error when there is none */
  endRun(taskId: number, outcome?: Exclude<Outcome, 'never_runs'>): void {
    const world = this.#present;
    const run = runOf(world, taskId) ?? missing('run of task', taskId);
    if (outcome !== undefined) run.outcome = outcome;
    if (run.state === 'waiting') startRun(world, run);
    endRun(world, run, world.settledAt);
  }

  /** Deletes the oldest versions of a task, as its retention would: a job of its own in `last_result`. */
  deleteVersions(taskId: number, count = 1): void {
    const oldest = this.versions(taskId).slice(0, count);
    deleteVersions(this.world, this.task(taskId), new Set(oldest.map(({ id }) => id)), this.world.settledAt);
  }
}

function missing(what: string, id: number): never {
  throw new Error(`the simulated NAS has no ${what} ${id}`);
}
