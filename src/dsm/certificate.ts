import { Agent, type AgentOptions, type RequestOptions } from 'node:https';
import { connect, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls';

/** Which certificates of a NAS are accepted. */
export interface CertificatePolicy {
  /** Whether the certificate must be trusted by this machine (or by `tls.ca`). */
  readonly verify: boolean;
  /** SHA-256 of the only accepted certificate, self-signed or not, 64 hex digits; null when none is pinned. */
  readonly fingerprint: string | null;
  /** Node's TLS options from Node-RED's `tls-config`: own CA, client certificate, server name. */
  readonly tls?: ConnectionOptions;
}

/**
 * Whether every certificate that `policy` accepts is also accepted by `other`, so that a secret stored for `other` may
 * be sent under `policy`.
 */
export function isAsStrict(policy: CertificatePolicy, other: CertificatePolicy): boolean {
  if (other.fingerprint !== null) return policy.fingerprint === other.fingerprint;
  if (!verifies(other)) return true;
  return policy.fingerprint === null && verifies(policy) && JSON.stringify(policy.tls) === JSON.stringify(other.tls);
}

function verifies({ verify, tls }: CertificatePolicy): boolean {
  return verify && tls?.rejectUnauthorized !== false;
}

/** The NAS presented a certificate other than the pinned one; nothing was sent to it. */
class FingerprintMismatch extends Error {
  readonly code = 'ERR_FINGERPRINT';

  constructor(readonly seen: string) {
    super('another certificate than the pinned one');
  }
}

/**
 * A fingerprint as 64 upper-case hex digits, from any common notation; null when the text is no SHA-256 fingerprint.
 */
export function normalizeFingerprint(text: string): string | null {
  const digits = text.replace(/[\s:]/g, '').toUpperCase();
  return /^[0-9A-F]{64}$/.test(digits) ? digits : null;
}

/**
 * An agent that closes a connection when the handshake ends with a certificate other than the pinned one. The check
 * runs in the event of the finished handshake, where Node's own verification runs: data written earlier has not been
 * sent yet. The socket is returned to the agent at once, so that the agent's limits and timeouts also cover the
 * handshake.
 */
class PinningAgent extends Agent {
  readonly #fingerprint: string;

  constructor(options: AgentOptions, fingerprint: string) {
    // A resumed TLS session presents no certificate, so sessions are not cached.
    super({ ...options, rejectUnauthorized: false, maxCachedSessions: 0 });
    this.#fingerprint = fingerprint;
  }

  override createConnection(options: RequestOptions): TLSSocket {
    const socket = connect(options as ConnectionOptions);
    socket.prependOnceListener('secureConnect', () => {
      // The fields are missing when Node cannot parse the certificate, although the type has them.
      const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
      const seen = normalizeFingerprint(certificate.fingerprint256 ?? '') ?? '';
      if (seen !== this.#fingerprint) socket.destroy(new FingerprintMismatch(seen));
    });
    return socket;
  }
}

/** The oldest TLS, also where Node.js was started with `--tls-min-v1.0`: older versions have known weaknesses. */
const OLDEST_TLS = 'TLSv1.2';

/** An https agent that accepts the certificates allowed by `policy`. The caller must destroy it. */
export function createHttpsAgent(policy: CertificatePolicy, options: AgentOptions): Agent {
  const { fingerprint, tls } = policy;
  const merged: AgentOptions = { ...options, ...tls, minVersion: OLDEST_TLS };
  if (fingerprint !== null) return new PinningAgent(merged, fingerprint);
  return new Agent({ ...merged, rejectUnauthorized: verifies(policy) });
}
