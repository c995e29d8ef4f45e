import type { DeviceResult } from '../active-backup/types';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** When a backup is unusual, with the reason of each limit: few hints, so that each is read. */
const UNUSUAL = {
  /** Earlier successes that are needed. */
  minRuns: 8,
  /** The latest of them that count: the usual size changes over months. */
  maxRuns: 60,
  /** Distance from the median in deviations (1.4826 × MAD, of logarithms): one in a million, if sizes vary by factors. */
  minScore: 5.5,
  /** Least deviation of the logarithm, as backups of the same size have none (MAD 0): nothing below six times is unusual. */
  minDeviation: 0.35,
  /** The least of these differences to the median (bytes, bytes, seconds): incremental backups of some megabytes vary a lot. */
  minLarger: 2 * GIB,
  minSmaller: GIB,
  minLonger: 3600,
  /** Beyond the extreme of earlier runs by this factor, the most extreme one left out: a monthly update is usual. */
  beyondExtreme: 1.5,
  /** Sizes below this count as this, as zero has no logarithm. */
  leastBytes: MIB,
} as const;

/**
 * How a backup differs, with its likely meaning:
 * - `larger`: much has changed – an update, a large copy, a new installation, or encryption by malware
 * - `smaller`: little is left to back up – data was moved or excluded, or a disk is missing
 * - `longer`: a slow network or disk, or a busy NAS
 */
export type UnusualKind = 'larger' | 'smaller' | 'longer';

/** A hint that a backup differs from the usual ones of its device. */
export interface UnusualBackup {
  readonly kind: UnusualKind;
  /** To the usual value, two significant digits: 7 for seven times, 0.1 for a tenth. */
  readonly factor: number;
  /** Bytes; seconds for `longer`. */
  readonly value: number;
  /** The median of earlier successes, in the same unit. */
  readonly usual: number;
}

/**
 * Whether a success is much larger, smaller or longer than usual; null: it is not, or too little is known. By median and MAD of
 * logarithms, as sizes vary by factors. Pure.
 * @param results of the same device, in any order; those that started before `result` count
 */
export function unusualBackup(result: DeviceResult, results: readonly DeviceResult[]): UnusualBackup | null {
  if (result.status !== 'success') return null;
  const earlier = results
    .filter((each) => each.status === 'success' && isBefore(each, result))
    .sort((a, b) => (isBefore(a, b) ? 1 : -1))
    .slice(0, UNUSUAL.maxRuns);
  const sizes = known(earlier.map(({ transferredBytes }) => transferredBytes));
  const durations = known(earlier.map(({ durationSeconds }) => durationSeconds));
  return (
    compare(result.transferredBytes, sizes, { kind: 'larger', least: UNUSUAL.minLarger, floor: UNUSUAL.leastBytes }) ??
    compare(result.transferredBytes, sizes, {
      kind: 'smaller',
      least: UNUSUAL.minSmaller,
      floor: UNUSUAL.leastBytes,
    }) ??
    compare(result.durationSeconds, durations, { kind: 'longer', least: UNUSUAL.minLonger, floor: 60 })
  );
}

/** By id, because times may come from a wrong clock. */
function isBefore(a: DeviceResult, b: DeviceResult): boolean {
  if (a.resultId !== null && b.resultId !== null) return a.resultId < b.resultId;
  return a.endedAt !== null && b.endedAt !== null && a.endedAt < b.endedAt;
}

function compare(
  value: number | null,
  earlier: readonly number[],
  { kind, least, floor }: { kind: UnusualKind; least: number; floor: number },
): UnusualBackup | null {
  if (value === null || earlier.length < UNUSUAL.minRuns) return null;
  const sign = kind === 'smaller' ? -1 : 1;
  const logs = earlier.map((each) => sign * Math.log(Math.max(each, floor)));
  const log = sign * Math.log(Math.max(value, floor));
  const middle = median(logs);
  // Most backups are: the deviation is never less.
  if (log - middle < UNUSUAL.minScore * UNUSUAL.minDeviation) return null;
  const spread = 1.4826 * median(logs.map((each) => Math.abs(each - middle)));
  const score = (log - middle) / Math.max(spread, UNUSUAL.minDeviation);
  const usual = median(earlier);
  const extreme = logs.sort((a, b) => b - a)[1] ?? middle;
  const isUnusual =
    score >= UNUSUAL.minScore && log - extreme >= Math.log(UNUSUAL.beyondExtreme) && Math.abs(value - usual) >= least;
  return isUnusual ? { kind, factor: Number((value / usual).toPrecision(2)), value, usual } : null;
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}
