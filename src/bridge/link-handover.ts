import { createHash } from 'node:crypto';
import type { BrokerOptions } from '../mqtt/types';
import type { BrokerLink } from './broker-link';
import type { BridgeSettings } from './types';

/** Resources that only one bridge of a Node-RED may have: its topics, and the discovery of its NAS. */
export function claimsOf(
  brokerUrl: string,
  nasId: string,
  { baseTopic, discovery, discoveryPrefix }: BridgeSettings,
): readonly string[] {
  const topics = `${brokerUrl} ${baseTopic}/${nasId}`;
  return discovery ? [topics, `${brokerUrl} ${discoveryPrefix} ${nasId}`] : [topics];
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

/** The link of a bridge that a deploy is restarting, with its exclusive resources. */
interface LinkHandover {
  /** The settings that the link depends on; the restarted bridge continues with it only if they are the same. */
  readonly key: string;
  readonly link: BrokerLink;
  /** Releases the resources. */
  release(): void;
}

/** A deploy restarts a node within this time; later the node is considered removed. */
const HANDOVER_TIMEOUT_MS = 5000;

/** Handovers by node id. */
const HANDOVERS = new Map<string, { readonly handover: LinkHandover; readonly timer: NodeJS.Timeout }>();

/** Offers a link to the restarted node; without it the link is closed after five seconds. */
export function offerHandover(id: string, handover: LinkHandover): void {
  const timer = setTimeout(() => void endHandover(id), HANDOVER_TIMEOUT_MS).unref();
  HANDOVERS.set(id, { handover, timer });
}

/**
 * Accepts the link of the node from before a deploy, whose resources are released.
 * @returns null if there is none, or it has another key; then {@link endHandover} it first
 */
export function acceptHandover(id: string, key: string): BrokerLink | null {
  const handover = HANDOVERS.get(id)?.handover;
  if (handover?.key !== key) return null;
  remove(id);
  handover.release();
  return handover.link;
}

export function hasHandover(id: string): boolean {
  return HANDOVERS.has(id);
}

/** Closes the link offered to a node, if there is one, and releases its resources. */
export async function endHandover(id: string): Promise<void> {
  const handover = HANDOVERS.get(id)?.handover;
  remove(id);
  await handover?.link.close();
  handover?.release();
}

/** Closes all offered links: Node-RED stops. */
export function endAllHandovers(): void {
  for (const id of [...HANDOVERS.keys()]) void endHandover(id);
}

function remove(id: string): void {
  clearTimeout(HANDOVERS.get(id)?.timer);
  HANDOVERS.delete(id);
}
