import { connectAsync, type MqttClient } from 'mqtt';

/** A subscriber beside the bridge, connected to the broker itself: what the bridge has really published. */
export interface MqttRecorder {
  /** The ids of the results in the events of finished backups, each time they were received. */
  readonly finished: readonly number[];
  /** The retained messages by topic, as they stand. */
  readonly retained: ReadonlyMap<string, string>;
  /** How often a retained topic was published with the content that it had already. */
  readonly repeated: number;
  /** Connects, also after {@link disconnect}. The broker keeps what it receives meanwhile. */
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Forgets what is retained: the broker has lost it. */
  clear(): void;
}

const FINISHED = /^backup_(?:succeeded|partial|failed|cancelled)$/;
const TOPICS = ['active-backup/#', 'homeassistant/#'];

/** @param url of the broker itself */
export function createRecorder(url: string): MqttRecorder {
  const finished: number[] = [];
  const retained = new Map<string, string>();
  let repeated = 0;
  let client: MqttClient | null = null;
  /** Retained messages that the broker sends again at a subscription are no repetitions. */
  const onMessage = (topic: string, text: string, isOld: boolean): void => {
    if (topic === 'active-backup/chaos/event') {
      const { event_type: type, result_id: id } = JSON.parse(text) as { event_type: string; result_id?: number };
      if (FINISHED.test(type) && id !== undefined) finished.push(id);
    }
    if (/\/(?:event|response|command)$/.test(topic)) return;
    if (!isOld && retained.get(topic) === text) repeated += 1;
    if (text === '') retained.delete(topic);
    else retained.set(topic, text);
  };
  return {
    finished,
    retained,
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
    clear: () => {
      retained.clear();
    },
  };
}
