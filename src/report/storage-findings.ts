import type { FindingContext, RawFinding } from './raw-finding';
import type { ReportStorage } from './types';

const DAY_MS = 86_400_000;
/** A volume that is full within so many days cannot wait. */
const URGENT_DAYS = 7;
/** A volume with less free space counts as full. */
const FULL_PERCENT = 1;

/** The findings about storages: one for each volume, the most urgent that holds. */
export function storageFindings(context: FindingContext): RawFinding[] {
  const volumes = new Set<string>();
  return (context.source.snapshot?.storages ?? []).flatMap((storage) => {
    const finding = storageFinding(storage, context);
    const volume = storage.volumePath ?? String(storage.id);
    // Several storages on one volume have one date and one free space.
    if (finding === null || volumes.has(volume)) return [];
    volumes.add(volume);
    return [finding];
  });
}

function storageFinding(storage: ReportStorage, { options, format }: FindingContext): RawFinding | null {
  const { volume, fullAt, low } = storage;
  const { freeBytes = null, totalBytes = null } = volume ?? {};
  const freePercent =
    freeBytes === null || totalBytes === null || totalBytes === 0 ? null : (100 * freeBytes) / totalBytes;
  const daysLeft = fullAt === null ? Infinity : (Date.parse(fullAt) - options.at.getTime()) / DAY_MS;
  const name = storage.shareName ?? storage.volumePath ?? `#${storage.id ?? '?'}`;
  const about = {
    facts: {
      free:
        freePercent === null ? format.bytes(freeBytes) : `${format.bytes(freeBytes)} (${format.percent(freePercent)})`,
      fullAt: fullAt === null ? '' : format.date(fullAt),
    },
    names: [name],
    storage: { id: storage.id, name },
  };
  if (freePercent !== null && freePercent < FULL_PERCENT)
    return { ...about, facts: { ...about.facts, fullAt: '' }, kind: 'storage_full', severity: 'error' };
  if (daysLeft <= URGENT_DAYS) return { ...about, kind: 'storage_full', severity: 'error' };
  if (low) return { ...about, kind: 'storage_low', severity: 'warning' };
  if (daysLeft <= options.fullWithinDays) return { ...about, kind: 'storage_filling', severity: 'warning' };
  return null;
}
