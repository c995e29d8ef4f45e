import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** What one measured piece of work cost this process. */
export interface Cost {
  /** CPU of all its threads in milliseconds: user and system, garbage collection included. */
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Work that a bench compares, by its name. */
export type Works = Readonly<Record<string, () => Promise<void>>>;

const QUIET_WINDOW_MS = 10;
/** A window in which the loop was busy for a smaller part counts as quiet. */
const QUIET_UTILIZATION = 0.1;
const QUIET_WINDOWS = 3;
/** After a collection of garbage, in which its threads finish. */
const SETTLE_MS = 30;

/** The middle one of the values; of an even number the higher of the two in the middle. NaN for none. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Collects garbage, which needs `node --expose-gc`. */
function collectGarbage(): void {
  if (global.gc === undefined) throw new Error('Start Node with --expose-gc: the bench measures from a clean heap');
  global.gc();
}

/** Bytes in use on the heap, without garbage. */
export async function heapBytes(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    collectGarbage(); // objects with a finalizer need a second collection
    await nextTurn();
  }
  return process.memoryUsage().heapUsed;
}

/** Waits until the event loop has been idle for some time: what a poll has begun is then done. Costs nearly no CPU. */
export async function quiet(): Promise<void> {
  for (let windows = 0; windows < QUIET_WINDOWS; windows += 1) {
    const before = performance.eventLoopUtilization();
    await sleep(QUIET_WINDOW_MS);
    if (performance.eventLoopUtilization(before).utilization > QUIET_UTILIZATION) windows = -1;
  }
}

/** Runs work once, from a heap without garbage. */
export async function costOf(work: () => Promise<void>): Promise<Cost> {
  await settleHeap();
  return measured(work);
}

/** Collects garbage, and waits until the threads that do it are done: their CPU would count. */
async function settleHeap(): Promise<void> {
  collectGarbage();
  await sleep(SETTLE_MS);
}

async function measured(work: () => Promise<void>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const from = performance.now();
  await work();
  const wallMs = performance.now() - from;
  return { cpuMs: millisecondsOf(process.cpuUsage(cpu)), wallMs };
}

/**
 * The longest time in milliseconds for which work did not let the event loop continue: measured by a timer of a millisecond.
 * Between two of its calls the CPU of the process and the time are both limits of it: the CPU also counts the threads that
 * collect garbage, and the time also counts other programs on a busy machine. The lower one is taken.
 */
export async function stallOf(work: () => Promise<void>): Promise<number> {
  await settleHeap();
  let longestMs = 0;
  let before = { cpu: process.cpuUsage(), at: performance.now() };
  const sample = (): void => {
    const now = { cpu: process.cpuUsage(), at: performance.now() };
    const cpuMs = millisecondsOf(now.cpu) - millisecondsOf(before.cpu);
    longestMs = Math.max(longestMs, Math.min(cpuMs, now.at - before.at));
    before = now;
  };
  const timer = setInterval(sample, 1);
  await work();
  clearInterval(timer);
  sample();
  return longestMs;
}

/** What the process needs while it only waits: a share of the time, to be taken off from a cost that contains waiting. */
export async function idleShare(milliseconds: number): Promise<number> {
  await settleHeap();
  const { cpuMs, wallMs } = await measured(async () => {
    for (const end = performance.now() + milliseconds; performance.now() < end;) await quiet();
  });
  return cpuMs / wallMs;
}

/** Without the share of an idle process. */
export function busyMs({ cpuMs, wallMs }: Cost, share: number): number {
  return cpuMs - share * wallMs;
}

function millisecondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

/** How often, and of what, {@link compare} measures. */
export interface Rounds<W extends Works> {
  readonly rounds: number;
  /** How often each work runs in a row in each round, between two collections of garbage; the mean of these counts. Default: 1. */
  readonly times?: number;
  /** Runs before each work, unmeasured. */
  readonly prepare?: (name: keyof W) => Promise<void>;
}

/**
 * Runs each work in turns, so that a change of the machine's speed meets all of them.
 * @returns the medians of the rounds, for one run of each work
 */
export async function compare<W extends Works>(
  works: W,
  { rounds, times = 1, prepare = (): Promise<void> => Promise.resolve() }: Rounds<W>,
): Promise<Record<keyof W, Cost>> {
  const entries = Object.entries(works);
  const costs = new Map(entries.map(([name]) => [name, [] as Cost[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, work] of entries) {
      await settleHeap();
      const all: Cost[] = [];
      for (let time = 0; time < times; time += 1) {
        await prepare(name);
        all.push(await measured(work));
      }
      costs.get(name)?.push(meanCost(all));
    }
  }
  return Object.fromEntries([...costs].map(([name, all]) => [name, medianCost(all)])) as Record<keyof W, Cost>;
}

function meanCost(costs: readonly Cost[]): Cost {
  const mean = (of: (cost: Cost) => number): number => costs.reduce((sum, cost) => sum + of(cost), 0) / costs.length;
  return { cpuMs: mean(({ cpuMs }) => cpuMs), wallMs: mean(({ wallMs }) => wallMs) };
}

function medianCost(costs: readonly Cost[]): Cost {
  return { cpuMs: median(costs.map(({ cpuMs }) => cpuMs)), wallMs: median(costs.map(({ wallMs }) => wallMs)) };
}
