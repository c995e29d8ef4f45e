import { connect, type IClientOptions, type IConnackPacket, type IPublishPacket, type MqttClient } from 'mqtt';

/** How a network connection to a broker ended. */
export interface CloseReason {
  /** Whether the broker had accepted us before. */
  readonly wasConnected: boolean;
  /**
   * MQTT's reason code where the broker gave one, else Node's error code, `TIMEOUT` (before it stood), `SILENT` (later),
   * `UNACKNOWLEDGED` or `NO_MQTT`. Null: the other side ended it without a word.
   */
  readonly reason: number | string | null;
}

/** Who follows a link. Nothing is told any more after `end`, which comes once, and in a later turn. */
export interface LinkListener {
  open(client: MqttClient, connack: IConnackPacket): void;
  message(packet: IPublishPacket): void;
  end(ending: CloseReason): void;
  /** What one of the others threw: it ends neither the link nor the process. */
  fault(error: unknown): void;
}

/** One network connection to a broker, from the first byte to the last. */
export interface BrokerSocket {
  /** Takes leave of the broker, which then publishes no last will. {@link LinkListener.end} follows, if the broker does its part. */
  disconnect(): void;
  /** Drops the connection without a word, so that the broker publishes the last will. `end` follows at once. */
  destroy(why?: CloseReason['reason']): void;
  /** Resolves after `end`. */
  readonly ended: Promise<void>;
}

/** From the first byte to the broker's consent. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Opens a link. The library's errors all end here: none is left to become an uncaught exception. */
export function openSocket(options: IClientOptions, listener: LinkListener): BrokerSocket {
  let resolveEnded: () => void;
  const ended = new Promise<void>((resolve) => {
    resolveEnded = resolve;
  });
  let stood = false;
  let reason: CloseReason['reason'] = null;
  /** The library's listeners run in sockets, where a throw would end the process. */
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      listener.fault(error);
    }
  };
  const end = (): void => {
    guarded(() => listener.end({ wasConnected: stood, reason }));
    resolveEnded();
  };

  let client: MqttClient;
  try {
    client = connect(options);
  } catch (error) {
    // Options that Node refuses at once: a key that is none, a certificate that does not fit it.
    reason = codeOf(error) ?? 'ERR_TLS_OPTIONS';
    setImmediate(end);
    return { disconnect: () => undefined, destroy: () => undefined, ended };
  }

  const drop = (why: CloseReason['reason']): void => {
    reason ??= why;
    // Forced: it also rejects whatever waits for an answer of the broker.
    client.end(true);
    client.stream.destroy();
  };
  const timer = setTimeout(() => drop('TIMEOUT'), CONNECT_TIMEOUT_MS);
  client.on('connect', (connack) => {
    clearTimeout(timer);
    stood = true;
    guarded(() => listener.open(client, connack));
  });
  client.on('message', (_topic, _payload, packet) => guarded(() => listener.message(packet)));
  client.on('disconnect', (packet) => {
    reason ??= packet.reasonCode ?? null;
  });
  client.on('error', (error) => {
    // One without a code is the library's own. After it has dropped the connection itself: the keep-alive was not answered.
    drop(codeOf(error) ?? (stood && client.stream.destroyed ? 'SILENT' : 'NO_MQTT'));
  });
  client.stream.on('error', (error) => {
    reason ??= codeOf(error) ?? 'NO_MQTT';
  });
  client.once('close', () => {
    clearTimeout(timer);
    client.end(true);
    end();
  });
  return { disconnect: () => client.end(), destroy: (why = null) => drop(why), ended };
}

function codeOf(error: unknown): number | string | null {
  const { code } = error as { code?: unknown };
  return typeof code === 'number' || typeof code === 'string' ? code : null;
}
