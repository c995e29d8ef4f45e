import type { RELINK_STATE } from './codes';

/*
 * Storages, shares and volumes of the data model; for units and null see `types.ts`.
 */

/** Encryption and compression of a share or storage. */
export interface StorageFormat {
  /** Whether the storage is encrypted; null when it was never set up. */
  encrypted: boolean | null;
  encryptionCode: number | null;
  /** Whether the storage is compressed; null when it was never set up. */
  compressed: boolean | null;
  compressionCode: number | null;
}

/** A shared folder that contains, or could contain, a storage. */
export interface Share extends StorageFormat {
  /** DSM's `storage_id`: the {@link Storage} in it. */
  id: number | null;
  name: string | null;
  /** Whether new tasks use it; null when the response names no default. */
  isDefault: boolean | null;
  path: string | null;
  /** First part of the path: `/volume1`. */
  volumePath: string | null;
  /** `btrfs` … */
  fileSystem: string | null;
  freeBytes: number | null;
  available: boolean | null;
  readOnly: boolean | null;
  /** Whether its storage is mounted, and mounted automatically. */
  mounted: boolean | null;
  automount: boolean | null;
  /** Whether it contains a storage that may be linked to this NAS. */
  relinkable: boolean | null;
  /** Whether its volume has no space left. */
  volumeFull: boolean | null;
  /** DSM's `not_support_new_vesion`: presumably it cannot hold a storage of this release. */
  newVersionUnsupported: boolean | null;
}

/** Devices of one kind in a storage. */
export interface DeviceUse {
  count: number | null;
  /** Size of their data, presumably before deduplication (docs/facts/dsm.md §1.2). */
  bytes: number | null;
}

/** A backup storage: one per shared folder. */
export interface Storage extends StorageFormat {
  id: number | null;
  shareName: string | null;
  volumePath: string | null;
  /** `Volume 1` */
  volumeName: string | null;
  /** `btrfs` …, else `unknown`. */
  fileSystem: string;
  fileSystemCode: number | null;
  mounted: boolean | null;
  compacting: boolean | null;
  /** 0–100; of the current or last compacting. */
  compactingPercent: number | null;
  /** Size of the storage on the volume. */
  dedupBytes: number | null;
  /** Compressed part of it. */
  compressedBytes: number | null;
  /** Size without deduplication: the sum over `devices`. */
  logicalBytes: number | null;
  /** `logicalBytes` / `dedupBytes`, two decimals: with 2.2 the data take less than half of their size. */
  dedupRatio: number | null;
  deviceCount: number | null;
  devices: { pc: DeviceUse; server: DeviceUse; vm: DeviceUse; fileServer: DeviceUse; nas: DeviceUse };
  relinkState: (typeof RELINK_STATE)[keyof typeof RELINK_STATE] | 'unknown';
  relinkStateCode: number | null;
  /** 0 means no error. */
  relinkErrorCode: number | null;
  /** How fast its volume fills. This and the next are always null in a response; set by the monitor, from its own samples. */
  growthBytesPerDay: number | null;
  /** The day on which its volume is full at this rate. */
  fullAt: string | null;
}

/** A volume of the NAS. */
export interface Volume {
  /** `/volume1` */
  path: string | null;
  totalBytes: number | null;
  usedBytes: number | null;
  freeBytes: number | null;
  /** 0–100, one decimal. */
  usedPercent: number | null;
}

/** Storage overview: `list`, `list_storage` and `list_volume` combined. */
export interface StorageOverview {
  /** Default share of new tasks. */
  defaultShare: string | null;
  storages: (Storage & {
    /** Volume of the storage; null when DSM does not list it. */
    volume: Volume | null;
    /** Shared folder of the storage; null when DSM does not list it. */
    share: Share | null;
  })[];
  volumes: Volume[];
  totals: StorageTotals;
}

/** Sums of all known values, null when none is known. Each volume counts once. */
export interface StorageTotals {
  storageCount: number;
  deviceCount: number | null;
  dedupBytes: number | null;
  logicalBytes: number | null;
  dedupRatio: number | null;
  totalBytes: number | null;
  usedBytes: number | null;
  freeBytes: number | null;
  usedPercent: number | null;
}
