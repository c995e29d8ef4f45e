import type { NasEvent } from './events';
import type { DeviceProtection } from './protection-types';

/** What was reported of the protection of a device. */
export interface ReportedProtection {
  readonly late: boolean;
  /** Id of its last success that was unusual; null: none. */
  readonly unusual: number | null;
}

/** The same by device id. */
export type ReportedProtections = Readonly<Record<string, ReportedProtection>>;

/** A judgement whose events were all found: there are no others from `from` until `until` (epoch ms), when a device is due. */
export interface SettledProtections {
  readonly protections: readonly DeviceProtection[];
  readonly reported: ReportedProtections | null;
  readonly from: number;
  readonly until: number;
}

/** The events of a judgement, and what is reported after it. */
interface ProtectionChanges {
  readonly events: readonly Pick<NasEvent, 'event' | 'device' | 'protection'>[];
  readonly after: ReportedProtections | null;
  /** For the next call; null: it has to look at every device. */
  readonly settled: SettledProtections | null;
}

/**
 * `device_overdue`, `device_recovered` and `backup_unusual`, each once for each change. A device whose protection is unknown
 * keeps what was reported; the first judgement of a NAS is a baseline.
 * @param before null: nothing was judged before; the very same object in `after` when nothing has changed
 * @param protections of all devices; null: unknown
 * @param settled of the call before
 */
export function protectionEvents(
  before: ReportedProtections | null,
  protections: readonly DeviceProtection[] | null,
  at: Date,
  settled: SettledProtections | null = null,
): ProtectionChanges {
  if (settled !== null && isSettled(settled, before, protections, at)) return { events: [], after: before, settled };
  if (protections?.some(isKnown) !== true) return { events: [], after: before, settled: null };
  const now: Record<string, ReportedProtection> = {};
  const events: Pick<NasEvent, 'event' | 'device' | 'protection'>[] = [];
  const still = settled !== null && settled.reported === before && isWithin(settled, at) ? settled : null;
  for (const [index, protection] of protections.entries()) {
    const { device } = protection;
    if (device.id === null) continue;
    const known = before?.[device.id];
    const isStill = still?.protections[index] === protection;
    const reported = isStill ? (known ?? null) : reportedOf(protection, known, at);
    if (reported === null) continue;
    now[device.id] = reported;
    if (before === null || isStill) continue;
    if (reported.late && known?.late !== true) events.push({ event: 'device_overdue', device, protection });
    if (!reported.late && known?.late === true) events.push({ event: 'device_recovered', device, protection });
    const isNew = known !== undefined && reported.unusual !== null && reported.unusual !== known.unusual;
    if (isNew) events.push({ event: 'backup_unusual', device, protection });
  }
  const reported = before !== null && isSame(before, now) ? before : now;
  const from = at.getTime();
  const changed = protections.filter((each, index) => still?.protections[index] !== each);
  const until = Math.min(still?.until ?? Infinity, nextDue(changed, from));
  return { events, after: reported, settled: { protections, reported, from, until } };
}

function isSettled(
  settled: SettledProtections,
  before: ReportedProtections | null,
  protections: readonly DeviceProtection[] | null,
  at: Date,
): boolean {
  return settled.protections === protections && settled.reported === before && isWithin(settled, at);
}

function isWithin({ from, until }: SettledProtections, at: Date): boolean {
  const now = at.getTime();
  return from <= now && now < until;
}

/** When (epoch ms) the next device is expected to have succeeded; Infinity: none is. */
function nextDue(protections: readonly DeviceProtection[], now: number): number {
  return protections.reduce((next, { expectedBy }) => {
    const due = expectedBy === null ? Infinity : Date.parse(expectedBy);
    return due > now && due < next ? due : next;
  }, Infinity);
}

/** Null: nothing is known of it. The very same object when nothing has changed. */
function reportedOf(
  protection: DeviceProtection,
  known: ReportedProtection | undefined,
  at: Date,
): ReportedProtection | null {
  if (!isKnown(protection)) return known ?? null;
  const { expectedBy, unusual, lastResult } = protection;
  // A device whose last backup failed is late as well when the time of its next success has passed.
  const isPast = expectedBy === null ? protection.protection === 'late' : Date.parse(expectedBy) <= at.getTime();
  // A failure is no recovery, whatever is known of the habit after it.
  const late = isPast || (protection.protection === 'failing' && known?.late === true);
  // A success that is no longer the last result was judged when it was.
  const isOfSuccess = unusual !== null && lastResult?.status === 'success';
  const reported = { late, unusual: isOfSuccess ? lastResult.resultId : (known?.unusual ?? null) };
  return known?.late === reported.late && known.unusual === reported.unusual ? known : reported;
}

function isKnown({ protection }: DeviceProtection): boolean {
  return protection !== 'unknown' && protection !== 'unprotected';
}

function isSame(one: ReportedProtections, other: ReportedProtections): boolean {
  const ids = Object.keys(one);
  return ids.length === Object.keys(other).length && ids.every((id) => one[id] === other[id]);
}
