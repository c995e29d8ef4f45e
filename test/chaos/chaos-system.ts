import { execFileSync } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { readFileIfPresent } from '../../src/storage/text-file';
import { createRandom } from '../nas/random';
import { fastClockEnv } from '../soak/fast-clock';
import { startMosquitto } from '../support/mosquitto';
import { startMqttProxy } from '../support/mqtt-proxy';
import { smallDisk } from '../support/small-disk';
import { tempDir } from '../support/temp-dir';
import { until } from '../support/until';
import { createChaoticNodeRed } from './chaotic-node-red';
import { Commands } from './commands';
import type { ChaosParts } from './disturbance';
import { footprintScript, type Footprint } from './footprint';
import { DUAL_STACK_NAME, dualStackScript, startIpv6 } from './ipv6';
import { createRecorder } from './recorder';
import { startSite, type Site } from './site';

/** Ten minutes pass in a second, for the NASes and for Node-RED. */
const SPEED = 600;

/** A whole system, what sends commands to it, and what asks Node-RED what it holds. */
export interface ChaosSystem {
  readonly parts: ChaosParts;
  readonly commands: Commands;
  readonly measure: () => Promise<Footprint>;
}

/**
 * Starts two NASes, Mosquitto and Node-RED with the packed package: running and healthy, after the first poll. The first NAS is
 * reached by https with a pinned certificate, under a name of both address families; the second one by IPv6 alone.
 */
export async function startSystem(mosquitto: string, seed: number): Promise<ChaosSystem> {
  const startMs = Date.now();
  const common = { seed, speed: SPEED };
  const sites = [
    await startSite({ id: 'chaos', listeners: ['first', 'second'], tasks: 16, https: true, ...common }),
    await startSite({ id: 'annex', listeners: ['third'], tasks: 8, https: false, ...common }),
  ];
  const ipv6 = await startIpv6(sites.map(({ nas }) => nas.port));
  onTestFinished(() => ipv6?.remove());
  const broker = await startMosquitto(mosquitto, { persistence: true, config: ['max_queued_messages 0'] });
  onTestFinished(() => broker.close());
  const proxy = await startMqttProxy(broker.port);
  onTestFinished(() => proxy.close());
  const recorder = createRecorder(broker.url);
  await recorder.connect();
  onTestFinished(() => recorder.disconnect());
  const { path, remove } = await tempDir('chaos');
  onTestFinished(remove);
  await cp(inject('installedPackage'), path, { recursive: true });
  const footprint = await footprintScript(path);
  const { NODE_OPTIONS: clock = '' } = await fastClockEnv(path, { startMs, speed: SPEED });
  const scripts = [await dualStackScript(path, ipv6 !== null), footprint.script];
  const env = { NODE_OPTIONS: [clock, ...scripts.map((script) => `--require=${script}`)].join(' ') };
  const nases = sites.map(({ options: { id, listeners }, nas }) => ({
    id,
    listeners,
    address: addressOf(nas, ipv6 !== null),
  }));
  const nodeRed = await createChaoticNodeRed(path, nases, proxy.url, env);
  const disk = mountDisk(nodeRed.stateFolder);
  onTestFinished(() => nodeRed.end('SIGKILL'));
  await nodeRed.start();
  await until(() => sites.every((site) => isKnown(nodeRed.stateFolder, site))).catch((cause: unknown) => {
    throw new Error(nodeRed.output, { cause });
  });
  const random = createRandom(seed);
  return {
    parts: { sites, nodeRed, broker, proxy, recorder, disk, ipv6, random },
    commands: new Commands(recorder, random, { startMs, speed: SPEED }),
    measure: () => footprint.measure((signal) => nodeRed.signal(signal)),
  };
}

/** How Node-RED reaches a NAS. */
function addressOf({ port, certificate }: Site['nas'], hasIpv6: boolean): Record<string, unknown> {
  if (certificate !== null) return { host: DUAL_STACK_NAME, port, https: true, fingerprint: certificate.fingerprint };
  return { host: hasIpv6 ? '[::1]' : '127.0.0.1', port, https: false };
}

/** Whether all events nodes and the bridge of a NAS have had their first poll: what ends before it is not for them. */
function isKnown(stateFolder: string, { options: { id, listeners } }: Site): boolean {
  const text = readFileIfPresent(join(stateFolder, `${id}.json`));
  if (typeof text !== 'string') return false;
  const known = JSON.parse(text) as { listeners: object };
  return Object.keys(known.listeners).length === listeners.length + 1;
}

/** A file system of 16 MB for the state files, where this user may mount one. */
function mountDisk(folder: string): ChaosParts['disk'] {
  const unmount = smallDisk(folder, 'size=16m');
  if (unmount === null) return null;
  onTestFinished(unmount);
  return {
    remount: (options) => {
      try {
        execFileSync('mount', ['-o', `remount,${options}`, folder], { stdio: 'ignore' });
      } catch {
        // Refused while a file is open for writing: the disk stays as it is.
      }
    },
  };
}
