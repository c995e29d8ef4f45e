import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { startDeadline } from './deadline';
import { DsmError } from './errors';
import { networkMessage } from './network-errors';
import { reasonOf } from './transport';

/** The certificate a NAS shows, for a person to compare and pin. */
export interface SeenCertificate {
  /** Whom it names: the common name, else the first alternative name. */
  readonly subject: string;
  readonly issuer: string;
  readonly selfSigned: boolean;
  /** ISO 8601, UTC. */
  readonly validFrom: string;
  readonly validTo: string;
  /** SHA-256, as pairs of upper-case hex digits with colons between. */
  readonly fingerprint: string;
}

/**
 * Reads the certificate that a NAS shows, whatever it is worth. Nothing is sent over the connection.
 * @throws DsmError EUNREACHABLE, ECONFIG when the address is not https
 */
export async function readCertificate(url: URL, timeoutMs: number): Promise<SeenCertificate> {
  if (url.protocol !== 'https:') throw new DsmError('ECONFIG', 'Without https the NAS shows no certificate');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const deadline = startDeadline(timeoutMs, []);
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = connect({ host, port: Number(url.port || 443), rejectUnauthorized: false, ...servername });
  try {
    return await new Promise((resolve, reject) => {
      socket.once('error', reject);
      deadline.signal.addEventListener('abort', () => {
        reject(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
      });
      socket.once('secureConnect', () => {
        const { subject, issuer, valid_from, valid_to, fingerprint256, subjectaltname } = socket.getPeerCertificate();
        resolve({
          subject: firstOf(subject.CN, subjectaltname),
          issuer: firstOf(issuer.CN, issuer.O),
          selfSigned: JSON.stringify(subject) === JSON.stringify(issuer),
          validFrom: new Date(valid_from).toISOString(),
          validTo: new Date(valid_to).toISOString(),
          fingerprint: fingerprint256,
        });
      });
    });
  } catch (error) {
    throw new DsmError('EUNREACHABLE', networkMessage(url.host, reasonOf(error)));
  } finally {
    deadline.clear();
    socket.on('error', () => undefined).destroy();
  }
}

/** A certificate may leave any of its names out, or have several of one kind. */
function firstOf(...names: readonly (string | string[] | undefined)[]): string {
  return names.flat().find((name) => name) ?? '';
}
