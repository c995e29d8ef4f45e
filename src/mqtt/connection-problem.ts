import type { CloseReason } from './broker-socket';
import type { ConnectionProblem, EndCause } from './types';

type Description = readonly [kind: ConnectionProblem['kind'], text: string];

const LOGIN: Description = ['refused-login', 'refused the login: check user name and password'];
const CLOSED: Description = ['unreachable', 'broke the connection off'];
const NO_ROUTE: Description = ['unreachable', 'cannot be reached: there is no way to its network'];
const NO_TLS: Description = ['tls', 'does not speak TLS on this port: is it the port for mqtts or wss?'];
const UNKNOWN_AUTHORITY: Description = [
  'tls',
  'has a certificate of an unknown authority: choose a TLS configuration that trusts it',
];

/** By MQTT reason code, Node error code, or the codes of {@link CloseReason}. */
const DESCRIPTIONS: Readonly<Record<number | string, Description>> = {
  // MQTT 3.1.1
  1: ['refused', 'does not speak this version of MQTT: choose another'],
  2: ['refused', 'does not take this client id: choose another'],
  3: ['refused', 'does not take connections now'],
  4: LOGIN,
  5: LOGIN,
  // MQTT 5
  132: ['refused', 'does not speak MQTT 5: choose 3.1.1'],
  133: ['refused', 'does not take this client id: choose another'],
  134: LOGIN,
  135: LOGIN,
  136: ['refused', 'does not take connections now'],
  137: ['refused', 'is too busy to take this connection'],
  138: ['refused-login', 'has banned this client'],
  139: ['unreachable', 'is shutting down'],
  140: ['refused-login', 'wants another kind of login than name and password'],
  141: ['unreachable', 'received nothing for too long and ended the connection'],
  142: ['taken-over', 'gave the connection to another client with the same client id: let each have its own'],
  144: ['refused', 'does not take the topic of the last will: check its ACL and the base topic'],
  149: ['refused', 'takes no connection packet of that size: shorten client id, password and base topic'],
  151: ['refused', 'takes no more connections of this account: check its limits'],
  154: [
    'refused',
    'does not keep retained messages, without which Home Assistant forgets everything: use another broker',
  ],
  155: ['refused', 'does not offer the quality of service 1: use another broker'],
  159: ['refused', 'does not take so many connections in this time'],
  160: ['unreachable', 'ended the connection because it had lasted for the longest time allowed'],
  // Node
  ECONNREFUSED: ['unreachable', 'refused the connection: is it running, and is the port right?'],
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  ETIMEDOUT: ['unreachable', 'did not answer in time: is it running, and are address and port right?'],
  ENOTFOUND: ['unreachable', 'cannot be found: its name is unknown here'],
  EAI_AGAIN: ['unreachable', 'cannot be found: the name server does not answer'],
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  DEPTH_ZERO_SELF_SIGNED_CERT: ['tls', 'has a self-signed certificate: choose a TLS configuration that trusts it'],
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: ['tls', 'has an expired certificate: renew it'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['tls', 'has a certificate for another name: use that name in the address'],
  // CloseReason
  TIMEOUT: ['unreachable', 'did not answer in time: is it running, and are address and port right?'],
  SILENT: ['unreachable', 'does not answer any more'],
  UNACKNOWLEDGED: ['unreachable', 'does not acknowledge what it is sent; the bridge reconnects'],
  NO_MQTT: ['protocol', 'answered with something else than MQTT: are protocol, port and path of the address right?'],
};

const ENDED_AT_ONCE: Description = [
  'refused',
  'ended the connection without an answer: is it an MQTT broker, and is this the right port for mqtt or mqtts?',
];
/** Mosquitto gives no reason when another client with the same client id connects. */
const ENDED: Description = [
  'unreachable',
  'ended the connection: was it restarted? If that goes on, another client has the same client id',
];

/** Node and OpenSSL have too many codes of certificates and TLS options for a table. */
const TLS_CODE = /CERT|SSL|TLS|CRL|HOSTNAME/;

/** Reason codes with which a broker ends a session because of a message or subscription. */
const SESSION_REFUSALS: Readonly<Record<number, readonly [cause: EndCause, text: string]>> = {
  135: ['topic', 'ended the connection because this account may not use a topic: check its access rules'],
  144: ['topic', 'ended the connection because it does not take a topic: check its access rules'],
  147: ['rate', 'ended the connection because it was sent more messages at once than it takes'],
  149: ['size', 'ended the connection because it takes no message of that size'],
  150: ['rate', 'ended the connection because it was sent more messages a second than it takes'],
  151: ['rate', 'ended the connection because a quota of this account is used up: check its limits'],
};
/** How brokers end a connection without a reason; `NO_MQTT` is an invalid packet, as Mosquitto sends it. */
const WITHOUT_REASON: ReadonlySet<CloseReason['reason']> = new Set([null, 'ECONNRESET', 'EPIPE', 'NO_MQTT']);
const MAX_TOPICS_IN_TEXT = 3;

/**
 * Describes for the user why a connection ended.
 * @param label `host:port` of the broker; @param unanswered topics and filters of unanswered requests
 * @param isSubscribing whether a subscription is among them
 */
export function describeProblem(
  label: string,
  reason: CloseReason,
  unanswered: readonly string[] = [],
  isSubscribing = false,
): ConnectionProblem {
  const problem = problemOf(label, reason, unanswered);
  const isOfTopics = problem.cause === 'topic' || problem.cause === 'perhaps';
  return isSubscribing && isOfTopics ? { ...problem, cause: 'subscription' } : problem;
}

function problemOf(
  label: string,
  { wasConnected, reason }: CloseReason,
  unanswered: readonly string[],
): ConnectionProblem {
  const named =
    unanswered.slice(0, MAX_TOPICS_IN_TEXT).join(', ') + (unanswered.length > MAX_TOPICS_IN_TEXT ? ' …' : '');
  const refusal = wasConnected && typeof reason === 'number' ? SESSION_REFUSALS[reason] : undefined;
  if (refusal !== undefined) {
    const [cause, text] = refusal;
    const about = named === '' ? '' : ` (${named})`;
    return { kind: 'refused', message: `The MQTT broker ${label} ${text}${about}`, cause };
  }
  if (wasConnected && unanswered.length > 0 && WITHOUT_REASON.has(reason)) {
    const text = `ended the connection while it was sent ${named}: if that goes on, it does not take that`;
    return { kind: 'unreachable', message: `The MQTT broker ${label} ${text}`, cause: 'perhaps' };
  }
  const isAtOnce = !wasConnected && (reason === null || reason === 'ECONNRESET');
  const [kind, text] = isAtOnce ? ENDED_AT_ONCE : (descriptionOf(reason) ?? ENDED);
  return { kind, message: `The MQTT broker ${label} ${text}` };
}

function descriptionOf(reason: CloseReason['reason']): Description | undefined {
  if (reason === null) return undefined;
  const known = DESCRIPTIONS[reason];
  if (known !== undefined) return known;
  if (typeof reason === 'number') return ['refused', `refused the connection (reason ${reason})`];
  return TLS_CODE.test(reason)
    ? ['tls', `cannot be reached with TLS: check the TLS configuration and its certificate (${reason})`]
    : ['unreachable', `cannot be reached (${reason})`];
}
