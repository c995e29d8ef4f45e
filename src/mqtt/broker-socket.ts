import type { IClientOptions, IConnackPacket, IPublishPacket, MqttClient } from 'mqtt';
import { loadMqtt } from './library';
import type { BrokerOptions } from './types';

/** How a network connection to a broker ended. */
export interface CloseReason {
  /** Whether the broker had accepted the client before. */
  readonly wasConnected: boolean;
  /**
   * The broker's MQTT reason code, else Node's error code, or one of this package: `TIMEOUT` (not accepted in time), `SILENT`
   * (no response to the keep-alive), `UNACKNOWLEDGED`, `NO_MQTT`. Null: the broker closed the connection without a reason.
   */
  readonly reason: number | string | null;
}

/** Receives what happens on one {@link BrokerSocket}. `end` comes once, last, and never in the turn of `openSocket`. */
interface SocketListener {
  open(client: MqttClient, connack: IConnackPacket): void;
  message(packet: IPublishPacket): void;
  end(reason: CloseReason): void;
  /** Receives an error thrown by one of the other functions; the connection continues. */
  fault(error: unknown): void;
}

/** One network connection to a broker. */
export interface BrokerSocket {
  /** Sends DISCONNECT, so the broker publishes no last will. {@link SocketListener.end} follows once the broker has closed. */
  disconnect(): void;
  /** Closes the connection without DISCONNECT, so the broker publishes the last will. `end` follows at once. */
  destroy(reason?: CloseReason['reason']): void;
  /** Resolves after `end`. */
  readonly ended: Promise<void>;
}

/** From the first byte to CONNACK. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Connects once, without reconnecting. All errors of the library end here, so none becomes an uncaught exception. */
export function openSocket(options: IClientOptions, listener: SocketListener): BrokerSocket {
  let client: MqttClient;
  try {
    client = loadMqtt().connect(options);
  } catch (error) {
    // TLS options that Node rejects at once, such as a key that does not fit its certificate.
    return failedSocket(codeOf(error) ?? 'ERR_TLS_OPTIONS', listener);
  }
  return followClient(client, listener);
}

function failedSocket(reason: CloseReason['reason'], listener: SocketListener): BrokerSocket {
  const ended = new Promise<void>((resolve) => {
    setImmediate(() => {
      guarded(listener, () => listener.end({ wasConnected: false, reason }));
      resolve();
    });
  });
  return { disconnect: () => undefined, destroy: () => undefined, ended };
}

function followClient(client: MqttClient, listener: SocketListener): BrokerSocket {
  let wasConnected = false;
  let reason: CloseReason['reason'] = null;
  const destroy = (why: CloseReason['reason'] = null): void => {
    reason ??= why;
    // `true` also rejects all requests that wait for a response of the broker.
    client.end(true);
    client.stream.destroy();
  };
  const timer = setTimeout(() => destroy('TIMEOUT'), CONNECT_TIMEOUT_MS);
  client.on('connect', (connack) => {
    clearTimeout(timer);
    wasConnected = true;
    guarded(listener, () => listener.open(client, connack));
  });
  client.on('message', (_topic, _payload, packet) => guarded(listener, () => listener.message(packet)));
  client.on('disconnect', (packet) => {
    reason ??= packet.reasonCode ?? null;
  });
  client.on('error', (error) => {
    // An error without a code is the library's own; with a destroyed stream it is the missing response to the keep-alive.
    destroy(codeOf(error) ?? (wasConnected && client.stream.destroyed ? 'SILENT' : 'NO_MQTT'));
  });
  client.stream.on('error', (error) => {
    reason ??= codeOf(error) ?? 'NO_MQTT';
  });
  const ended = new Promise<void>((resolve) => {
    client.once('close', () => {
      clearTimeout(timer);
      client.end(true);
      guarded(listener, () => listener.end({ wasConnected, reason }));
      resolve();
    });
  });
  return { disconnect: () => client.end(), destroy, ended };
}

/** The library's events come from sockets, where an exception would end the process. */
function guarded(listener: SocketListener, work: () => void): void {
  try {
    work();
  } catch (error) {
    listener.fault(error);
  }
}

function codeOf(error: unknown): number | string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  const { code } = error;
  return typeof code === 'number' || typeof code === 'string' ? code : null;
}

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

/** The oldest TLS, also where Node.js was started with `--tls-min-v1.0`: older versions have known weaknesses. */
const OLDEST_TLS = 'TLSv1.2';

/**
 * Options of MQTT.js for one connection without a persistent session: neither the broker (clean start, session expiry 0) nor
 * the library (no reconnect, no resubscribe) keeps anything for the next connection. The address is passed in parts, because
 * the library would read user name, password and client id from a URL.
 */
export function clientOptions(broker: BrokerOptions, version: 5 | 4, will: Will | null): IClientOptions {
  const { protocol, hostname, port, path } = parseBrokerUrl(broker.url);
  const isWebSocket = protocol.startsWith('ws');
  const tls = protocol === 'mqtts' || protocol === 'wss' ? { ...broker.tls, minVersion: OLDEST_TLS } : {};
  return {
    ...(!isWebSocket && tls),
    protocol: protocol as NonNullable<IClientOptions['protocol']>,
    // An IPv6 address has brackets in the URL of a WebSocket only.
    hostname: isWebSocket && hostname.includes(':') ? `[${hostname}]` : hostname,
    port,
    ...(isWebSocket && { path, wsOptions: tls }),
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
