import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy between clients and a broker that counts messages and can delay or cut the connections. */
export interface MqttProxy {
  readonly url: string;
  /** Highest number of QoS 1 messages from clients that were unacknowledged at one time. */
  readonly mostInFlight: number;
  /** Number of messages that clients have published. */
  readonly published: number;
  /**
   * Forwards nothing any more in either direction and closes nothing, like a pulled cable.
   * @param connection number of the connection, from 0; default: all
   */
  freeze(connection?: number): void;
  /** Holds back the broker's acknowledgements of messages. */
  holdAcknowledgements(): void;
  /** Forwards the broker's acknowledgements of messages late and in the reverse order. */
  reorderAcknowledgements(): void;
  /** Forwards again, first of all what was held back. */
  release(): void;
  /** Destroys every connection. */
  drop(): void;
  close(): Promise<void>;
}

const PUBLISH = 3;
const PUBACK = 4;
/** For how long acknowledgements are gathered before they are forwarded in the reverse order. */
const REORDER_MS = 100;

/** @param port of the broker, on loopback */
export async function startMqttProxy(port: number): Promise<MqttProxy> {
  const sockets = new Set<Socket>();
  const delayed: (() => void)[] = [];
  let holds: 'nothing' | 'acknowledgements' | 'order' | 'everything' = 'nothing';
  let reversal: NodeJS.Timeout | null = null;
  let connections = 0;
  const frozen = new Set<number>();
  let published = 0;
  let mostInFlight = 0;

  const pass = (to: Socket, packet: Buffer): void => {
    if (!to.destroyed) to.write(packet);
  };
  const reverse = (): void => {
    reversal = null;
    if (holds === 'order') for (const go of delayed.splice(0).reverse()) go();
  };
  const server = createServer((client) => {
    const broker = connect(port, '127.0.0.1');
    let inFlight = 0;
    const number = connections;
    connections += 1;
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on(
      'data',
      byPacket((type, packet) => {
        if (type === PUBLISH) {
          published += 1;
          inFlight += (packet.readUInt8(0) >> 1) & 3 ? 1 : 0;
          mostInFlight = Math.max(mostInFlight, inFlight);
        }
        if (holds === 'everything' || frozen.has(number)) delayed.push(() => pass(broker, packet));
        else pass(broker, packet);
      }),
    );
    broker.on(
      'data',
      byPacket((type, packet) => {
        const go = (): void => {
          if (type === PUBACK) inFlight -= 1;
          pass(client, packet);
        };
        if (holds === 'everything' || frozen.has(number) || (holds !== 'nothing' && type === PUBACK)) delayed.push(go);
        else go();
        if (holds === 'order' && type === PUBACK) reversal ??= setTimeout(reverse, REORDER_MS);
      }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const drop = (): void => {
    delayed.length = 0;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get mostInFlight() {
      return mostInFlight;
    },
    get published() {
      return published;
    },
    freeze: (connection) => {
      if (connection === undefined) holds = 'everything';
      else frozen.add(connection);
    },
    holdAcknowledgements: () => {
      holds = 'acknowledgements';
    },
    reorderAcknowledgements: () => {
      holds = 'order';
    },
    release: () => {
      holds = 'nothing';
      frozen.clear();
      for (const go of delayed.splice(0)) go();
    },
    drop,
    close: async () => {
      server.close();
      drop();
      await once(server, 'close');
    },
  };
}

/** Splits a stream of bytes into MQTT packets. @returns a listener for its data */
export function byPacket(onPacket: (type: number, packet: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let length = packetLength(rest); length !== null && rest.length >= length; length = packetLength(rest)) {
      const packet = rest.subarray(0, length);
      rest = rest.subarray(length);
      onPacket(packet.readUInt8(0) >> 4, packet);
    }
  };
}

/** Length of the packet at the beginning of the bytes; null until its length field is complete. */
function packetLength(bytes: Buffer): number | null {
  let remaining = 0;
  for (let index = 1; index <= 4; index += 1) {
    const digit = bytes[index];
    if (digit === undefined) return null;
    remaining += (digit & 127) * 128 ** (index - 1);
    if (digit < 128) return 1 + index + remaining;
  }
  throw new Error('Not an MQTT packet');
}
