import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployType } from './chaotic-node-red';
import {
  nothing,
  startNodeRed,
  stopNodeRed,
  type ChaosParts,
  type Disturbance,
  type Disturbances,
} from './disturbance';

/** A deploy: its type, the changed nodes, and the NASes whose node it restarts. */
type Deploy = readonly [type: DeployType, changed: readonly string[], nases: readonly string[]];

const ALL = ['chaos', 'annex'];
const DEPLOYS: readonly Deploy[] = [
  ['full', [], ALL],
  ['full', ['chaos'], ALL],
  ['reload', [], ALL],
  ['flows', ['first'], []],
  ['nodes', ['chaos'], ['chaos']],
  ['nodes', ['second'], []],
  ['nodes', ['append-first'], []],
  ['nodes', ['bridge-chaos'], []],
  ['nodes', ['bridge-annex'], []],
  ['nodes', ['broker'], []],
];

/** The disturbances of Node-RED: ends of the process, and deploys. */
export function ofNodeRed(parts: ChaosParts): Disturbances {
  const part = 'node-red';
  const ends = (['SIGTERM', 'SIGKILL'] as const).map((signal): [string, Disturbance] => [
    `Node-RED: ${signal}, later started again`,
    { part, begin: () => stopNodeRed(parts, signal), end: () => startNodeRed(parts), endsProcess: true },
  ]);
  const killed = async (): Promise<void> => {
    await stopNodeRed(parts, 'SIGKILL');
    await startNodeRed(parts);
  };
  return [
    ...ends,
    ['Node-RED: killed and started', { part, begin: killed, end: nothing, endsProcess: true }],
    ...DEPLOYS.map((deploy): [string, Disturbance] => [
      `Node-RED: deploy ${[deploy[0], ...deploy[1]].join(' ')}`,
      { part, begin: () => deployed(parts, deploy), end: nothing },
    ]),
  ];
}

async function deployed({ nodeRed, sites }: ChaosParts, [type, changed, nases]: Deploy): Promise<void> {
  if (!nodeRed.isRunning) return;
  for (const site of sites) if (nases.includes(site.options.id)) site.sessionEnded(false);
  await nodeRed.deploy(type, changed);
}

/** The disturbances of the broker and of the connection to it. */
export function ofBroker({ broker, proxy, recorder }: ChaosParts): Disturbances {
  const part = 'broker';
  const end = (): void => proxy.release();
  const start = async (): Promise<void> => {
    await broker.start();
    await recorder.connect();
    proxy.release();
  };
  const stop = async (how: () => Promise<void>): Promise<void> => {
    // What the broker has acknowledged, the recorder has received; nothing more is acknowledged until it is back.
    proxy.freeze();
    proxy.drop();
    await sleep(50);
    await recorder.disconnect();
    await how();
  };
  const startEmpty = async (): Promise<void> => {
    await rm(join(broker.folder, 'mosquitto.db'), { force: true });
    recorder.clear();
    await start();
  };
  return [
    ['broker: answers nothing', { part, begin: () => proxy.freeze(), end }],
    ['broker: no acknowledgements', { part, begin: () => proxy.holdAcknowledgements(), end }],
    ['broker: acknowledgements in another order', { part, begin: () => proxy.reorderAcknowledgements(), end }],
    ['broker: connection dropped', { part, begin: () => proxy.drop(), end: nothing }],
    ['broker: stopped', { part, begin: () => stop(() => broker.stop()), end: start }],
    ['broker: killed', { part, begin: () => stop(() => broker.kill()), end: start }],
    ['broker: has lost everything', { part, begin: () => stop(() => broker.stop()), end: startEmpty }],
  ];
}

/** A full and a read-only disk, where the state files have one of their own. */
export function ofDisk({ disk, nodeRed }: ChaosParts): Disturbances {
  if (disk === null) return [];
  const part = 'disk';
  const filler = join(nodeRed.stateFolder, 'filler');
  const fill = (): void => {
    try {
      writeFileSync(filler, Buffer.alloc(64 * 1024 * 1024));
    } catch {
      // The disk is full now.
    }
  };
  return [
    ['disk: full', { part, begin: fill, end: () => rm(filler, { force: true }) }],
    ['disk: read-only', { part, begin: () => disk.remount('ro'), end: () => disk.remount('rw') }],
  ];
}

/** IPv6 goes: a NAS that has no other address is not reached, one with both addresses still is. */
export function ofNetwork({ ipv6 }: ChaosParts): Disturbances {
  if (ipv6 === null) return [];
  return [['network: IPv6 gone', { part: 'network', begin: () => ipv6.remove(), end: () => ipv6.restore() }]];
}
