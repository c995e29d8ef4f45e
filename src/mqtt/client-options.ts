import type { IClientOptions } from 'mqtt';
import type { BrokerOptions } from './types';

/** What the broker publishes, retained with QoS 1, when the connection breaks. */
export interface Will {
  readonly topic: string;
  readonly payload: string;
}

const DEFAULT_PORT: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 };

/** A larger message is none for us: whoever sends it shall not fill our memory (MQTT 5: the broker then keeps it back). */
const MAXIMUM_INCOMING_BYTES = 1024 * 1024;

/** `host:port` of a broker, for messages. */
export function brokerLabel(url: string): string {
  const { hostname, port } = addressOf(url);
  return `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
}

function addressOf(text: string): { protocol: string; hostname: string; port: number; path: string } {
  const { protocol, hostname, port, pathname, search } = new URL(text);
  return {
    protocol: protocol.replace(':', ''),
    hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (DEFAULT_PORT[protocol] ?? 1883) : Number(port),
    path: `${pathname || '/'}${search}`,
  };
}

/**
 * The options of the MQTT library for one connection that is lost for good when it is lost: nothing is kept for a next
 * one, by the broker (clean start, session expiry 0) or by the library, which neither connects nor subscribes again.
 * The address goes in piece by piece: the library would take a login or a client id out of a URL.
 */
export function clientOptions(broker: BrokerOptions, version: 5 | 4, will: Will | null): IClientOptions {
  const { protocol, hostname, port, path } = addressOf(broker.url);
  const isWebSocket = protocol.startsWith('ws');
  const tls = protocol.endsWith('s') && broker.tls !== undefined && !isWebSocket ? broker.tls : {};
  return {
    ...(tls as IClientOptions),
    protocol: protocol as NonNullable<IClientOptions['protocol']>,
    // Without brackets to a socket, with them in the URL of a WebSocket.
    hostname: isWebSocket && hostname.includes(':') ? `[${hostname}]` : hostname,
    port,
    ...(isWebSocket && { path, wsOptions: protocol === 'wss' ? { ...broker.tls } : {} }),
    clientId: broker.clientId,
    ...(broker.username !== undefined && { username: broker.username }),
    // MQTT 3.1.1 has no password without a name.
    ...(broker.password !== undefined &&
      (version === 5 || broker.username !== undefined) && { password: broker.password }),
    protocolVersion: version,
    ...(version === 5 && {
      properties: { sessionExpiryInterval: 0, maximumPacketSize: MAXIMUM_INCOMING_BYTES },
    }),
    keepalive: broker.keepaliveSeconds,
    clean: true,
    ...(will !== null && { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
  };
}
