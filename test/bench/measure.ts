import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** What one measured piece of work cost this process. */
export interface Cost {
  /** CPU of all its threads in milliseconds: user and system, garbage collection included. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** The most CPU in milliseconds for which the event loop was not free. */
  readonly stallMs: number;
}

/** Work that a bench compares, by its name. */
export type Works = Readonly<Record<string, () => Promise<void>>>;

const QUIET_WINDOW_MS = 10;
/** A window in which the loop was busy for a smaller part counts as quiet. */
const QUIET_UTILIZATION = 0.1;
const QUIET_WINDOWS = 3;

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
  collectGarbage();
  await nextTurn();
  const stalls = watchStalls();
  const cpu = process.cpuUsage();
  const from = performance.now();
  await work();
  const wallMs = performance.now() - from;
  const cpuMs = millisecondsOf(process.cpuUsage(cpu));
  return { cpuMs, wallMs, stallMs: stalls.end() };
}

/**
 * Measures stalls by a timer of a millisecond: the most CPU between two of its calls. Delays in wall time, as of
 * `monitorEventLoopDelay`, would also count other programs on a busy machine.
 */
function watchStalls(): { end: () => number } {
  let longestMs = 0;
  let before = process.cpuUsage();
  const sample = (): void => {
    const now = process.cpuUsage();
    longestMs = Math.max(longestMs, millisecondsOf(now) - millisecondsOf(before));
    before = now;
  };
  const timer = setInterval(sample, 1);
  return {
    end: () => {
      clearInterval(timer);
      sample();
      return longestMs;
    },
  };
}

function millisecondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

/**
 * Runs each work in turns, so that a change of the machine's speed meets all of them.
 * @param prepare runs before each, unmeasured
 * @returns the medians of the rounds
 */
export async function compare<W extends Works>(
  works: W,
  rounds: number,
  prepare: (name: keyof W) => Promise<void> = () => Promise.resolve(),
): Promise<Record<keyof W, Cost>> {
  const entries = Object.entries(works);
  const costs = new Map(entries.map(([name]) => [name, [] as Cost[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, work] of entries) {
      await prepare(name);
      costs.get(name)?.push(await costOf(work));
    }
  }
  return Object.fromEntries([...costs].map(([name, all]) => [name, medianCost(all)])) as Record<keyof W, Cost>;
}

function medianCost(costs: readonly Cost[]): Cost {
  return {
    cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
    wallMs: median(costs.map(({ wallMs }) => wallMs)),
    stallMs: median(costs.map(({ stallMs }) => stallMs)),
  };
}
