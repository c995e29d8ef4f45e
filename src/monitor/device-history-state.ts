import type { DeviceRecord } from './device-record';
import type { OnlinePeriod } from './online-periods';
import type { DeviceProtection } from './protection-types';
import { parseWithChanges } from '../storage/json-changes';
import type { JsonContent } from '../storage/json-file';

/** The outcomes of the devices of one NAS, and until when they were read. Plain JSON; the names are those of the file. */
export interface StoredDevices {
  readonly version: 1;
  /** Address of the NAS. */
  readonly nas: string;
  /** All outcomes up to this time were read (ISO 8601, UTC); null: none yet. */
  readonly readUntil: string | null;
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

function isStored(value: unknown): value is StoredDevices {
  const { version, nas, readUntil, devices, online, late } = fieldsOf(value);
  return (
    version === 1 &&
    typeof nas === 'string' &&
    isTimeOrNull(readUntil) &&
    isRecordOf(devices, isRecord) &&
    isRecordOf(online, (periods) => Array.isArray(periods) && periods.every(isPeriod)) &&
    isRecordOf(late, isLate)
  );
}

function isRecordOf(value: unknown, check: (each: unknown) => boolean): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(check);
}

function isRecord(value: unknown): boolean {
  const { uuid, name, rows, lastSuccessAt, knownSince } = fieldsOf(value);
  return (
    isTextOrNull(uuid) &&
    isTextOrNull(name) &&
    Array.isArray(rows) &&
    rows.every(isRow) &&
    isTimeOrNull(lastSuccessAt) &&
    isTime(knownSince)
  );
}

function isRow(value: unknown): boolean {
  return Array.isArray(value) && value.length === 6 && value.every((each) => each === null || Number.isFinite(each));
}

function isPeriod(value: unknown): boolean {
  const { from, to } = fieldsOf(value);
  return isTime(from) && isTime(to);
}

function isLate(value: unknown): boolean {
  const { expectedBy, lastSuccessAt, habit } = fieldsOf(value);
  return isTimeOrNull(expectedBy) && isTimeOrNull(lastSuccessAt) && (habit === null || isHabit(habit));
}

function isHabit(value: unknown): boolean {
  const { source, typicalGapHours, offDays } = fieldsOf(value);
  return typeof source === 'string' && typeof typicalGapHours === 'number' && Array.isArray(offDays);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function isTimeOrNull(value: unknown): boolean {
  return value === null || isTime(value);
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}
