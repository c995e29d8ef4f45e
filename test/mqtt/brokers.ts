import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { Aedes, type AedesOptions } from 'aedes';
import { onTestFinished } from 'vitest';
import { MqttConnection } from '../../src/mqtt/mqtt-connection';
import type {
  BrokerOptions,
  ConnectionProblem,
  MqttSession,
  OutgoingMessage,
  ReceivedMessage,
} from '../../src/mqtt/types';
import { startMosquitto, type Mosquitto, type MosquittoOptions } from '../support/mosquitto';
import { connectClient, type MqttClient } from '../support/mqtt-client';
import { startMqttProxy, type MqttProxy } from '../support/mqtt-proxy';
import type { IClientOptions } from 'mqtt';

// Everything here is closed at the end of the test.

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

/** The embedded broker of `npm start`: MQTT 3.1.1 only. */
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

/** A TCP server in place of a broker. @param handle receives each connection */
export async function fakeServer(handle: (socket: Socket) => unknown): Promise<{ url: string; port: number }> {
  const { port } = await listening(handle);
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

/** A connection with everything it has emitted. */
export interface ObservedConnection {
  /** Called first with each message. */
  onMessage: ((message: ReceivedMessage) => void) | null;
  readonly connection: MqttConnection;
  readonly sessions: readonly MqttSession[];
  readonly problems: readonly ConnectionProblem[];
  readonly messages: readonly ReceivedMessage[];
  /** The next session that has not been returned yet; waits for it. */
  session(): Promise<MqttSession>;
  problem(): Promise<ConnectionProblem>;
  message(): Promise<ReceivedMessage>;
  close(...closeMessages: OutgoingMessage[]): Promise<void>;
}

export const WILL = { topic: 'base/nas/bridge', payload: 'offline' };

let clients = 0;

/** Opens a connection with the shortest reconnect delays. */
export function connected(url: string, broker: Partial<BrokerOptions> = {}): ObservedConnection {
  const sessions = queue<MqttSession>();
  const problems = queue<ConnectionProblem>();
  const messages = queue<ReceivedMessage>();
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
    onProblem: problems.add,
    onMessage: (message) => {
      observed.onMessage?.(message);
      messages.add(message);
    },
    random: () => 0,
  });
  onTestFinished(() => connection.close([]));
  const observed: ObservedConnection = {
    connection,
    onMessage: null,
    sessions: sessions.all,
    problems: problems.all,
    messages: messages.all,
    session: sessions.next,
    problem: problems.next,
    message: messages.next,
    close: (...closeMessages) => connection.close(closeMessages),
  };
  connection.open();
  return observed;
}

/** All items in order; `next` returns each once and waits for it. */
function queue<T>(): { all: T[]; add: (item: T) => void; next: () => Promise<T> } {
  const all: T[] = [];
  let returned = 0;
  let wake: () => void = () => undefined;
  return {
    all,
    add: (item) => {
      all.push(item);
      wake();
    },
    next: async () => {
      while (all.length <= returned) await new Promise<void>((resolve) => (wake = resolve));
      return all[returned++]!;
    },
  };
}
