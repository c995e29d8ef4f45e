const HOUR_MS = 3600_000;
/** A shorter absence does not end a period: a laptop sleeps now and then. A night does. */
export const ABSENCE_MS = 3 * HOUR_MS;
/** Kept per device: one for each day of use since the last success, until it is late. */
const MAX_PERIODS = 16;
/** Kept per device whose habit includes how long it is on line between two backups: two months of workdays. */
const MAX_LEARNED_PERIODS = 40;

/** A time in which a device was on line, apart from absences of up to three hours. ISO 8601 (UTC), by the clock of Node-RED. */
export interface OnlinePeriod {
  readonly from: string;
  /** The last poll in which it was on line. */
  readonly to: string;
}

/** What is known beyond the periods. */
interface OnlineBasis {
  /**
   * The poll before (epoch ms), for a device that nobody switches off: on line before and after an outage, it counts as on line
   * during it.
   */
  readonly lastPoll?: number | undefined;
  /** Whether it is learned how long the device is on line between two backups. */
  readonly isLearned?: boolean;
}

/**
 * The periods after another poll, ascending, the same object when nothing changed. A poll that fails changes nothing, so an
 * outage of the NAS, or of Node-RED, of more than three hours ends a period as well, unless `lastPoll` is given.
 * @param online as `Device.online`; null (a virtual machine, for example) counts as on line
 */
export function updateOnlinePeriods(
  known: readonly OnlinePeriod[],
  online: boolean | null,
  at: Date,
  { lastPoll = Infinity, isLearned = false }: OnlineBasis = {},
): readonly OnlinePeriod[] {
  if (online === false) return known;
  const to = at.toISOString();
  const last = known.at(-1);
  const seen = Math.min(at.getTime(), lastPoll);
  if (last === undefined || seen - Date.parse(last.to) > ABSENCE_MS)
    return [...known, { from: to, to }].slice(isLearned ? -MAX_LEARNED_PERIODS : -MAX_PERIODS);
  // The clock of Node-RED was set back.
  if (to < last.to) return known;
  return [...known.slice(0, -1), { from: last.from, to }];
}
