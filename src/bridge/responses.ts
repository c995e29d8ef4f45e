import { isPublishableTopic } from '../mqtt/topic-filter';
import { BIRTH_TOPIC, parseCommandTopic, type Topics } from '../home-assistant/topics';
import type { ReceivedMessage, OutgoingMessage } from '../mqtt/types';

/** What became of a command. */
export interface CommandResponse {
  /** The command's own; null where it has none. */
  readonly id: string | null;
  readonly action: string | null;
  readonly status: 'accepted' | 'rejected' | 'done' | 'error';
  /** Why it was rejected or failed. */
  readonly reason: string | null;
  /** An error code for programs, `EUNREACHABLE`; null where there is none. */
  readonly code: string | null;
  /** When, ISO 8601 in UTC. */
  readonly ts: string;
}

/**
 * The messages that carry a response: to the response topic beside the command's own, and to the one that its sender asked
 * for (MQTT 5), if that may be written to, with its correlation data.
 * @param command the message that is answered, of one of the command topics
 */
export function responseMessages(
  response: CommandResponse,
  command: ReceivedMessage,
  topics: Topics,
  discoveryPrefix: string,
): OutgoingMessage[] {
  const own = command.topic.replace(/command$/, 'response');
  const { responseTopic, correlationData } = command;
  const wanted = responseTopic !== null && isOpenTo(responseTopic, topics, discoveryPrefix) ? [responseTopic] : [];
  return [...new Set([own, ...wanted])].map((topic) => ({
    topic,
    payload: JSON.stringify(response),
    retain: false,
    // Only for who asked for it: it is the sender's own, and may mean something to nobody else.
    ...(topic === responseTopic && correlationData !== null && { correlationData }),
  }));
}

/**
 * Whether a sender may have a response sent there. We write with our own rights at the broker: not to what is ours, nor
 * to another bridge, which could take the response for a command, nor to Home Assistant, nor to the broker itself.
 */
function isOpenTo(topic: string, topics: Topics, discoveryPrefix: string): boolean {
  if (!isPublishableTopic(topic) || topic.startsWith('$')) return false;
  if (topic.startsWith(`${topics.root}/`) && topic.endsWith('/response')) {
    return parseCommandTopic(topics, topic.replace(/response$/, 'command')) !== null;
  }
  const baseTopic = topics.root.slice(0, topics.root.lastIndexOf('/'));
  const homeAssistant = BIRTH_TOPIC.slice(0, BIRTH_TOPIC.indexOf('/'));
  return [baseTopic, discoveryPrefix, homeAssistant].every((closed) => !`${topic}/`.startsWith(`${closed}/`));
}
