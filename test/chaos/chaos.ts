import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../nas/index';
import type { Commands } from './commands';
import type { ChaosParts, Disturbance, Part } from './disturbance';
import { ofNas } from './nas-disturbances';
import { ofBroker, ofDisk, ofNetwork, ofNodeRed } from './outer-disturbances';
import { RUN_SECONDS, type Site } from './site';

type RunOutcome = Exclude<Outcome, 'never_runs'>;

const OUTCOMES: readonly RunOutcome[] = ['success', 'success', 'success', 'partial', 'failed', 'cancelled'];

/** Random disturbances of a real system while backups run; the same seed makes the same choices in the same order. */
export class Chaos {
  /** What was done, with the time in seconds: enough to repeat a run that has failed. */
  readonly log: string[] = [];
  /** How often each disturbance was made. */
  readonly counts = new Map<string, number>();
  readonly #parts: ChaosParts;
  readonly #commands: Commands;
  readonly #disturbances: ReadonlyMap<string, Disturbance>;
  readonly #from = performance.now();
  readonly #current = new Map<Part, Disturbance>();

  constructor(parts: ChaosParts, commands: Commands) {
    this.#parts = parts;
    this.#commands = commands;
    this.#disturbances = new Map([
      ...parts.sites.flatMap((site) => ofNas(site, parts)),
      ...[...ofNodeRed(parts), ...ofBroker(parts), ...ofDisk(parts), ...ofNetwork(parts)],
    ]);
    for (const site of parts.sites) {
      site.isDisturbed = () => this.#current.has(`nas ${site.options.id}`) || this.#current.has('network');
    }
  }

  /** How many backups have finished. */
  get finished(): number {
    return this.#parts.sites.reduce((sum, { finishedIds }) => sum + finishedIds.length, 0);
  }

  /**
   * Acts until `count` backups have finished; then everything is healthy, and nothing runs.
   * @param endsProcess whether the process of Node-RED may end
   */
  async run(count: number, endsProcess: boolean): Promise<void> {
    const { random, sites } = this.#parts;
    const names = [...this.#disturbances].flatMap(([name, each]) => {
      return endsProcess || each.endsProcess !== true ? [name] : [];
    });
    while (this.finished < count) {
      for (let steps = random.integer(2, 20); steps > 0; steps -= 1) {
        const [first, ...others] = sites;
        const site = random.integer(1, 4) === 1 ? random.pick(others) : first;
        if (site !== undefined) this.#workOfNas(site);
        await sleep(20);
      }
      const name = random.pick(names);
      const disturbance = this.#disturbances.get(name);
      if (disturbance !== undefined) await this.#change(name, disturbance);
    }
    for (const part of [...this.#current.keys()]) await this.#endOf(part);
    for (const { nas } of sites) for (const { taskId } of nas.state.runs) nas.state.endRun(taskId, 'success');
  }

  async #change(name: string, disturbance: Disturbance): Promise<void> {
    const lasts = this.#current.get(disturbance.part);
    if (lasts !== undefined) await this.#endOf(disturbance.part);
    // As often calm as disturbed.
    if (lasts !== undefined && this.#parts.random.integer(0, 1) === 0) return;
    this.#note(name);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    this.#current.set(disturbance.part, disturbance);
    await disturbance.begin();
  }

  async #endOf(part: Part): Promise<void> {
    const disturbance = this.#current.get(part);
    if (disturbance === undefined) return;
    await disturbance.end();
    this.#current.delete(part);
    this.#note(`end of ${part}`);
  }

  #note(what: string): void {
    this.log.push(`${((performance.now() - this.#from) / 1000).toFixed(1)} s: ${what}`);
  }

  /** Backups start and end, also by commands; now and then tasks, machines and versions come and go. */
  #workOfNas(site: Site): void {
    const { state } = site.nas;
    const { random } = this.#parts;
    const idle = state.tasks.filter(({ id }) => !state.runs.some(({ taskId }) => taskId === id));
    const choice = random.integer(1, 100);
    if (choice <= 47 && idle.length > 0) state.startRun(random.pick(idle).id);
    else if (choice <= 94 && state.runs.length > 0) {
      state.endRun(random.pick([...state.runs]).taskId, random.pick(OUTCOMES));
    } else if (choice === 95 && state.tasks.length < 24) state.addTask().plan.durationSeconds = RUN_SECONDS;
    else if (choice === 96) state.deleteVersions(random.pick(state.tasks).id);
    else if (choice === 97 && idle.length > 6) state.removeTask(random.pick(idle).id);
    else if (idle.length > 0) this.#commands.send(site, random.pick(idle).id);
  }
}
