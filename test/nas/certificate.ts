import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

/** The certificate as a client needs it, to trust or to pin it. */
export interface Certificate {
  readonly pem: string;
  /** SHA-256, `AA:BB:…`. */
  readonly fingerprint: string;
}

const YEAR_MS = 365 * 24 * 3600 * 1000;

/** A self-signed certificate for this machine, as a new NAS has. */
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
