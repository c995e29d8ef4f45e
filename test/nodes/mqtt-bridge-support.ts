import { onTestFinished } from 'vitest';
import bridgeNode from '../../nodes/mqtt-bridge/mqtt-bridge';
import brokerNode from '../../nodes/mqtt-broker/mqtt-broker';
import { startBroker } from '../../scripts/demo/broker';
import { getNas } from '../../src/node-red/nas-registry';
import { connectClient, type MqttClient } from '../support/mqtt-client';
import { helper, type FlowNode } from './support';

export const NODES = [brokerNode, bridgeNode] as const;
export const V4 = { protocolVersion: 4 } as const;

/** A bridge of the broker `broker`. */
export const bridge = (properties: Record<string, unknown> = {}): Record<string, unknown> & { type: string } => ({
  type: 'active-backup-mqtt-bridge',
  broker: 'broker',
  ...properties,
});

/** Key of the text of a status. */
export const key = (name: string): string => `node-red-contrib-synology-active-backup/nas:status.${name}`;

export const brokerConfig = (url: string): FlowNode => ({
  id: 'broker',
  type: 'active-backup-mqtt-broker',
  z: '',
  name: '',
  url,
});

/** Starts the broker of `npm start`, which is closed at the end of the test. @returns its address */
export async function openBroker(): Promise<string> {
  const { url, close } = await startBroker(0);
  onTestFinished(close);
  return url;
}

/** A client that is subscribed to these filters. */
export async function subscriber(url: string, ...filters: string[]): Promise<MqttClient> {
  const client = await connectClient(url, V4);
  onTestFinished(() => client.close());
  await client.subscribe(...filters);
  return client;
}

/** Polls the NAS once, and waits for the result. */
export async function poll(): Promise<void> {
  const { poller } = getNas({ nodes: helper }, 'nas');
  await new Promise<void>((resolve) => {
    let isNext = false;
    const unsubscribe = poller.subscribe(() => {
      if (!isNext) return;
      unsubscribe();
      setImmediate(resolve); // the events of the poll are sent first
    });
    isNext = true;
    poller.pollNow();
  });
}
