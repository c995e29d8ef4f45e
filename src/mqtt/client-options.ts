import type { IClientOptions } from 'mqtt';
import type { BrokerOptions } from './types';

/** Last will: the broker publishes it, retained with QoS 1, when the connection breaks. */
export interface Will {
  readonly topic: string;
  readonly payload: string;
}

const DEFAULT_PORT: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 };

/** Limits the memory that another client can fill; an MQTT 5 broker does not deliver larger messages. */
const MAX_INCOMING_BYTES = 1024 * 1024;

/** `host:port` of a broker, for texts. */
export function brokerLabel(url: string): string {
  const { hostname, port } = parseBrokerUrl(url);
  return `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
}

function parseBrokerUrl(text: string): { protocol: string; hostname: string; port: number; path: string } {
  const { protocol, hostname, port, pathname, search } = new URL(text);
  return {
    protocol: protocol.replace(':', ''),
    hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (DEFAULT_PORT[protocol] ?? 1883) : Number(port),
    path: `${pathname || '/'}${search}`,
  };
}

/**
 * Options of MQTT.js for one connection without a persistent session: neither the broker (clean start, session expiry 0) nor
 * the library (no reconnect, no resubscribe) keeps anything for the next connection. The address is passed in parts, because
 * the library would read user name, password and client id from a URL.
 */
export function clientOptions(broker: BrokerOptions, version: 5 | 4, will: Will | null): IClientOptions {
  const { protocol, hostname, port, path } = parseBrokerUrl(broker.url);
  const isWebSocket = protocol.startsWith('ws');
  const tls = protocol.endsWith('s') && broker.tls !== undefined && !isWebSocket ? broker.tls : {};
  return {
    ...(tls as IClientOptions),
    protocol: protocol as NonNullable<IClientOptions['protocol']>,
    // An IPv6 address has brackets in the URL of a WebSocket only.
    hostname: isWebSocket && hostname.includes(':') ? `[${hostname}]` : hostname,
    port,
    ...(isWebSocket && { path, wsOptions: protocol === 'wss' ? { ...broker.tls } : {} }),
    clientId: broker.clientId,
    ...(broker.username !== undefined && { username: broker.username }),
    // MQTT 3.1.1 allows no password without a user name.
    ...(broker.password !== undefined &&
      (version === 5 || broker.username !== undefined) && { password: broker.password }),
    protocolVersion: version,
    ...(version === 5 && {
      properties: { sessionExpiryInterval: 0, maximumPacketSize: MAX_INCOMING_BYTES },
    }),
    keepalive: broker.keepaliveSeconds,
    clean: true,
    ...(will !== null && { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
  };
}
