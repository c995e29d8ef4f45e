import { Agent, type AgentOptions, type RequestOptions } from 'node:https';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';

/** How a NAS proves to be the right one. */
export interface CertificatePolicy {
  /** Whether the certificate must be trusted by this machine (or by `tls.ca`). */
  readonly verify: boolean;
  /** SHA-256 of the one certificate to accept, self-signed or not, 64 hex digits; null: no pinning. */
  readonly fingerprint: string | null;
  /** Node's own TLS options, from Node-RED's `tls-config`: own CA, client certificate, server name. */
  readonly tls?: ConnectionOptions;
}

/** The NAS showed another certificate than the pinned one; nothing was sent to it. */
export class FingerprintMismatch extends Error {
  readonly code = 'ERR_FINGERPRINT';

  constructor(readonly seen: string) {
    super('another certificate than the pinned one');
  }
}

/** A fingerprint as 64 upper-case hex digits, however it was written; null when it is none. */
export function normalFingerprint(text: string): string | null {
  const digits = text.replace(/[\s:]/g, '').toUpperCase();
  return /^[0-9A-F]{64}$/.test(digits) ? digits : null;
}

/**
 * An agent that hands out a connection only after the certificate was compared with the pinned one. Checking later
 * would be too late: Node writes the request, with the password in it, as soon as the handshake is done.
 */
class PinningAgent extends Agent {
  readonly #fingerprint: string;
  readonly #connecting = new Set<TLSSocket>();

  constructor(options: AgentOptions, fingerprint: string) {
    // A resumed TLS session shows no certificate, so none is kept.
    super({ ...options, rejectUnauthorized: false, maxCachedSessions: 0 });
    this.#fingerprint = fingerprint;
  }

  // The types know only the base class's older signature; the runtime passes a callback and accepts no return value.
  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const socket = connect(options as ConnectionOptions);
    this.#connecting.add(socket);
    const settle = (error: Error | null): void => {
      this.#connecting.delete(socket);
      socket.removeAllListeners('error').removeAllListeners('secureConnect').removeAllListeners('close');
      if (error !== null) socket.on('error', () => undefined).destroy();
      callback?.(error, socket);
    };
    socket.once('error', settle);
    socket.once('close', () => {
      settle(Object.assign(new Error('closed during the TLS handshake'), { code: 'ECONNRESET' }));
    });
    socket.once('secureConnect', () => {
      const seen = normalFingerprint(socket.getPeerCertificate().fingerprint256) ?? '';
      settle(seen === this.#fingerprint ? null : new FingerprintMismatch(seen));
    });
    return undefined;
  }

  override destroy(): void {
    for (const socket of this.#connecting) socket.destroy();
    super.destroy();
  }
}

/** An https agent that accepts the certificates `policy` accepts. Whoever makes it destroys it. */
export function agentFor(policy: CertificatePolicy, options: AgentOptions): Agent {
  const { fingerprint, tls, verify } = policy;
  const merged: AgentOptions = { ...options, ...tls };
  if (fingerprint !== null) return new PinningAgent(merged, fingerprint);
  return new Agent({ ...merged, rejectUnauthorized: verify && tls?.rejectUnauthorized !== false });
}
