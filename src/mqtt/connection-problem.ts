import type { CloseReason } from './broker-socket';
import type { Blame, ConnectionProblem } from './types';

type Row = readonly [kind: ConnectionProblem['kind'], words: string];

const LOGIN: Row = ['refused-login', 'refused the login: check user name and password'];
const BROKEN_OFF: Row = ['unreachable', 'broke the connection off'];
const NO_WAY: Row = ['unreachable', 'cannot be reached: there is no way to its network'];
const NO_TLS: Row = ['tls', 'does not speak TLS on this port: is it the port for mqtts or wss?'];
const UNKNOWN_AUTHORITY: Row = [
  'tls',
  'has a certificate of an unknown authority: choose a TLS configuration that trusts it',
];

/** What an ending means for a person: MQTT's reason code, Node's error code, or our own word. */
const ROWS: Readonly<Record<number | string, Row>> = {
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
  141: ['unreachable', 'heard nothing for too long and ended the connection'],
  142: ['taken-over', 'gave the connection to another client with the same client id: let each have its own'],
  144: ['refused', 'does not take the topic of the last will: check its ACL and the base topic'],
  147: ['refused', 'was sent more messages at once than it takes'],
  149: ['refused', 'was sent a larger message than it takes'],
  154: [
    'refused',
    'does not keep retained messages, without which Home Assistant forgets everything: use another broker',
  ],
  155: ['refused', 'does not offer the quality of service 1: use another broker'],
  // Node
  ECONNREFUSED: ['unreachable', 'refused the connection: is it running, and is the port right?'],
  ECONNRESET: BROKEN_OFF,
  EPIPE: BROKEN_OFF,
  ETIMEDOUT: ['unreachable', 'did not answer in time: is it running, and are address and port right?'],
  ENOTFOUND: ['unreachable', 'cannot be found: its name is unknown here'],
  EAI_AGAIN: ['unreachable', 'cannot be found: the name server does not answer'],
  EHOSTUNREACH: NO_WAY,
  ENETUNREACH: NO_WAY,
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
  // Ours
  TIMEOUT: ['unreachable', 'did not answer in time: is it running, and are address and port right?'],
  SILENT: ['unreachable', 'does not answer any more'],
  UNACKNOWLEDGED: ['unreachable', 'does not acknowledge what it is sent, and is connected to anew'],
  NO_MQTT: ['protocol', 'answered with something else than MQTT: are protocol, port and path of the address right?'],
};

const ENDED_AT_ONCE: Row = [
  'refused',
  'ended the connection without an answer: is it an MQTT broker, and is this the right port for mqtt or mqtts?',
];
/** Mosquitto gives no reason when another client takes over. */
const ENDED: Row = [
  'unreachable',
  'ended the connection: was it restarted? If that goes on, another client has the same client id',
];

/** Node's and OpenSSL's codes of what is wrong with a certificate or a TLS option are too many for a table. */
const OF_TLS = /CERT|SSL|TLS|CRL|HOSTNAME/;

/** What a broker that has accepted us says when it does not like what it is sent. */
const OBJECTIONS: Readonly<Record<number, readonly [blame: Blame, words: string]>> = {
  135: ['topic', 'ended the connection because this account may not use a topic: check its access rules'],
  144: ['topic', 'ended the connection because it does not take a topic: check its access rules'],
  149: ['size', 'ended the connection because it takes no message of that size'],
};
/** How brokers end a connection without a reason; the last one is an answer that MQTT does not know, as of Mosquitto. */
const WORDLESS: ReadonlySet<CloseReason['reason']> = new Set([null, 'ECONNRESET', 'EPIPE', 'NO_MQTT']);
const MOST_NAMED = 3;

/**
 * One ending in the words of {@link ConnectionProblem}.
 * @param label `host:port` of the broker; @param unanswered the topics and filters that it had not answered for
 */
export function describeProblem(
  label: string,
  { wasConnected, reason }: CloseReason,
  unanswered: readonly string[] = [],
): ConnectionProblem {
  const named = unanswered.slice(0, MOST_NAMED).join(', ') + (unanswered.length > MOST_NAMED ? ' …' : '');
  const objection = wasConnected && typeof reason === 'number' ? OBJECTIONS[reason] : undefined;
  if (objection !== undefined) {
    const [blame, words] = objection;
    const about = named === '' ? '' : ` (${named})`;
    return { kind: 'refused', message: `The MQTT broker ${label} ${words}${about}`, blame };
  }
  if (wasConnected && unanswered.length > 0 && WORDLESS.has(reason)) {
    const words = `ended the connection while it was sent ${named}: if that goes on, it does not take that`;
    return { kind: 'unreachable', message: `The MQTT broker ${label} ${words}`, blame: 'perhaps' };
  }
  const isAtOnce = !wasConnected && (reason === null || reason === 'ECONNRESET');
  const [kind, words] = isAtOnce ? ENDED_AT_ONCE : (rowOf(reason) ?? ENDED);
  return { kind, message: `The MQTT broker ${label} ${words}` };
}

function rowOf(reason: CloseReason['reason']): Row | undefined {
  if (reason === null) return undefined;
  const row = ROWS[reason];
  if (row !== undefined) return row;
  if (typeof reason === 'number') return ['refused', `refused the connection (reason ${reason})`];
  return OF_TLS.test(reason)
    ? ['tls', `cannot be reached with TLS: check the TLS configuration and its certificate (${reason})`]
    : ['unreachable', `cannot be reached (${reason})`];
}
