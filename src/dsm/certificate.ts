import { Agent, type AgentOptions, type RequestOptions } from 'node:https';
import { connect, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls';

/** How a NAS proves to be the right one. */
export interface CertificatePolicy {
  /** Whether the certificate must be trusted by this machine (or by `tls.ca`). */
  readonly verify: boolean;
  /** SHA-256 of the one certificate to accept, self-signed or not, 64 hex digits; null: no pinning. */
  readonly fingerprint: string | null;
  /** Node's own TLS options, from Node-RED's `tls-config`: own CA, client certificate, server name. */
  readonly tls?: ConnectionOptions;
}

/** Whether whoever satisfies `policy` would satisfy `other`, too, so that a secret meant for the one may go to the other. */
export function isAsStrict(policy: CertificatePolicy, other: CertificatePolicy): boolean {
  if (other.fingerprint !== null) return policy.fingerprint === other.fingerprint;
  if (!verifies(other)) return true;
  return policy.fingerprint === null && verifies(policy) && JSON.stringify(policy.tls) === JSON.stringify(other.tls);
}

function verifies({ verify, tls }: CertificatePolicy): boolean {
  return verify && tls?.rejectUnauthorized !== false;
}

/** The NAS showed another certificate than the pinned one; nothing was sent to it. */
export class FingerprintMismatch extends Error {
  readonly code = 'ERR_FINGERPRINT';

  constructor(readonly seen: string) {
    super('another certificate than the pinned one');
  }
}

/** A fingerprint as 64 upper-case hex digits, however it was written; null when it is none. */
export function normalizeFingerprint(text: string): string | null {
  const digits = text.replace(/[\s:]/g, '').toUpperCase();
  return /^[0-9A-F]{64}$/.test(digits) ? digits : null;
}

/**
 * An agent whose connections end as soon as the handshake shows another certificate than the pinned one. The check runs
 * where Node's own verification does, inside the event of the finished handshake: what was written before is still
 * unsent then. The socket is handed to the agent at once, so that its limit, its time-outs and its end hold for
 * connections in the handshake, too.
 */
class PinningAgent extends Agent {
  readonly #fingerprint: string;

  constructor(options: AgentOptions, fingerprint: string) {
    // A resumed TLS session shows no certificate, so none is kept.
    super({ ...options, rejectUnauthorized: false, maxCachedSessions: 0 });
    this.#fingerprint = fingerprint;
  }

  override createConnection(options: RequestOptions): TLSSocket {
    const socket = connect(options as ConnectionOptions);
    socket.prependOnceListener('secureConnect', () => {
      // A certificate that Node cannot read has no fields, whatever the types say.
      const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
      const seen = normalizeFingerprint(certificate.fingerprint256 ?? '') ?? '';
      if (seen !== this.#fingerprint) socket.destroy(new FingerprintMismatch(seen));
    });
    return socket;
  }
}

/** An https agent that accepts the certificates `policy` accepts. Whoever makes it destroys it. */
export function createHttpsAgent(policy: CertificatePolicy, options: AgentOptions): Agent {
  const { fingerprint, tls } = policy;
  const merged: AgentOptions = { ...options, ...tls };
  if (fingerprint !== null) return new PinningAgent(merged, fingerprint);
  return new Agent({ ...merged, rejectUnauthorized: verifies(policy) });
}
