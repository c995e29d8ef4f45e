import { expect, test } from 'vitest';
import type { NasMonitor } from '../../src/monitor/nas-monitor';
import { parseMonitorState, type MonitorState } from '../../src/monitor/monitor-state';
import { createRandom } from '../nas/random';
import { ScriptedNas, Recorder, whenIdle } from './support/scripted-nas';

/** The same in each run of the suite; others are tried with the variable. */
const SEED = Number(process.env['SEED'] ?? 20_261_128);
const SEQUENCES = 200;
const STEPS = 40;
const TASKS = 4;

/** Like `JsonFile`: a value that a full disk rejects is kept in memory until the process ends. */
class Disk {
  isFull = false;
  isDead = false;
  written: string | null = null;
  #unsaved: string | null = null;

  load(): MonitorState | null {
    const text = this.#unsaved ?? this.written;
    return text === null ? null : parseMonitorState(text);
  }

  save(state: MonitorState): void {
    if (this.isDead) return;
    this.#unsaved = JSON.stringify(state);
    this.retry();
  }

  retry(): void {
    if (this.isFull || this.isDead || this.#unsaved === null) return;
    this.written = this.#unsaved;
    this.#unsaved = null;
  }

  /** The same disk after a restart of the process. */
  afterKill(): Disk {
    this.isDead = true;
    const next = new Disk();
    next.written = this.written;
    next.isFull = this.isFull;
    return next;
  }
}

/** Events that a listener must have received. */
interface Account {
  readonly recorder: Recorder;
  /** Ends that were there at its first poll; null before that. */
  past: ReadonlySet<number> | null;
  /** Ends that a kill has made forgotten again: each may come once more, late. */
  readonly repeatable: Set<number>;
  readonly got: Set<number>;
}

async function sequence(random: () => number): Promise<void> {
  const pick = (count: number): number => Math.floor(random() * count);
  const nas = new ScriptedNas(TASKS);
  let disk = new Disk();
  let monitor: NasMonitor = nas.createMonitor(disk);
  const accounts: Account[] = Array.from({ length: 1 + pick(4) }, (_, i) => ({
    recorder: new Recorder(`listener ${i}`),
    past: null,
    repeatable: new Set(),
    got: new Set(),
  }));
  const known = (state: MonitorState | null, { recorder }: Account): boolean => recorder.id in (state?.listeners ?? {});
  const ids = (): number[] => nas.results.map(({ id }) => id!);

  const take = (): void => {
    for (const { recorder, repeatable, got } of accounts) {
      for (const { event, result, late } of recorder.events.splice(0)) {
        if (result === undefined) continue;
        const id = result.id!;
        const isRepeated = got.has(id);
        expect(isRepeated && !(late && repeatable.delete(id)) ? `${event} ${id} again` : null).toBeNull();
        got.add(id);
      }
    }
  };
  const poll = async (): Promise<void> => {
    nas.poll();
    await whenIdle();
    take();
    for (const account of accounts)
      if (account.past === null && known(disk.load(), account)) account.past = new Set(ids());
  };
  const restart = (): void => {
    for (const { recorder } of accounts) recorder.unsubscribe();
    nas.removeListeners();
    monitor = nas.createMonitor(disk);
  };
  const kill = async (): Promise<void> => {
    if (random() < 0.5) {
      nas.poll();
      for (let i = 0; i < 20; i += 1) await Promise.resolve(); // as far as it gets without another turn
    }
    const before = disk.written === null ? null : parseMonitorState(disk.written);
    disk = disk.afterKill();
    await whenIdle();
    take();
    for (const account of accounts) {
      // Of what is not on the disk nothing is known: not what was delivered, and not who was there.
      for (const id of account.got) account.repeatable.add(id);
      if (!known(before, account)) account.past = null;
    }
    restart();
  };
  const steps: (() => Promise<void> | void)[] = [
    () => {
      for (let i = 1 + pick(3); i > 0; i -= 1) nas.end(1 + pick(TASKS), random() < 0.3 ? 4 : 2);
    },
    poll,
    () => {
      const { recorder } = accounts[pick(accounts.length)]!;
      if (recorder.isSubscribed) recorder.unsubscribe();
      else recorder.subscribe(monitor);
    },
    () => {
      const { recorder } = accounts[pick(accounts.length)]!;
      const refused = pick(2);
      recorder.rejects = random() < 0.5 ? () => false : ({ result }) => (result?.id ?? 0) % 2 === refused;
    },
    () => {
      if (random() < 0.3) restart();
    },
    () => (random() < 0.3 ? kill() : undefined),
    () => void (nas.isLogAvailable = random() < 0.7),
    () => {
      disk.isFull = random() < 0.3;
      disk.retry();
    },
    () => void (nas.isOffline = random() < 0.2),
  ];
  nas.end(1);
  for (let i = 0; i < STEPS; i += 1) {
    await steps[random() < 0.5 ? pick(2) : pick(steps.length)]!();
  }
  Object.assign(nas, { isLogAvailable: true, isOffline: false });
  disk.isFull = false;
  disk.retry();
  for (const { recorder } of accounts) {
    recorder.rejects = () => false;
    if (!recorder.isSubscribed) recorder.subscribe(monitor);
  }
  await poll();
  await poll();
  for (const { past, got } of accounts) {
    expect(past).not.toBeNull();
    expect(ids().filter((id) => past?.has(id) === false && !got.has(id))).toEqual([]);
  }
}

test(`each listener gets each finished backup once, over ${SEQUENCES} random sequences of deploys, restarts, kills, throwing listeners and full disks`, async () => {
  for (let i = 0; i < SEQUENCES; i += 1) {
    const seed = SEED + i;
    const random = createRandom(seed);
    await sequence(() => random.fraction()).catch((error: unknown) => {
      throw new Error(`SEED=${seed}: ${String(error)}`, { cause: error });
    });
  }
}, 60_000);
