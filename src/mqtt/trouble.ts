import type { Ending } from './link';
import type { Trouble } from './types';

type Row = readonly [kind: Trouble['kind'], words: string];

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

/** One ending in the words of {@link Trouble}. @param label `host:port` of the broker */
export function troubleOf(label: string, { stood, reason }: Ending): Trouble {
  const isAtOnce = !stood && (reason === null || reason === 'ECONNRESET');
  const [kind, words] = isAtOnce ? ENDED_AT_ONCE : (rowOf(reason) ?? ENDED);
  return { kind, message: `The MQTT broker ${label} ${words}` };
}

function rowOf(reason: Ending['reason']): Row | undefined {
  if (reason === null) return undefined;
  const row = ROWS[reason];
  if (row !== undefined) return row;
  if (typeof reason === 'number') return ['refused', `refused the connection (reason ${reason})`];
  return OF_TLS.test(reason)
    ? ['tls', `cannot be reached with TLS: check the TLS configuration and its certificate (${reason})`]
    : ['unreachable', `cannot be reached (${reason})`];
}
