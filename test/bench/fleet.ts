// `npm run bench:fleet`: NASes split over several Node-RED processes with one broker, more and more of them until this machine
// is at its limit. The simulated NASes and the broker run on the same machine, so it ends earlier than Node-RED alone would.
// `npm run bench:fleet -- --help` describes it and starts nothing.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpus, freemem, totalmem } from 'node:os';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/root';
import { tempDir } from '../support/temp-dir';
import { startNasProcess, type NasProcess } from './nas-client';
import type { Use } from './rows/many-nas';
import { COMPILED, compile, startBenchBroker } from './run';

/** The NASes of one Node-RED process. */
export interface FleetPart {
  readonly urls: readonly string[];
  readonly broker: string;
  /** Number of its first NAS among all. */
  readonly first: number;
  readonly root: string;
  /** An empty folder. */
  readonly folder: string;
}

/** What one Node-RED process uses. */
export interface FleetUse extends Use {
  readonly memoryMB: number;
}

const NAS_COUNT = 2000;
const NAS_PER_PROCESS = 100;
const TASKS = 50;
const MEASURED_SECONDS = 20;
const LIMIT_SECONDS = 9 * 60;
/** Of all cores, with the simulated NASes and the broker. */
const MAX_CPU_PERCENT = 90;
const MIN_FREE_MEMORY = 0.1;
const MAX_P99_MS = 1000;

const USAGE = `npm run bench:fleet

Starts simulated NASes, ${NAS_PER_PROCESS} with ${TASKS} tasks each for each Node-RED process, all with one MQTT broker, until one of these:
  ${NAS_COUNT} NASes run
  the machine is busy for more than ${MAX_CPU_PERCENT} %
  less than ${MIN_FREE_MEMORY * 100} % of its memory is free
  the delay of an event loop is more than ${MAX_P99_MS} ms (99th percentile)
  ${LIMIT_SECONDS / 60} minutes have passed
It uses the whole machine, and prints what the processes use after each start.

  --help  this text`;

/** A running part of the fleet. */
interface Part {
  readonly nas: NasProcess;
  readonly nodeRed: ChildProcess;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  await compile();
  const broker = await startBenchBroker();
  const folder = await tempDir('fleet');
  const parts: Part[] = [];
  const timeOver = `the time is over (${LIMIT_SECONDS / 60} minutes)`;
  const limit = new AbortController();
  const end = await Promise.race([
    grow(parts, broker.url, folder.path).catch(String),
    sleep(LIMIT_SECONDS * 1000, timeOver, { signal: limit.signal }),
  ]);
  limit.abort();
  console.log(`Ends with ${parts.length} processes, the last of which may still start: ${end}`);
  for (const { nas, nodeRed } of parts) {
    nodeRed.kill('SIGKILL');
    await nas.close();
  }
  await broker.close();
  await folder.remove();
  process.exit(); // what still starts ends with this process
}

/** Adds parts until a limit is reached. @returns why it ends. @throws Error when a process has ended by itself */
async function grow(parts: Part[], broker: string, folder: string): Promise<string> {
  while (parts.length * NAS_PER_PROCESS < NAS_COUNT) {
    const part = await startPart(parts.length, broker, folder);
    parts.push(part);
    const reason = await measure(parts, await nextMessage<number>(part.nodeRed));
    if (reason !== null) return reason;
  }
  return `all ${NAS_COUNT} NASes run`;
}

/** The next message of a Node-RED process. @throws Error when it has ended */
async function nextMessage<T>(nodeRed: ChildProcess): Promise<T> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const ended = once(nodeRed, 'exit', { signal }).then(([code, killed]) => {
    throw new Error(`a Node-RED process has ended (${String(code ?? killed)})`);
  });
  try {
    const [message] = (await Promise.race([once(nodeRed, 'message', { signal }), ended])) as [T];
    return message;
  } finally {
    ended.catch(() => undefined);
    waiting.abort();
  }
}

/** Starts a Node-RED, whose first message comes when it is idle. */
async function startPart(index: number, broker: string, folder: string): Promise<Part> {
  console.log(`${index * NAS_PER_PROCESS} NASes run; the next ${NAS_PER_PROCESS} start`);
  const options = { count: NAS_PER_PROCESS, tasks: TASKS, seed: index + 1 };
  const nas = await startNasProcess(join(COMPILED, 'nas-process.js'), options);
  const own = join(folder, String(index));
  await mkdir(own);
  const part: FleetPart = { urls: nas.urls, broker, first: index * NAS_PER_PROCESS, root, folder: own };
  const nodeRed = fork(join(COMPILED, 'fleet-process.js'), [JSON.stringify(part)], { cwd: root, execArgv: [] });
  return { nas, nodeRed };
}

/** Prints what all processes use. @returns the limit that is reached; null: none */
async function measure(parts: readonly Part[], startSeconds: number): Promise<string | null> {
  const before = cpuTimes();
  const uses = await Promise.all(parts.map(({ nodeRed }) => useOf(nodeRed)));
  const machinePercent = busyPercent(before, cpuTimes());
  const p99Ms = Math.max(...uses.map((use) => use.p99Ms));
  const freeShare = freemem() / totalmem();
  const sum = (value: (use: FleetUse) => number): number => uses.reduce((all, use) => all + value(use), 0);
  console.log(
    [
      `${parts.length * NAS_PER_PROCESS} NASes in ${parts.length} processes (the last started in ${startSeconds} s)`,
      `Node-RED ${sum((use) => use.cpuPercent).toFixed(0)} % of a core, ${sum((use) => use.memoryMB).toFixed(0)} MB`,
      `loop delay p99 at most ${p99Ms.toFixed(0)} ms`,
      `machine ${machinePercent.toFixed(0)} % busy, ${(freeShare * 100).toFixed(0)} % of its memory free`,
    ].join('; '),
  );
  if (machinePercent > MAX_CPU_PERCENT) return `the machine is busy for ${machinePercent.toFixed(0)} %`;
  if (freeShare < MIN_FREE_MEMORY) return `${(freeShare * 100).toFixed(0)} % of the memory is free`;
  return p99Ms > MAX_P99_MS ? `a process answers after ${p99Ms.toFixed(0)} ms` : null;
}

async function useOf(nodeRed: ChildProcess): Promise<FleetUse> {
  nodeRed.send(MEASURED_SECONDS);
  return nextMessage(nodeRed);
}

/** Milliseconds of all cores since the machine started. */
function cpuTimes(): { idle: number; all: number } {
  const times = cpus().map((core) => core.times);
  const idle = times.reduce((sum, each) => sum + each.idle, 0);
  return { idle, all: times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, idle) };
}

function busyPercent(before: ReturnType<typeof cpuTimes>, after: ReturnType<typeof cpuTimes>): number {
  return 100 * (1 - (after.idle - before.idle) / (after.all - before.all));
}

void main();
