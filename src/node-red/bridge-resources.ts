import type { Node, NodeAPI } from 'node-red';
import { endAllHandovers } from '../bridge/link-handover';
import type { OpenJournal } from '../bridge/types';
import { Journal } from '../storage/journal';
import { acquireExclusive } from './config-nodes';
import { statePath } from './node-files';

/** @returns the functions that release the claims; null if another node has one of them */
export function acquireAll(claims: readonly string[], node: Node): (() => void)[] | null {
  const releases = claims.map((claim) => acquireExclusive(claim, node));
  const acquired = releases.filter((release) => release !== null);
  if (acquired.length === claims.length) return acquired;
  for (const release of acquired) release();
  return null;
}

/** Opens the file of undelivered events of a bridge node; null if Node-RED has no directory for files. */
export function journalOf(RED: NodeAPI, node: Node): OpenJournal | null {
  const path = statePath(RED, node, '.events.jsonl');
  if (path === null) return null;
  const warn = (message: string): void => {
    node.warn(message);
  };
  return (lines) => new Journal({ path, lines, warn, content: 'Events that wait for the MQTT broker' });
}

/** The parts of Node-RED's runtime events that are used here. */
interface RuntimeEvent {
  readonly id?: string;
  readonly payload?: { readonly state?: string; readonly deploy?: boolean };
}

const OBSERVED_RUNTIMES = new WeakSet<object>();

/** Closes all offered links when Node-RED has stopped its flows, but not for a deploy. Registers once per Node-RED. */
export function closeLinksWhenStopped(RED: NodeAPI): void {
  if (OBSERVED_RUNTIMES.has(RED.events)) return;
  OBSERVED_RUNTIMES.add(RED.events);
  RED.events.on('runtime-event', ({ id, payload }: RuntimeEvent) => {
    if (id === 'runtime-state' && payload?.state === 'stop' && payload.deploy !== true) endAllHandovers();
  });
}
