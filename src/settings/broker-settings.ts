import { isHostName, isIpv6Address, parseUrl } from './addresses';
import { numberIn, oneOf, Problem, trimmedText, type NumberRange, type Rule } from './rules';

/** Numbers of a broker node (docs/interface.md §5); seconds. */
export const BROKER_NUMBERS = { keepalive: { default: 60, min: 5, max: 3600 } } as const satisfies Record<
  string,
  NumberRange
>;

/** MQTT versions as a broker node stores them. `auto`: 5, and 3.1.1 for a broker without 5. */
export const PROTOCOL_VERSIONS = ['auto', '5', '4'] as const;
export const DEFAULT_PROTOCOL_VERSION = 'auto';

/** How to connect to a broker; `mqtts` and `wss` use TLS. */
export type BrokerScheme = 'mqtt' | 'mqtts' | 'ws' | 'wss';

const SCHEMES: readonly BrokerScheme[] = ['mqtt', 'mqtts', 'ws', 'wss'];

/** The scheme at the beginning of a broker's URL; null for any other. */
export function schemeOf(url: string): BrokerScheme | null {
  const [, word = ''] = /^\s*([a-z]+):\/\//i.exec(url) ?? [];
  return SCHEMES.find((scheme) => scheme === word.toLowerCase()) ?? null;
}

/** The port at which brokers use TLS. */
const TLS_PORT = ':8883';

/**
 * A broker's address as a URL: `broker.lan` becomes `mqtt://broker.lan`, with the port of TLS `mqtts://broker.lan:8883`. Any
 * text that is no host name, with or without a port, is returned unchanged.
 */
export function completedBrokerUrl(text: string): string {
  const address = text.trim();
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:/?#]+)(:\d{1,5})?$/.exec(address) ?? [];
  const name = isIpv6Address(address) ? `[${address}]` : host;
  if (!isHostName(name)) return text;
  return `${port === TLS_PORT ? 'mqtts' : 'mqtt'}://${name}${name === host ? port : ''}`;
}

/** The URL of a broker, such as `mqtt://broker.lan:1883`, without an account. */
const parseBrokerUrl: Rule<string> = (value) => {
  const url = trimmedText(value);
  if (url === '') return new Problem('problem.required', {}, 'is missing');
  // An account in the address would be shown wherever the address is, an error message included.
  if (/^[^/]*\/\/[^/]*@/.test(url)) {
    return new Problem(
      'problem.accountInUrl',
      {},
      'holds a user name: user name and password have fields of their own',
    );
  }
  if (url.includes('${')) {
    return new Problem('problem.brokerUrl', {}, 'has a variable in it: Node-RED only replaces a whole value');
  }
  return isBrokerUrl(url)
    ? url
    : new Problem('problem.brokerUrl', {}, 'must be like mqtt://host:1883, mqtts://, ws:// or wss://');
};

/** `new URL` checks hosts and ports of http alone, and browsers differ in other schemes, so the URL is tested as http. */
function isBrokerUrl(url: string): boolean {
  const [, host = ''] = /^[a-z]+:\/\/(\[[^\]]*\]|[^/:?#]*)/i.exec(url) ?? [];
  return schemeOf(url) !== null && host !== '' && parseUrl(url.replace(/^[a-z]+/i, 'http')) !== null;
}

/** A client id without control characters; `''`: made from the id of the node that connects. */
const parseClientId: Rule<string> = (value) => {
  const clientId = trimmedText(value);
  return /\p{Cc}/u.test(clientId)
    ? new Problem('problem.invisible', {}, 'has a character that cannot be seen')
    : clientId;
};

/** The rule of each property of a broker node that can be wrong by itself. */
export const BROKER_RULES = {
  url: parseBrokerUrl,
  clientId: parseClientId,
  protocolVersion: oneOf(PROTOCOL_VERSIONS, DEFAULT_PROTOCOL_VERSION),
  keepalive: numberIn(BROKER_NUMBERS.keepalive),
} as const satisfies Record<string, Rule<unknown>>;
