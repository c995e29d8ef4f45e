const HOUR = 3600;
const DAY = 24 * HOUR;

/** DSM's `sched_content` (docs/facts/dsm.md §3.6). Hours are local time of the NAS. */
export interface Schedule {
  /** 0 manual, 1 at times, 2 on events, 4 continuous. 1 is simulated, and 2 as the arrival of a device with a presence. */
  schedule_setting_type: number;
  /** 0 is Sunday. */
  run_weekday: number[];
  run_hour: number;
  run_min: number;
  /** Repeats every so many hours until midnight; 0: once. */
  repeat_hour: number;
  enable_backup_window: boolean;
  /** 168 characters, one per hour from Sunday 00:00; `1` allows backups. */
  backup_window: string;
}

const EVERY_HOUR = '1'.repeat(168);

/** A schedule with defaults; without any argument: manual. */
export function schedule(given: Partial<Schedule> = {}): Schedule {
  return {
    schedule_setting_type: given.run_weekday === undefined ? 0 : 1,
    run_weekday: [],
    run_hour: 0,
    run_min: 0,
    repeat_hour: 0,
    enable_backup_window: false,
    backup_window: EVERY_HOUR,
    ...given,
  };
}

/** Local time of the NAS: days since 1970, weekday (0 Sunday), seconds since midnight. */
export function wallTime(at: number, utcOffsetSeconds: number): { day: number; weekday: number; secondsOfDay: number } {
  const local = at + utcOffsetSeconds;
  const day = Math.floor(local / DAY);
  return { day, weekday: (((day + 4) % 7) + 7) % 7, secondsOfDay: local - day * DAY };
}

function timesOfDay(plan: Schedule): number[] {
  const first = plan.run_hour * HOUR + plan.run_min * 60;
  const times = [first];
  const step = plan.repeat_hour * HOUR;
  if (step > 0) for (let time = first + step; time < DAY; time += step) times.push(time);
  return times;
}

/** The first start after `after`, epoch seconds; null when the schedule never starts the task. */
export function nextTrigger(plan: Schedule, after: number, utcOffsetSeconds: number): number | null {
  if (plan.schedule_setting_type !== 1) return null;
  const today = wallTime(after, utcOffsetSeconds);
  const times = timesOfDay(plan);
  for (let ahead = 0; ahead <= 7; ahead += 1) {
    if (!plan.run_weekday.includes((today.weekday + ahead) % 7)) continue;
    const midnight = (today.day + ahead) * DAY - utcOffsetSeconds;
    const time = times.find((seconds) => midnight + seconds > after);
    if (time !== undefined) return midnight + time;
  }
  return null;
}

/** Whether the backup window allows a start at `at` (epoch seconds). */
export function windowAllows(plan: Schedule, at: number, utcOffsetSeconds: number): boolean {
  if (!plan.enable_backup_window) return true;
  const { weekday, secondsOfDay } = wallTime(at, utcOffsetSeconds);
  return plan.backup_window.charAt(weekday * 24 + Math.floor(secondsOfDay / HOUR)) === '1';
}
