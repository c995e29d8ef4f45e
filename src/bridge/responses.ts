import { BIRTH_TOPIC, parseCommandTopic, type Topics } from '../home-assistant/topics';
import type { Publisher } from '../mqtt/publisher';
import { isPublishableTopic } from '../mqtt/topic-filter';
import type { OutgoingMessage, ReceivedMessage } from '../mqtt/types';
import type { Action } from './command-validator';

/** The response to a command. */
export interface CommandResponse {
  /** Of the command; null if it has none. */
  readonly id: string | null;
  readonly action: string | null;
  readonly status: 'accepted' | 'rejected' | 'done' | 'error';
  /** Why the command was rejected or failed; else null. */
  readonly reason: string | null;
  /** Error code such as `EUNREACHABLE`; null if there is none. */
  readonly code: string | null;
  /** ISO 8601 in UTC. */
  readonly ts: string;
}

/** The parts that a responder works with. */
export interface CommandResponderOptions {
  readonly publisher: Pick<Publisher, 'publishEvent' | 'clear'>;
  readonly topics: Topics;
  readonly discoveryPrefix: string;
  /** Receives a sentence for the user. */
  readonly warn: (message: string) => void;
}

/** Publishes the responses to commands. */
export class CommandResponder {
  readonly #options: CommandResponderOptions;

  constructor(options: CommandResponderOptions) {
    this.#options = options;
  }

  respond(response: CommandResponse, command: ReceivedMessage): void {
    const { publisher, topics, discoveryPrefix } = this.#options;
    for (const message of responseMessages(response, command, topics, discoveryPrefix)) publisher.publishEvent(message);
  }

  /** Clears a retained command and warns the user. */
  clearRetained(topic: string): void {
    const { publisher, warn } = this.#options;
    publisher.clear(topic);
    warn(`A retained command was refused and removed (${topic}): the sender must not set the retain flag`);
  }
}

/**
 * The messages with a response: one to the response topic next to the command's topic, and with MQTT 5 one to the response
 * topic of the sender with its correlation data, if publishing there is allowed.
 * @param command a message on a command topic
 */
export function responseMessages(
  response: CommandResponse,
  command: ReceivedMessage,
  topics: Topics,
  discoveryPrefix: string,
): OutgoingMessage[] {
  const ownTopic = command.topic.replace(/command$/, 'response');
  const { responseTopic, correlationData } = command;
  const isAllowed = responseTopic !== null && isAllowedResponseTopic(responseTopic, topics, discoveryPrefix);
  return [...new Set([ownTopic, ...(isAllowed ? [responseTopic] : [])])].map((topic) => ({
    topic,
    payload: JSON.stringify(response),
    retain: false,
    ...(topic === responseTopic && correlationData !== null && { correlationData }),
  }));
}

/**
 * Whether a sender may choose a response topic. The bridge publishes with its own account, so a sender must not reach topics
 * of this bridge, of other bridges (which could take a response for a command), of Home Assistant or of the broker.
 */
function isAllowedResponseTopic(topic: string, topics: Topics, discoveryPrefix: string): boolean {
  if (!isPublishableTopic(topic) || topic.startsWith('$')) return false;
  if (topic.startsWith(`${topics.root}/`) && topic.endsWith('/response')) {
    return parseCommandTopic(topics, topic.replace(/response$/, 'command')) !== null;
  }
  const baseTopic = topics.root.slice(0, topics.root.lastIndexOf('/'));
  const homeAssistant = BIRTH_TOPIC.slice(0, BIRTH_TOPIC.indexOf('/'));
  return [baseTopic, discoveryPrefix, homeAssistant].every((forbidden) => !`${topic}/`.startsWith(`${forbidden}/`));
}

/** The actions of commands. Any other text in a command is not logged, since it may contain anything. */
const ACTIONS: ReadonlySet<string | null> = new Set<Action>(['backup', 'cancel', 'refresh']);
/** A reason that is one of our codes. Other reasons are sentences that may quote the command. */
const REASON_CODE = /^[a-z_]{1,30}$/;

/** The log line of a command: `Command backup for task 3: rejected, already_running`. */
export function commandLine({ action, status, reason, code }: CommandResponse, taskId: number | null): string {
  const why = reason !== null && REASON_CODE.test(reason) ? reason : code;
  const what = ACTIONS.has(action) ? action : '?';
  return `Command ${what}${taskId === null ? '' : ` for task ${taskId}`}: ${status}${why === null ? '' : `, ${why}`}`;
}
