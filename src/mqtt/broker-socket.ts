import { connect, type IClientOptions, type IConnackPacket, type IPublishPacket, type MqttClient } from 'mqtt';

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
export interface SocketListener {
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
    client = connect(options);
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
