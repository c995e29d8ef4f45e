// The parts of MQTT packets that a broker with limits looks at.

/** What a broker announces in CONNACK of MQTT 5. */
export interface ConnackProperties {
  readonly receiveMaximum?: number;
  readonly maximumQos?: 0 | 1;
  readonly retainAvailable?: boolean;
  readonly maximumPacketSize?: number;
  readonly topicAliasMaximum?: number;
  readonly subscriptionIdentifiers?: boolean;
  readonly sharedSubscriptions?: boolean;
  readonly serverKeepAliveSeconds?: number;
}

/** A CONNACK of MQTT 5 that accepts the client. */
export function connackOf(properties: ConnackProperties): Buffer {
  const byte = (id: number, value: number | undefined): number[] => (value === undefined ? [] : [id, value]);
  const word = (id: number, value: number | undefined): number[] =>
    value === undefined ? [] : [id, value >> 8, value & 255];
  const flag = (value: boolean | undefined): number | undefined => (value === undefined ? undefined : Number(value));
  const size = properties.maximumPacketSize;
  const bytes = [
    ...word(0x21, properties.receiveMaximum),
    ...byte(0x24, properties.maximumQos),
    ...byte(0x25, flag(properties.retainAvailable)),
    ...(size === undefined ? [] : [0x27, (size >>> 24) & 255, (size >>> 16) & 255, (size >>> 8) & 255, size & 255]),
    ...word(0x22, properties.topicAliasMaximum),
    ...byte(0x29, flag(properties.subscriptionIdentifiers)),
    ...byte(0x2a, flag(properties.sharedSubscriptions)),
    ...word(0x13, properties.serverKeepAliveSeconds),
  ];
  return Buffer.from([0x20, 3 + bytes.length, 0, 0, bytes.length, ...bytes]);
}

/** The version and the client id of CONNECT. */
export function connectOf(packet: Buffer): { version: 4 | 5; clientId: string } {
  const name = textAt(packet, bodyOf(packet));
  const version = packet.readUInt8(name.end) === 5 ? 5 : 4;
  const payload = name.end + 4; // version, flags, keep-alive
  return { version, clientId: textAt(packet, version === 5 ? afterProperties(packet, payload) : payload).text };
}

interface Message {
  readonly topic: string;
  readonly payloadBytes: number;
  readonly qos: number;
  readonly retain: boolean;
  /** 0 for QoS 0. */
  readonly id: number;
}

/** A PUBLISH packet. */
export function messageOf(packet: Buffer, version: 4 | 5): Message {
  const flags = packet.readUInt8(0);
  const qos = (flags >> 1) & 3;
  const topic = textAt(packet, bodyOf(packet));
  const afterId = topic.end + (qos > 0 ? 2 : 0);
  const payloadAt = version === 5 ? afterProperties(packet, afterId) : afterId;
  return {
    topic: topic.text,
    payloadBytes: packet.length - payloadAt,
    qos,
    retain: (flags & 1) === 1,
    id: qos > 0 ? packet.readUInt16BE(topic.end) : 0,
  };
}

interface Filter {
  readonly filter: string;
  /** Whether the packet has a subscription identifier. */
  readonly hasIdentifier: boolean;
  /** Position of its options in the packet. */
  readonly optionsAt: number;
}

/** The filters of a SUBSCRIBE or UNSUBSCRIBE packet. */
export function filtersOf(packet: Buffer, version: 4 | 5): Filter[] {
  const hasOptions = packet.readUInt8(0) >> 4 === 8;
  const properties = bodyOf(packet) + 2;
  let at = version === 5 ? afterProperties(packet, properties) : properties;
  const hasIdentifier = version === 5 && hasOptions && at > properties + 1 && packet.readUInt8(properties + 1) === 0x0b;
  const filters: Filter[] = [];
  while (at < packet.length) {
    const { text, end } = textAt(packet, at);
    filters.push({ filter: text, hasIdentifier, optionsAt: end });
    at = end + (hasOptions ? 1 : 0);
  }
  return filters;
}

/** A SUBSCRIBE packet of MQTT 5 that asks for no retained messages for the filters that match. */
export function withoutRetained(packet: Buffer, pattern: RegExp): Buffer {
  const changed = Buffer.from(packet);
  for (const { filter, optionsAt } of filtersOf(packet, 5))
    if (pattern.test(filter)) changed.writeUInt8((changed.readUInt8(optionsAt) & 0b1100_1111) | 0b0010_0000, optionsAt);
  return changed;
}

/** Position behind the fixed header. */
function bodyOf(packet: Buffer): number {
  return varint(packet, 1).end;
}

/** Position behind the properties at a position. */
function afterProperties(packet: Buffer, at: number): number {
  const { value, end } = varint(packet, at);
  return end + value;
}

function varint(packet: Buffer, at: number): { value: number; end: number } {
  let value = 0;
  for (let index = 0; ; index += 1) {
    const byte = packet.readUInt8(at + index);
    value += (byte & 127) * 128 ** index;
    if (byte < 128) return { value, end: at + index + 1 };
  }
}

function textAt(packet: Buffer, at: number): { text: string; end: number } {
  const end = at + 2 + packet.readUInt16BE(at);
  return { text: packet.toString('utf8', at + 2, end), end };
}
