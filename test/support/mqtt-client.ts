import { connectAsync, type IClientOptions, type IClientPublishOptions, type IPublishPacket } from 'mqtt';

/** A message as a subscriber received it. */
export interface Received {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly qos: 0 | 1 | 2;
  /** MQTT 5 only. */
  readonly properties: NonNullable<IPublishPacket['properties']>;
}

/** Another client of the broker, which receives the messages of a bridge and publishes commands. */
export interface MqttClient {
  /** All messages received since it connected or since {@link forget}, in order. */
  readonly messages: readonly Received[];
  /** Payloads of the received messages of one topic. */
  on(topic: string): string[];
  subscribe(...filters: string[]): Promise<void>;
  publish(topic: string, payload: string | Buffer, options?: IClientPublishOptions): Promise<void>;
  /**
   * The first matching message, of those received already or later.
   * @param wanted a topic or a predicate; @throws Error after 5 s, with the messages received instead
   */
  received(wanted: string | ((message: Received) => boolean)): Promise<Received>;
  /**
   * Resolves when all messages that the broker had for this client at the time of the call were received: the client
   * publishes a marker and waits for it. With an ACL this needs write and read access to `test/marker/#`.
   */
  caughtUp(): Promise<void>;
  forget(): void;
  /** Destroys the socket, so that the broker publishes its last will. */
  drop(): void;
  close(): Promise<void>;
}

const PATIENCE_MS = 50_000;

/** Topics of the markers, which are in no list of messages. */
const MARKERS = 'test/marker/';
let markers = 0;
const nextMarkerTopic = (): string => `${MARKERS}${process.pid}-${(markers += 1)}`;

/** Connects a client (MQTT 5 unless the options have version 4) that does not reconnect. */
export async function connectClient(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await connectAsync(
    url,
    { protocolVersion: 5, reconnectPeriod: 0, connectTimeout: PATIENCE_MS, ...options },
    false,
  );
  // A lost connection shows in the test as a message that is not received.
  client.on('error', () => undefined);
  const marker = nextMarkerTopic();
  const messages: Received[] = [];
  const listeners = new Set<(message: Received) => void>();
  client.on('message', (topic, payload, { retain, qos, properties }) => {
    const message = { topic, payload: payload.toString(), retain, qos, properties: properties ?? {} };
    if (!topic.startsWith(MARKERS)) messages.push(message);
    for (const listener of [...listeners]) listener(message);
  });

  /** The next matching message. */
  const next = (fits: (message: Received) => boolean, wanted: string): Promise<Received> =>
    new Promise((resolve, reject) => {
      const listen = (message: Received): void => {
        if (fits(message)) done(() => resolve(message));
      };
      const timer = setTimeout(() => {
        const received = messages.map(({ topic, payload }) => `${topic} ${payload.slice(0, 200)}`).join('\n');
        done(() => reject(new Error(`No ${wanted} within ${PATIENCE_MS} ms; received instead:\n${received}`)));
      }, PATIENCE_MS);
      const done = (finish: () => void): void => {
        clearTimeout(timer);
        listeners.delete(listen);
        finish();
      };
      listeners.add(listen);
    });

  let markerCount = 0;
  return {
    messages,
    on: (wanted) => messages.filter(({ topic }) => topic === wanted).map(({ payload }) => payload),
    subscribe: async (...filters) => {
      await client.subscribeAsync(filters, { qos: 1 });
    },
    publish: async (topic, payload, publishOptions) => {
      await client.publishAsync(topic, payload, { qos: 1, ...publishOptions });
    },
    received: async (wanted) => {
      const fits = typeof wanted === 'string' ? (message: Received) => message.topic === wanted : wanted;
      return messages.find(fits) ?? (await next(fits, typeof wanted === 'string' ? wanted : 'such message'));
    },
    caughtUp: async () => {
      if (markerCount === 0) await client.subscribeAsync(marker, { qos: 1 });
      const payload = String((markerCount += 1));
      const back = next((message) => message.topic === marker && message.payload === payload, 'marker');
      await client.publishAsync(marker, payload, { qos: 1 });
      await back;
    },
    forget: () => {
      messages.length = 0;
    },
    drop: () => {
      client.stream.destroy();
    },
    close: () => client.endAsync(true),
  };
}

/**
 * The retained messages of a broker as a new subscriber receives them: topic → payload. Access as for `caughtUp`.
 * Two markers show that all of them were received: Mosquitto sends retained messages before those published later, so a
 * plain marker is last; aedes does not, but sends retained messages in the order of their topics' first publication,
 * so a retained marker is last.
 */
export async function retainedAt(
  url: string,
  filter = '#',
  options: IClientOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const client = await connectClient(url, options);
  const marker = nextMarkerTopic();
  try {
    await client.publish(marker, 'last', { retain: true });
    const last = client.received(({ topic, retain }) => topic === marker && retain);
    await Promise.all([last, client.subscribe(filter, marker).then(() => client.caughtUp())]);
    await client.publish(marker, '', { retain: true });
    return new Map(client.messages.filter(({ retain }) => retain).map(({ topic, payload }) => [topic, payload]));
  } finally {
    await client.close();
  }
}
