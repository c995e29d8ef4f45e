import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { Aedes, type AedesOptions } from 'aedes';
import { onTestFinished } from 'vitest';
import {
  MqttConnection,
  type BrokerOptions,
  type Incoming,
  type Message,
  type Session,
  type Trouble,
} from '../../src/mqtt/mqtt-connection';
import { startMosquitto, type Mosquitto, type MosquittoOptions } from '../support/mosquitto';
import { connectClient, type MqttClient } from '../support/mqtt-client';
import { startMqttProxy, type MqttProxy } from '../support/mqtt-proxy';
import type { IClientOptions } from 'mqtt';

// Everything here ends with the test.

export async function mosquitto(path: string, options?: MosquittoOptions): Promise<Mosquitto> {
  const broker = await startMosquitto(path, options);
  onTestFinished(() => broker.close());
  return broker;
}

export async function proxy(broker: { readonly port: number }): Promise<MqttProxy> {
  const wire = await startMqttProxy(broker.port);
  onTestFinished(() => wire.close());
  return wire;
}

export async function other(url: string, options?: IClientOptions): Promise<MqttClient> {
  const client = await connectClient(url, options);
  onTestFinished(() => client.close());
  return client;
}

/** The embedded broker of the demo: MQTT 3.1.1 only. */
export async function aedes(options?: AedesOptions): Promise<{ url: string; port: number }> {
  const broker = await Aedes.createBroker(options);
  const { port } = await listening((socket) => broker.handle(socket));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        broker.close(resolve);
      }),
  );
  return { url: `mqtt://127.0.0.1:${port}`, port };
}

/** Something that is no broker. @param answer what it does with a connection */
export async function impostor(answer: (socket: Socket) => unknown): Promise<{ url: string; port: number }> {
  const { port } = await listening(answer);
  return { url: `mqtt://127.0.0.1:${port}`, port };
}

async function listening(handle: (socket: Socket) => unknown): Promise<{ server: Server; port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    handle(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** A connection of which one can wait for what it tells. */
export interface Heard {
  /** Comes first with each message. */
  onMessage: ((message: Incoming) => void) | null;
  readonly connection: MqttConnection;
  readonly sessions: readonly Session[];
  readonly troubles: readonly Trouble[];
  readonly messages: readonly Incoming[];
  /** The next session that comes, or the one that is there and was not asked for yet. */
  session(): Promise<Session>;
  trouble(): Promise<Trouble>;
  message(): Promise<Incoming>;
  close(...goodbye: Message[]): Promise<void>;
}

export const WILL = { topic: 'base/nas/bridge', payload: 'offline' };

let clients = 0;

/** Opens a connection; its pauses are the shortest. */
export function connected(url: string, broker: Partial<BrokerOptions> = {}): Heard {
  const sessions = queue<Session>();
  const troubles = queue<Trouble>();
  const messages = queue<Incoming>();
  const connection = new MqttConnection({
    broker: {
      url,
      clientId: `test-${process.pid}-${(clients += 1)}`,
      protocolVersion: 'auto',
      keepaliveSeconds: 60,
      ...broker,
    },
    will: WILL,
    onSession: sessions.add,
    onProblem: troubles.add,
    onMessage: (message) => {
      heard.onMessage?.(message);
      messages.add(message);
    },
    random: () => 0,
  });
  onTestFinished(() => connection.close([]));
  const heard: Heard = {
    connection,
    onMessage: null,
    sessions: sessions.all,
    troubles: troubles.all,
    messages: messages.all,
    session: sessions.next,
    trouble: troubles.next,
    message: messages.next,
    close: (...goodbye) => connection.close(goodbye),
  };
  connection.open();
  return heard;
}

/** What came, in order, and each piece once for those who wait. */
function queue<T>(): { all: T[]; add: (item: T) => void; next: () => Promise<T> } {
  const all: T[] = [];
  let taken = 0;
  let wake: () => void = () => undefined;
  return {
    all,
    add: (item) => {
      all.push(item);
      wake();
    },
    next: async () => {
      while (all.length <= taken) await new Promise<void>((resolve) => (wake = resolve));
      return all[taken++]!;
    },
  };
}
