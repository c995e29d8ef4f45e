import type { DatedResult, Outcome } from './habit';
import { isOffDay, localDayOf, startOfDay, workingTime, type LocalCalendar } from './local-days';
import type { DayOutcome, Habit } from './protection-types';

const HOUR_MS = 3600_000;
/** Days that are kept. */
const MAX_DAYS = 90;
/** From the best to the worst; the best of a day counts. */
const ORDER: readonly Outcome[] = ['success', 'partial', 'failed', 'cancelled'];

/** What the days of a device are made from. */
export interface DaysInput {
  readonly results: readonly DatedResult[];
  readonly calendar: LocalCalendar;
  readonly knownSince: string | null;
  readonly habit: Habit | null;
  readonly isLate: boolean;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * The outcome of each day since the device is known, oldest first, today last. A day without a backup is `none` when the last
 * success was longer ago than usual; today only when the device is late.
 */
export function daysOf({ results, calendar, knownSince, habit, isLate, now }: DaysInput): DayOutcome[] {
  const { offset } = calendar;
  const today = localDayOf(now, offset);
  const known = knownSince === null ? today : localDayOf(Date.parse(knownSince), offset);
  const oldest = results[0] === undefined ? today : localDayOf(results[0].start, offset);
  const first = Math.max(Math.min(known, oldest, today), today - MAX_DAYS + 1);
  const outcomes = outcomesByDay(results, offset);
  let success = results.findLast(({ status, start }) => status === 'success' && localDayOf(start, offset) < first)?.end;
  const days: DayOutcome[] = [];
  for (let day = first; day <= today; day++) {
    const outcome = outcomes.get(day);
    if (outcome !== undefined) days.push(outcome.best);
    else if (day === today) days.push(isLate ? 'none' : 'off');
    else days.push(isExpected(day, success ?? startOfDay(known, offset), habit, calendar) ? 'none' : 'off');
    success = outcome?.success ?? success;
  }
  return days;
}

function outcomesByDay(
  results: readonly DatedResult[],
  offset: number,
): Map<number, { best: Outcome; success: number | undefined }> {
  const days = new Map<number, { best: Outcome; success: number | undefined }>();
  for (const { status, start, end } of results) {
    const day = localDayOf(start, offset);
    const known = days.get(day);
    const isBetter = known === undefined || ORDER.indexOf(status) < ORDER.indexOf(known.best);
    days.set(day, { best: isBetter ? status : known.best, success: status === 'success' ? end : known?.success });
  }
  return days;
}

/** Whether a backup was expected by the end of a day. @param since the last success before it (epoch ms) */
function isExpected(day: number, since: number, habit: Habit | null, calendar: LocalCalendar): boolean {
  if (habit === null || isOffDay(day, calendar)) return false;
  return workingTime(since, startOfDay(day + 1, calendar.offset), calendar) > habit.typicalGapHours * HOUR_MS;
}
