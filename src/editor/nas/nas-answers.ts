/** What the dialog shows of a test that succeeded. Null: only administrators may know. */
export interface ShownConnection {
  readonly model: string | null;
  /** `DSM 7.2.1-69057`. */
  readonly dsmVersion: string | null;
  readonly activeBackupVersion: string | null;
  readonly taskCount: number;
  readonly rights: 'administrator' | 'delegated';
  readonly roundTripMs: number;
}

/** What the dialog shows of the certificate of a NAS. */
export interface ShownCertificate {
  /** Empty when it names nobody. */
  readonly subject: string;
  readonly issuer: string;
  readonly selfSigned: boolean;
  /** ISO 8601, UTC. */
  readonly validFrom: string | null;
  readonly validTo: string | null;
  /** SHA-256, pairs of hex digits with colons between. */
  readonly fingerprint: string;
}

/** What the dialog takes from a pairing. */
export interface Paired {
  /** The token of a trusted device. */
  readonly deviceId: string;
}
