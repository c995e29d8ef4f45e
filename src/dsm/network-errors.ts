/** Messages by network error code, as the rest of a sentence about the NAS. */
const MESSAGES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection: is it switched on, and is the port right?',
  ECONNRESET: 'broke the connection off',
  EPIPE: 'broke the connection off',
  ETIMEDOUT: 'did not answer in time: is it switched on, or waking up?',
  ENOTFOUND: 'cannot be found: its name is unknown here',
  EAI_AGAIN: 'cannot be found: the name server does not answer',
  EHOSTUNREACH: 'cannot be reached: there is no way to its network',
  ENETUNREACH: 'cannot be reached: there is no way to its network',
  EPROTO: 'does not speak TLS on this port: is it the port for https?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS on this port: is it the port for https?',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'has a self-signed certificate: pin its fingerprint in the NAS node, or choose a TLS configuration that trusts it',
  SELF_SIGNED_CERT_IN_CHAIN:
    'has a certificate of an unknown authority: pin its fingerprint in the NAS node, or choose a TLS configuration that trusts it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'has a certificate of an unknown authority: pin its fingerprint in the NAS node, or choose a TLS configuration that trusts it',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'has a certificate of an unknown authority: pin its fingerprint in the NAS node, or choose a TLS configuration that trusts it',
  CERT_HAS_EXPIRED: 'has an expired certificate: renew it in DSM, or pin its fingerprint in the NAS node',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'has a certificate for another name: use that name as host, or pin the fingerprint in the NAS node',
  ERR_FINGERPRINT:
    'shows another certificate than the pinned one, so nothing was sent to it: if the certificate was renewed, store its new fingerprint in the NAS node',
};

/**
 * A sentence about a failed connection. @param label `host:port` of the NAS; @param reason an error code of Node, or
 * our own
 */
export function networkMessage(label: string, reason: string): string {
  return `The NAS ${label} ${MESSAGES[reason] ?? `cannot be reached (${reason})`}`;
}
