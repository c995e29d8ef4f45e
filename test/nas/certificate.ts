import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

/** What a client may know of the certificate, to trust it or to pin it. */
export interface Certificate {
  readonly pem: string;
  /** SHA-256, `AA:BB:…`. */
  readonly fingerprint: string;
}

const YEAR_MS = 365 * 24 * 3600 * 1000;

/** A self-signed certificate for this machine, as every NAS has one when it comes out of its box. */
export async function createCertificate(): Promise<{ certificate: Certificate; key: string }> {
  const { cert: pem, private: key } = await generate([{ name: 'commonName', value: 'synology' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + YEAR_MS),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { certificate: { pem, fingerprint: new X509Certificate(pem).fingerprint256 }, key };
}
