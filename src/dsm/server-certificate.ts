import { isIP } from 'node:net';
import { connect, type PeerCertificate } from 'node:tls';
import { startTimeout } from './abort';
import { DsmError, networkMessage } from './errors';
import { networkErrorCode } from './transport';

/** The certificate a NAS presents, for the user to compare and pin. */
export interface ServerCertificate {
  /** Common name of the certificate, or the first alternative name. */
  readonly subject: string;
  readonly issuer: string;
  readonly selfSigned: boolean;
  /** ISO 8601, UTC; null when the certificate has no readable date. */
  readonly validFrom: string | null;
  readonly validTo: string | null;
  /** SHA-256, as pairs of upper-case hex digits separated by colons. */
  readonly fingerprint: string;
}

/**
 * Reads the certificate of a NAS without verifying it. Nothing is sent over the connection.
 * @throws DsmError EUNREACHABLE, ECONFIG when the address is not https
 */
export async function fetchServerCertificate(url: URL, timeoutMs: number): Promise<ServerCertificate> {
  if (url.protocol !== 'https:') throw new DsmError('ECONFIG', 'Without https the NAS shows no certificate');
  try {
    return parseCertificate(await peerCertificate(url, timeoutMs));
  } catch (error) {
    throw new DsmError('EUNREACHABLE', networkMessage(url.host, networkErrorCode(error)));
  }
}

/**
 * The certificate as Node returns it. It is parsed by the caller, because an exception in a socket listener ends the
 * process.
 */
async function peerCertificate(url: URL, timeoutMs: number): Promise<Partial<PeerCertificate>> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const timeout = startTimeout(timeoutMs, []);
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = connect({ host, port: Number(url.port || 443), rejectUnauthorized: false, ...servername });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('secureConnect', resolve);
      timeout.signal.addEventListener('abort', () => {
        reject(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
      });
    });
    return socket.getPeerCertificate();
  } finally {
    timeout.clear();
    socket.on('error', () => undefined).destroy();
  }
}

/** Any part of a certificate may be missing or malformed. */
function parseCertificate(certificate: Partial<PeerCertificate>): ServerCertificate {
  const { subject, issuer, valid_from, valid_to, fingerprint256 = '', subjectaltname } = certificate;
  return {
    subject: firstName(subject?.CN, subjectaltname),
    issuer: firstName(issuer?.CN, issuer?.O),
    selfSigned: JSON.stringify(subject) === JSON.stringify(issuer),
    validFrom: isoOf(valid_from),
    validTo: isoOf(valid_to),
    fingerprint: fingerprint256,
  };
}

/** A date of a certificate as ISO 8601; null when it is missing or unreadable. */
function isoOf(date: string | undefined): string | null {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** The first non-empty name: a certificate may lack any of its names, or have several of one kind. */
function firstName(...names: readonly (string | string[] | undefined)[]): string {
  return names.flat().find((name) => name) ?? '';
}
