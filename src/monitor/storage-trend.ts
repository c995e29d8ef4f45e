const DAY_MS = 24 * 3600_000;

/** When a trend is known, with the reason of each limit. */
const TREND = {
  /** Time from the first to the last sample: a week has all days of the week. */
  minSpanMs: 7 * DAY_MS,
  /** Samples that are needed. */
  minSamples: 8,
  /** Older samples say nothing about the next weeks. */
  maxAgeMs: 60 * DAY_MS,
  /** Of the pairs of samples, those that are this part of the whole time apart: an old version is deleted in between. */
  pairShare: 1 / 3,
  /** Part of these pairs between which the storage grew; about half of them when it only goes up and down. */
  minGrowing: 0.7,
  /** The usual growth of a week bounds the trend: a first, full backup happens once. */
  weekMs: 7 * DAY_MS,
  /** Later than this, the date has no meaning. */
  maxAheadMs: 3650 * DAY_MS,
} as const;

/** What was used of a volume at a time (ISO 8601). */
export interface UsageSample {
  readonly at: string;
  readonly usedBytes: number;
}

/** How fast a storage fills. Both null while it does not grow, or too little is known. */
export interface StorageTrend {
  readonly growthBytesPerDay: number | null;
  /** When nothing will be free (ISO 8601), to the day; null also when that is more than ten years away, or the size is unknown. */
  readonly fullAt: string | null;
}

const UNKNOWN: StorageTrend = { growthBytesPerDay: null, fullAt: null };

/**
 * The trend of the samples of a volume: the median slope of pairs that are far apart (Theil–Sen), at most the median growth of a
 * week. So neither the deletion of old versions (up and down without growth) nor one large first backup make a trend. Pure.
 * @param samples in any order @param freeBytes now; null: unknown
 */
export function storageTrend(samples: readonly UsageSample[], freeBytes: number | null, now: Date): StorageTrend {
  const [oldest, latest] = [now.getTime() - TREND.maxAgeMs, now.getTime() + DAY_MS / 24];
  const points = samples
    .map(({ at, usedBytes }) => ({ at: Date.parse(at), used: usedBytes }))
    .filter(({ at }) => at >= oldest && at <= latest)
    .sort((a, b) => a.at - b.at);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < TREND.minSamples) return UNKNOWN;
  const span = last.at - first.at;
  if (span < TREND.minSpanMs) return UNKNOWN;
  const slopes = slopesOf(points, span * TREND.pairShare, Infinity);
  const growing = slopes.filter((slope) => slope > 0).length;
  if (slopes.length === 0 || growing < TREND.minGrowing * slopes.length) return UNKNOWN;
  const weekly = slopesOf(points, TREND.weekMs - DAY_MS / 4, TREND.weekMs + DAY_MS / 4);
  const perMs = Math.min(median(slopes), weekly.length < TREND.minSamples ? Infinity : median(weekly));
  const growth = Math.round(perMs * DAY_MS);
  return growth > 0 ? { growthBytesPerDay: growth, fullAt: fullAt(freeBytes, growth, now) } : UNKNOWN;
}

function fullAt(freeBytes: number | null, perDay: number, now: Date): string | null {
  if (freeBytes === null) return null;
  const ahead = (Math.max(freeBytes, 0) / perDay) * DAY_MS;
  if (ahead > TREND.maxAheadMs) return null;
  return new Date(Math.floor((now.getTime() + ahead) / DAY_MS) * DAY_MS).toISOString();
}

/** Slopes (bytes per millisecond) of the pairs that are between `least` and `most` milliseconds apart. */
function slopesOf(points: readonly { at: number; used: number }[], least: number, most: number): number[] {
  return points.flatMap((from, index) =>
    points.slice(index + 1).flatMap((to) => {
      const time = to.at - from.at;
      return time < least || time > most ? [] : [(to.used - from.used) / time];
    }),
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
