import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Credentials } from '../../../scripts/demo/credentials';
import type { FlowNode } from '../../../scripts/demo/flow';
import { startEmbedded } from '../embedded-node-red';
import { startNasProcess, type NasProcess } from '../nas-client';
import { sizeText, type Context, type Measured, type Row } from '../row';

const TASKS = 50;
const SECONDS = 60;
const TINY_SECONDS = 2;
/** The first publish of all NASes ends when the loop is idle for so many seconds in a row. */
const IDLE_SECONDS = 3;
const IDLE_UTILIZATION = 0.2;
const START_LIMIT_SECONDS = 90;
const RESOLUTION_MS = 1;

/** What a Node-RED with many NASes needs, each with a bridge: default intervals, and each minute one changed task per NAS. */
export async function measureManyNas({ size, scale, nasScript, root, folder, broker }: Context): Promise<Measured> {
  const nas = await startNasProcess(nasScript, { count: size, tasks: TASKS });
  const { flow, credentials } = manyNasFlow(nas.urls, broker);
  const startCpu = process.cpuUsage();
  const nodeRed = await startEmbedded(root, folder, flow, credentials);
  const startSeconds = await whenIdle();
  const { user, system } = process.cpuUsage(startCpu);
  await nas.send({ do: 'subscribe', broker });
  const load = await loadOf(nas, size, scale.tiny ? TINY_SECONDS : SECONDS);
  await nodeRed.close();
  await nas.close();
  const start = `started in ${startSeconds} s with ${((user + system) / 1e6).toFixed(1)} s of CPU`;
  return { rows: rowsOf(size, load, start), samples: [] };
}

/** Waits for the end of the first publish. @returns seconds */
export async function whenIdle(): Promise<number> {
  const from = performance.now();
  const seconds = (): number => Math.round((performance.now() - from) / 1000);
  for (let quiet = 0; quiet < IDLE_SECONDS && seconds() < START_LIMIT_SECONDS;) {
    const before = performance.eventLoopUtilization();
    await sleep(1000);
    quiet = performance.eventLoopUtilization(before).utilization < IDLE_UTILIZATION ? quiet + 1 : 0;
  }
  return seconds();
}

/** What this process uses. */
export interface Use {
  /** Of one core. */
  readonly cpuPercent: number;
  /** Delay of the event loop: 99 of 100 samples are below. */
  readonly p99Ms: number;
}

/** Measures the use of this process until `end`. */
export function watchUse(): { end: () => Use } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const cpu = process.cpuUsage();
  const from = performance.now();
  return {
    end: () => {
      const wallMs = performance.now() - from;
      const { user, system } = process.cpuUsage(cpu);
      delay.disable();
      return {
        cpuPercent: (user + system) / 10 / wallMs,
        p99Ms: delay.percentile(99) / 1e6 - RESOLUTION_MS,
      };
    },
  };
}

/** Counts per minute. */
interface Load extends Use {
  readonly requests: number;
  readonly messages: number;
}

async function loadOf(nas: NasProcess, count: number, seconds: number): Promise<Load> {
  for (let of = 0; of < count; of += 1) await nas.send({ do: 'forget' }, of);
  const use = watchUse();
  const from = performance.now();
  for (let second = 0; second < seconds; second += 1) {
    for (let of = second; of < count; of += seconds) await nas.send({ do: 'setOnline', taskId: 1, online: false }, of);
    await sleep(Math.max(0, from + (second + 1) * 1000 - performance.now()));
  }
  const used = use.end();
  let requests = 0;
  let messages = 0;
  for (let of = 0; of < count; of += 1) {
    const received = await nas.send({ do: 'received' }, of);
    requests += received?.arrivals.length ?? 0;
    messages = received?.messages ?? 0;
  }
  const perMinute = 60 / seconds;
  return {
    ...used,
    requests: requests * perMinute,
    messages: messages * perMinute,
  };
}

function rowsOf(count: number, { cpuPercent, p99Ms, requests, messages }: Load, start: string): Row[] {
  const common = { size: sizeText(count, `NASes of ${TASKS} tasks`), floor: null, goal: null } as const;
  const capacity = Math.floor((count * 100) / cpuPercent);
  return [
    { ...common, what: 'many NASes in one Node-RED: CPU of a core', unit: '%', ours: cpuPercent, note: start },
    { ...common, what: 'the same: delay of the event loop, 99th percentile', unit: 'ms', ours: p99Ms, note: '' },
    { ...common, what: 'the same: requests a minute', unit: 'count', ours: requests, note: '' },
    { ...common, what: 'the same: messages a minute', unit: 'count', ours: messages, note: 'one changed task per NAS' },
    { ...common, what: 'the same: such NASes that a core carries', unit: 'count', ours: capacity, note: 'worked out' },
  ];
}

/** The flow and the credentials for NASes, each with a bridge. @param first number of the first NAS among all processes */
export function manyNasFlow(
  urls: readonly string[],
  broker: string,
  first = 0,
): { flow: FlowNode[]; credentials: Credentials } {
  const place = { z: 'tab', x: 100, y: 100, wires: [] };
  const numbered = urls.map((host, index) => ({ host, number: first + index }));
  const nodes = numbered.flatMap(({ host, number }) => [
    { id: `nas-${number}`, type: 'active-backup-nas', name: `NAS ${number}`, host },
    {
      ...{ ...place, id: `bridge-${number}`, type: 'active-backup-mqtt-bridge' },
      ...{ nas: `nas-${number}`, nasId: `nas_${number}`, broker: 'broker' },
    },
  ]);
  const account = { username: 'admin', password: 'synology' };
  return {
    flow: [
      { id: 'tab', type: 'tab', label: 'bench' },
      { id: 'broker', type: 'active-backup-mqtt-broker', name: '', url: broker },
      ...nodes,
    ],
    credentials: Object.fromEntries(numbered.map(({ number }) => [`nas-${number}`, account])),
  };
}
