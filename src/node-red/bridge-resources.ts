import { createHash } from 'node:crypto';
import type { Node, NodeAPI } from 'node-red';
import type { BridgeSettings, OpenJournal } from '../bridge/types';
import type { BrokerOptions } from '../mqtt/types';
import { Journal } from '../storage/journal';
import { acquireExclusive } from './exclusive-claims';
import { statePath } from './node-files';

/** Resources that only one bridge of a Node-RED may have: its topics, and the discovery of its NAS. */
export function claimsOf(
  brokerUrl: string,
  nasId: string,
  { baseTopic, discovery, discoveryPrefix }: BridgeSettings,
): readonly string[] {
  const topics = `${brokerUrl} ${baseTopic}/${nasId}`;
  return discovery ? [topics, `${brokerUrl} ${discoveryPrefix} ${nasId}`] : [topics];
}

/** @returns the functions that release the claims; null if another node has one of them */
export function acquireAll(claims: readonly string[], node: Node): (() => void)[] | null {
  const releases = claims.map((claim) => acquireExclusive(claim, node));
  const acquired = releases.filter((release) => release !== null);
  if (acquired.length === claims.length) return acquired;
  for (const release of acquired) release();
  return null;
}

/** Identifies the settings that a restarted bridge must share to continue with the link from before a deploy. */
export function handoverKeyOf(
  options: BrokerOptions,
  nasAddress: string,
  nasId: string,
  { baseTopic, discovery, discoveryPrefix }: BridgeSettings,
): string {
  const parts = [options, nasAddress, nasId, baseTopic, discovery, discoveryPrefix];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
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
