import { connectAsync, type IClientOptions, type IClientPublishOptions, type IPublishPacket } from 'mqtt';

/** A message as a subscriber got it. */
export interface Received {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly qos: 0 | 1 | 2;
  /** MQTT 5 only. */
  readonly properties: NonNullable<IPublishPacket['properties']>;
}

/** Somebody else at the broker: sees what the bridge publishes, and sends it commands. */
export interface MqttClient {
  /** All that came since it connected, or since {@link forget}, in order. */
  readonly messages: readonly Received[];
  /** The same for one topic: payloads only. */
  on(topic: string): string[];
  subscribe(...filters: string[]): Promise<void>;
  publish(topic: string, payload: string | Buffer, options?: IClientPublishOptions): Promise<void>;
  /**
   * The first message that fits, of those that came or of those to come.
   * @param wanted a topic, or what must hold of a message; @throws Error after 5 s, with what came instead
   */
  received(wanted: string | ((message: Received) => boolean)): Promise<Received>;
  /**
   * Waits until everything that the broker had for this client when it was called has come: a message of its own
   * has gone round. With an ACL it needs write and read of `test/marker/#`.
   */
  caughtUp(): Promise<void>;
  forget(): void;
  /** Destroys the socket, so that the broker publishes its last will. */
  drop(): void;
  close(): Promise<void>;
}

const PATIENCE_MS = 5000;

/** Messages of the tests to themselves, which no client shows. */
const MARKERS = 'test/marker/';
let markers = 0;
const nextMarker = (): string => `${MARKERS}${process.pid}-${(markers += 1)}`;

/** A client that is connected (MQTT 5 unless the options say 4) and stays so: it does not connect again. */
export async function connectClient(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await connectAsync(
    url,
    { protocolVersion: 5, reconnectPeriod: 0, connectTimeout: PATIENCE_MS, ...options },
    false,
  );
  // Its end is the test's business, and told by what does not come.
  client.on('error', () => undefined);
  const mark = nextMarker();
  const messages: Received[] = [];
  const listeners = new Set<(message: Received) => void>();
  client.on('message', (topic, payload, { retain, qos, properties }) => {
    const message = { topic, payload: payload.toString(), retain, qos, properties: properties ?? {} };
    if (!topic.startsWith(MARKERS)) messages.push(message);
    for (const listener of [...listeners]) listener(message);
  });

  /** The next message that fits. */
  const next = (fits: (message: Received) => boolean, wanted: string): Promise<Received> =>
    new Promise((resolve, reject) => {
      const listen = (message: Received): void => {
        if (fits(message)) done(() => resolve(message));
      };
      const timer = setTimeout(() => {
        const came = messages.map(({ topic, payload }) => `${topic} ${payload.slice(0, 200)}`).join('\n');
        done(() => reject(new Error(`No ${wanted} within ${PATIENCE_MS} ms; there came:\n${came}`)));
      }, PATIENCE_MS);
      const done = (finish: () => void): void => {
        clearTimeout(timer);
        listeners.delete(listen);
        finish();
      };
      listeners.add(listen);
    });

  let marks = 0;
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
      if (marks === 0) await client.subscribeAsync(mark, { qos: 1 });
      const payload = String((marks += 1));
      const back = next((message) => message.topic === mark && message.payload === payload, 'marker');
      await client.publishAsync(mark, payload, { qos: 1 });
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
 * What a broker holds, as a fresh subscriber finds it: topic → payload. Needs what `caughtUp` needs. Two marks say that
 * everything has come: Mosquitto sends what it holds before what is published later, so a message of our own comes last;
 * aedes lets that overtake, but sends what it holds in the order in which the topics came, so a retained one comes last.
 */
export async function retainedAt(
  url: string,
  filter = '#',
  options: IClientOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const client = await connectClient(url, options);
  const mark = nextMarker();
  try {
    await client.publish(mark, 'last', { retain: true });
    const last = client.received(({ topic, retain }) => topic === mark && retain);
    await Promise.all([last, client.subscribe(filter, mark).then(() => client.caughtUp())]);
    await client.publish(mark, '', { retain: true });
    return new Map(client.messages.filter(({ retain }) => retain).map(({ topic, payload }) => [topic, payload]));
  } finally {
    await client.close();
  }
}
