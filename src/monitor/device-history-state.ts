import type { DeviceRecord } from './device-record';
import type { OnlinePeriod } from './online-periods';
import type { DeviceProtection } from './protection-types';
import {
  type Check,
  isNumber,
  isText,
  isTime,
  arrayOf,
  isAnyOf,
  orMissing,
  orNull,
  recordOf,
  shaped,
} from '../storage/checks';
import { parseWithChanges } from '../storage/json-changes';
import type { JsonContent } from '../storage/json-file';

/** The outcomes of the devices of one NAS, and until when they were read. Plain JSON; the names are those of the file. */
export interface StoredDevices {
  readonly version: 1;
  /** Address of the NAS. */
  readonly nas: string;
  /** All outcomes up to this time were read (ISO 8601, UTC); null: none yet. */
  readonly readUntil: string | null;
  /** Since when the NAS is polled without a break (ISO 8601); missing: there was none. */
  readonly polledSince?: string;
  /** By device id. */
  readonly devices: Readonly<Record<string, DeviceRecord>>;
  /** By device id: when it was on line. */
  readonly online: Readonly<Record<string, readonly OnlinePeriod[]>>;
  /** By device id: the judgement of the devices that are late. */
  readonly late: Readonly<Record<string, LateDevice>>;
}

/** The judgement of a device that is late, so that it stays late over a restart until it succeeds. */
export type LateDevice = Pick<DeviceProtection, 'expectedBy' | 'lastSuccessAt' | 'habit'>;

/** Nothing known of a NAS. */
export function noDevices(nas: string): StoredDevices {
  return { version: 1, nas, readUntil: null, devices: {}, online: {}, late: {} };
}

/** The file of the outcomes. */
export const DEVICES_FILE = {
  parse: parseStoredDevices,
  content: 'Outcomes of the devices',
  consequence: 'they are read from the NAS again',
  whileUnread: 'until it can be, they are read from the NAS and not stored',
  appendsChanges: true,
} as const satisfies JsonContent<StoredDevices>;

/** @returns null when the text is not JSON or any part of it is invalid */
function parseStoredDevices(text: string): StoredDevices | null {
  try {
    const read = parseWithChanges(text);
    return isStored(read) ? read : null;
  } catch {
    return null;
  }
}

const isRow: Check = (value) =>
  Array.isArray(value) && value.length === 6 && value.every((each) => each === null || Number.isFinite(each));

const RECORD = {
  uuid: orNull(isText),
  name: orNull(isText),
  rows: arrayOf(isRow),
  lastSuccessAt: orNull(isTime),
  knownSince: isTime,
} as const satisfies Partial<Record<keyof DeviceRecord, Check>>;

const LATE = {
  expectedBy: orNull(isTime),
  lastSuccessAt: orNull(isTime),
  habit: orNull(shaped({ source: isText, typicalGapHours: isNumber, offDays: (value) => Array.isArray(value) })),
} as const satisfies Record<keyof LateDevice, Check>;

const STORED = {
  version: isAnyOf(1),
  nas: isText,
  readUntil: orNull(isTime),
  polledSince: orMissing(isTime),
  devices: recordOf(shaped(RECORD)),
  online: recordOf(arrayOf(shaped({ from: isTime, to: isTime }))),
  late: recordOf(shaped(LATE)),
} as const satisfies Record<keyof StoredDevices, Check>;

function isStored(value: unknown): value is StoredDevices {
  return shaped(STORED)(value);
}
