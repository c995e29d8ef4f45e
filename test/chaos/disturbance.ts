import type { Random } from '../nas/random';
import type { Mosquitto } from '../support/mosquitto';
import type { MqttProxy } from '../support/mqtt-proxy';
import type { ChaoticNodeRed } from './chaotic-node-red';
import type { Ipv6 } from './ipv6';
import type { MqttRecorder } from './recorder';
import type { Site } from './site';

/** Everything that can fail. */
export interface ChaosParts {
  readonly sites: readonly Site[];
  readonly nodeRed: ChaoticNodeRed;
  readonly broker: Mosquitto;
  /** Between the bridges and the broker. */
  readonly proxy: MqttProxy;
  readonly recorder: MqttRecorder;
  /** Makes the folder of the state files full or read-only; null where this user may not mount one. */
  readonly disk: { readonly remount: (options: string) => void } | null;
  /** Null where this machine has no IPv6. */
  readonly ipv6: Ipv6 | null;
  readonly random: Random;
}

/** What can be disturbed; only one disturbance of the same part lasts at a time. */
export type Part = `nas ${string}` | 'network' | 'broker' | 'disk' | 'node-red';

/** A disturbance: what it does, and how it ends. */
export interface Disturbance {
  readonly part: Part;
  readonly begin: () => unknown;
  readonly end: () => unknown;
  /** Whether it ends the process of Node-RED. */
  readonly endsProcess?: boolean;
}

/** Disturbances by name. */
export type Disturbances = readonly (readonly [string, Disturbance])[];

/** A disturbance that needs no end. */
export const nothing = (): undefined => undefined;

/** Stops Node-RED, if it runs. */
export async function stopNodeRed({ nodeRed, sites }: ChaosParts, signal: NodeJS.Signals): Promise<void> {
  if (!nodeRed.isRunning) return;
  for (const site of sites) site.sessionEnded(signal === 'SIGKILL');
  await nodeRed.end(signal);
}

/** Starts Node-RED, unless it runs. */
export async function startNodeRed({ nodeRed }: ChaosParts): Promise<void> {
  if (!nodeRed.isRunning) await nodeRed.start();
}
