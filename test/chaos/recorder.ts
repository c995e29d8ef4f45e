import { connectAsync, type MqttClient } from 'mqtt';

/** A subscriber beside the bridges, connected to the broker itself: what they have really published. It also sends commands. */
export interface MqttRecorder {
  /** By id of a NAS: the ids of the results in the events of finished backups, each time they were received. */
  finishedOf(nasId: string): readonly number[];
  /** The retained messages by topic, as they stand. */
  readonly retained: ReadonlyMap<string, string>;
  /** How often a retained topic was published with the content that it had already. */
  readonly repeated: number;
  /** How many responses were received, by status and reason. */
  readonly responses: ReadonlyMap<string, number>;
  /** Connects, also after {@link disconnect}. The broker keeps what it receives meanwhile. */
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Publishes a command with QoS 1; while it is disconnected, nothing. */
  publish(topic: string, payload: string): void;
  /** Forgets what is retained: the broker has lost it. */
  clear(): void;
}

const FINISHED = /^backup_(?:succeeded|partial|failed|cancelled)$/;
const EVENT_TOPIC = /^active-backup\/([^/]+)\/event$/;
const TOPICS = ['active-backup/#', 'homeassistant/#'];

/** @param url of the broker itself */
export function createRecorder(url: string): MqttRecorder {
  const finished: { readonly nasId: string; readonly id: number }[] = [];
  const retained = new Map<string, string>();
  const responses = new Map<string, number>();
  let repeated = 0;
  let client: MqttClient | null = null;
  const onEvent = (nasId: string, text: string): void => {
    const { event_type: type, result_id: id } = JSON.parse(text) as { event_type: string; result_id?: number };
    if (FINISHED.test(type) && id !== undefined) finished.push({ nasId, id });
  };
  const onResponse = (text: string): void => {
    const { status, reason } = JSON.parse(text) as { status: string; reason: string | null };
    const key = reason === null ? status : `${status} (${reason})`;
    responses.set(key, (responses.get(key) ?? 0) + 1);
  };
  /** Retained messages that the broker sends again at a subscription are no repetitions. */
  const onMessage = (topic: string, text: string, isOld: boolean): void => {
    const nasId = EVENT_TOPIC.exec(topic)?.[1];
    if (nasId !== undefined) onEvent(nasId, text);
    if (topic.endsWith('/response')) onResponse(text);
    if (/\/(?:event|response|command)$/.test(topic)) return;
    if (!isOld && retained.get(topic) === text) repeated += 1;
    if (text === '') retained.delete(topic);
    else retained.set(topic, text);
  };
  return {
    finishedOf: (nasId) => finished.filter((each) => each.nasId === nasId).map(({ id }) => id),
    retained,
    responses,
    get repeated() {
      return repeated;
    },
    connect: async () => {
      const options = { clientId: 'chaos-recorder', clean: false, protocolVersion: 4, reconnectPeriod: 0 } as const;
      const connected = await connectAsync(url, { ...options, connectTimeout: 25_000 }, false);
      client = connected;
      connected.on('error', () => undefined);
      connected.on('message', (topic, payload, { retain }) => {
        onMessage(topic, payload.toString(), retain);
      });
      await connected.subscribeAsync(TOPICS, { qos: 1 });
    },
    disconnect: async () => {
      const connected = client;
      client = null;
      await connected?.endAsync(true).catch(() => undefined);
    },
    publish: (topic, payload) => {
      client?.publishAsync(topic, payload, { qos: 1 }).catch(() => undefined);
    },
    clear: () => {
      retained.clear();
    },
  };
}
