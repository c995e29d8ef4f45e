import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { byPacket } from './mqtt-proxy';
import { connectOf, connackOf, filtersOf, messageOf, withoutRetained, type ConnackProperties } from './mqtt-packets';

/** What happens to a message above a limit of messages a second. */
type Overflow = 'discard' | 'refuse' | 'disconnect';

/** Limits of a broker, as its documents name them. Absent: none. */
export interface BrokerRules {
  /** MQTT 5: what it announces when it accepts a client. */
  readonly connack?: ConnackProperties;
  readonly clientIdBytes?: number;
  readonly payloadBytes?: number;
  readonly topicBytes?: number;
  /** Slashes of a topic or filter. */
  readonly slashes?: number;
  readonly filtersPerPacket?: number;
  readonly subscriptions?: number;
  /** MQTT 3.1.1; with MQTT 5 it is the announced receive maximum. */
  readonly inFlight?: number;
  readonly perSecond?: { readonly messages: number; readonly over: Overflow };
  /** A second message on a retained topic within this time is refused: a quota is exceeded (MQTT 5). */
  readonly retainedEveryMs?: number;
  /** Whether a subscription with a wildcard receives retained messages (default true). */
  readonly wildcardRetained?: boolean;
  /** Topics and filters that begin like this are not allowed to the account. */
  readonly forbidden?: string;
}

/** A broker with limits, in front of one without. */
export interface LimitedBroker {
  readonly url: string;
  /** Limits that clients have exceeded, in order. */
  readonly violations: readonly string[];
  /** Number of accepted clients. */
  readonly connections: number;
  close(): Promise<void>;
}

const CONNECT = 1;
const CONNACK = 2;
const PUBLISH = 3;
const PUBACK = 4;
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;

/** Reason codes of MQTT 5. */
const CODES = {
  clientId: 0x85,
  notAuthorized: 0x87,
  topicName: 0x90,
  receiveMaximum: 0x93,
  packetSize: 0x95,
  messageRate: 0x96,
  quota: 0x97,
  noIdentifiers: 0xa1,
  qos: 0x9b,
} as const;

/** @param port of a broker without these limits, on loopback */
export async function startLimitedBroker(port: number, rules: BrokerRules): Promise<LimitedBroker> {
  const sockets = new Set<Socket>();
  const violations: string[] = [];
  let connections = 0;
  const server = createServer((client) => {
    const broker = connect(port, '127.0.0.1');
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
    const limited = new LimitedConnection(rules, client, broker, violations);
    client.on(
      'data',
      byPacket((type, packet) => limited.fromClient(type, packet)),
    );
    broker.on(
      'data',
      byPacket((type, packet) => {
        if (type === CONNACK) connections += 1;
        limited.fromBroker(type, packet);
      }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    violations,
    get connections() {
      return connections;
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** One client; a broker without persistent sessions keeps nothing for the next connection. */
class LimitedConnection {
  #version: 4 | 5 = 5;
  #isEnded = false;
  #inFlight = 0;
  readonly #filters = new Set<string>();
  /** When messages were accepted, for the limit of messages a second. */
  readonly #times: number[] = [];
  readonly #retainedAt = new Map<string, number>();

  constructor(
    readonly rules: BrokerRules,
    readonly client: Socket,
    readonly broker: Socket,
    readonly violations: string[],
  ) {}

  fromClient(type: number, packet: Buffer): void {
    if (this.#isEnded) return;
    if (type === CONNECT) this.#connect(packet);
    else if (type === PUBLISH) this.#publish(packet);
    else if (type === SUBSCRIBE) this.#subscribe(packet);
    else {
      if (type === UNSUBSCRIBE) for (const { filter } of filtersOf(packet, this.#version)) this.#filters.delete(filter);
      this.broker.write(packet);
    }
  }

  fromBroker(type: number, packet: Buffer): void {
    if (this.#isEnded) return;
    if (type === PUBACK) this.#inFlight -= 1;
    const { connack } = this.rules;
    if (type === CONNACK && this.#version === 5 && connack !== undefined) this.client.write(connackOf(connack));
    else if (type !== PUBLISH || this.#version === 5 || this.#isDelivered(packet)) this.client.write(packet);
  }

  #connect(packet: Buffer): void {
    const { version, clientId } = connectOf(packet);
    this.#version = version;
    if (Buffer.byteLength(clientId) <= (this.rules.clientIdBytes ?? Infinity)) {
      this.broker.write(packet);
      return;
    }
    this.violations.push(`client id of ${clientId.length} bytes`);
    this.#isEnded = true;
    this.client.end(version === 5 ? Buffer.from([0x20, 3, 0, CODES.clientId, 0]) : Buffer.from([0x20, 2, 0, 2]));
  }

  #publish(packet: Buffer): void {
    const { topic, payloadBytes, qos, id, retain } = messageOf(packet, this.#version);
    const { rules } = this;
    if (qos === 2) {
      this.#disconnect('QoS 2', CODES.qos);
      return;
    }
    if (this.#refusesTopic(topic)) return;
    if (payloadBytes > (rules.payloadBytes ?? Infinity)) {
      this.#disconnect(`${payloadBytes} bytes on ${topic}`, CODES.packetSize);
      return;
    }
    const most = this.#version === 5 ? rules.connack?.receiveMaximum : rules.inFlight;
    if (qos === 1 && this.#inFlight >= (most ?? Infinity)) {
      this.#disconnect('messages in flight', CODES.receiveMaximum);
      return;
    }
    const now = performance.now();
    if (this.#isOverRate(now)) {
      this.#overflow(id);
      return;
    }
    if (retain && now < (this.#retainedAt.get(topic) ?? -Infinity) + (rules.retainedEveryMs ?? 0)) {
      this.#refuse(id, `retained message on ${topic}`);
      return;
    }
    if (retain) this.#retainedAt.set(topic, now);
    if (qos === 1) this.#inFlight += 1;
    this.broker.write(packet);
  }

  #subscribe(packet: Buffer): void {
    const { rules } = this;
    const requested = filtersOf(packet, this.#version);
    if (requested.length > (rules.filtersPerPacket ?? Infinity)) {
      this.#disconnect(`${requested.length} filters in a packet`, CODES.quota);
      return;
    }
    if (rules.connack?.subscriptionIdentifiers === false && requested.some(({ hasIdentifier }) => hasIdentifier)) {
      this.#disconnect('subscription identifier', CODES.noIdentifiers);
      return;
    }
    if (requested.some(({ filter }) => this.#refusesTopic(filter))) return;
    for (const { filter } of requested) this.#filters.add(filter);
    if (this.#filters.size > (rules.subscriptions ?? Infinity)) {
      this.#disconnect(`${this.#filters.size} subscriptions`, CODES.quota);
      return;
    }
    this.broker.write(
      rules.wildcardRetained === false && this.#version === 5 ? withoutRetained(packet, /[+#]/) : packet,
    );
  }

  #refusesTopic(topic: string): boolean {
    const { forbidden, slashes = Infinity, topicBytes = Infinity } = this.rules;
    if (forbidden !== undefined && topic.startsWith(forbidden)) {
      this.#disconnect(`not allowed: ${topic}`, CODES.notAuthorized);
      return true;
    }
    if (topic.split('/').length - 1 <= slashes && Buffer.byteLength(topic) <= topicBytes) return false;
    this.#disconnect(`topic ${topic}`, CODES.topicName);
    return true;
  }

  #isOverRate(now: number): boolean {
    const { perSecond } = this.rules;
    if (perSecond === undefined) return false;
    while ((this.#times[0] ?? Infinity) <= now - 1000) this.#times.shift();
    if (this.#times.length >= perSecond.messages) return true;
    this.#times.push(now);
    return false;
  }

  #overflow(id: number): void {
    const over = this.rules.perSecond?.over;
    if (over === 'disconnect') this.#disconnect('messages a second', CODES.messageRate);
    else if (over === 'refuse') this.#refuse(id, 'messages a second');
    else this.violations.push('messages a second');
  }

  #refuse(id: number, violation: string): void {
    this.violations.push(violation);
    this.client.write(Buffer.from([0x40, 3, id >> 8, id & 255, CODES.quota]));
  }

  /** MQTT 3.1.1: a retained message reaches a subscription without a wildcard only. */
  #isDelivered(packet: Buffer): boolean {
    const { topic, retain } = messageOf(packet, this.#version);
    return this.rules.wildcardRetained !== false || !retain || this.#filters.has(topic);
  }

  #disconnect(violation: string, code: number): void {
    this.violations.push(violation);
    this.#isEnded = true;
    this.client.end(this.#version === 5 ? Buffer.from([0xe0, 2, code, 0]) : '');
    // Without DISCONNECT, so the broker publishes the last will.
    this.broker.destroy();
  }
}
