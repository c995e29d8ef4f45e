import type { TaskType } from '../../../src/active-backup/codes';
import type { Schedule } from '../../../src/active-backup/types';
import { offsetAt, runsIn } from '../../monitor/support/wall-clock';
import { createRandom, type Random } from '../../nas/random';
import { KINDS, type Kind } from './kinds';
import { presenceOf, type Interval } from './presence';
import { DAY_MS, HOUR_MS, START, ZONE } from './zone';

/** When a NAS is on, and whether its clock is right. */
export type NasKind = 'always on' | 'off at night' | 'wrong clock';

/** `gone`: the agent no longer connects, as when the machine is off; `connected`: it is on line, but starts no backup. */
type StopMode = 'gone' | 'connected';

/** One run of the agent, if it works. Times in epoch ms. */
export interface Attempt {
  /** Since when it waits for the NAS, as the list of the tasks contains; `at`: it does not wait. */
  readonly queuedAt: number;
  readonly at: number;
  readonly duration: number;
  readonly status: 'success' | 'failed' | 'cancelled' | 'partial';
}

/** A machine, and what it does in a year if its agent works. */
export interface Machine {
  readonly id: number;
  readonly kind: Kind;
  readonly type: TaskType;
  readonly nas: NasKind;
  readonly schedule: Partial<Schedule>;
  /** By the clock: when it is due; else empty. */
  readonly runs: readonly number[];
  /** Nominal time between backups, for the rules of other tools; null: it has no schedule. */
  readonly period: number | null;
  /** When it is on line. */
  readonly presence: readonly Interval[];
  readonly attempts: readonly Attempt[];
  readonly retiredAt: number;
  /** When its agent stops without a message, and how; null: never. */
  readonly stop: { readonly at: number; readonly mode: StopMode } | null;
}

/** A fleet of `size` machines for so many days from {@link START} on, the same for the same seed. */
export function fleetOf(seed: number, size: number, days: number): Machine[] {
  const kinds: Kind[] = [];
  let share = 0;
  for (const [kind, part] of Object.entries(KINDS) as [Kind, number][]) {
    share += part;
    while (kinds.length < Math.round(share * size)) kinds.push(kind);
  }
  return kinds.map((kind, id) => machineOf(createRandom(seed * 10_007 + id), id, kind, days));
}

/** Whether a NAS is on (epoch ms). The one that is off at night sleeps from 23:30 to 6:30. */
export function isNasOn(nas: NasKind, time: number): boolean {
  if (nas !== 'off at night') return true;
  const minutes = ((time + offsetAt(ZONE, time)) % DAY_MS) / 60_000;
  return minutes >= 390 && minutes < 1410;
}

/** Since when a NAS that is on is polled without a break (epoch ms); null: there was none. */
export function polledSince(nas: NasKind, time: number): number | null {
  if (nas !== 'off at night') return null;
  return time - (((time + offsetAt(ZONE, time)) % DAY_MS) - 390 * 60_000);
}

/** How far the clock of a NAS is ahead: one is a year ahead for two days in May, and starts in 2009 for a day in September. */
export function clockErrorAt(nas: NasKind, time: number): number {
  const day = Math.floor((time - START) / DAY_MS);
  if (nas !== 'wrong clock') return 0;
  if (day === 130 || day === 131) return 365 * DAY_MS;
  return day === 250 ? Date.parse('2009-01-01T00:00Z') - (START + 250 * DAY_MS) : 0;
}

function machineOf(random: Random, id: number, kind: Kind, days: number): Machine {
  const nas = nasOf(random, kind);
  const retiredAt = kind === 'retired' ? START + random.integer(30, Math.max(days - 30, 31)) * DAY_MS : Infinity;
  const presence = presenceOf(random, kind, days).filter(([from]) => from < retiredAt);
  const { schedule, times, queuedAt, period, type } = backupsOf(random, kind, days, presence);
  const attempts = times
    .filter((time) => isNasOn(nas, time) && isWithin(presence, time))
    .map((at) => attemptOf(random, at, queuedAt?.get(at) ?? at, kind));
  const runs = schedule.kind === 'weekly' ? times : [];
  const stop = kind === 'retired' ? null : stopOf(random, presence, days);
  return { id, kind, type, nas, schedule, runs, period, presence, attempts, retiredAt, stop };
}

/** Whether a time lies in one of the intervals, which are ascending. */
export function isWithin(intervals: readonly Interval[], time: number): boolean {
  let [low, high] = [0, intervals.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((intervals[middle]?.[1] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return (intervals[low]?.[0] ?? Infinity) <= time;
}

function nasOf(random: Random, kind: Kind): NasKind {
  const part = random.fraction();
  if (part < 0.1 && kind !== 'daily server') return 'off at night';
  return part >= 0.96 ? 'wrong clock' : 'always on';
}

function attemptOf(random: Random, at: number, queuedAt: number, kind: Kind): Attempt {
  const part = random.fraction();
  const status = part < 0.015 ? 'failed' : part < 0.02 ? 'cancelled' : part < 0.025 ? 'partial' : 'success';
  const minutes = kind === 'daily server' ? random.integer(15, 120) : random.integer(3, 25);
  return { queuedAt, at, duration: minutes * 60_000, status };
}

/** The stop lies in a time in which the machine is on, uniformly, from the second week on. */
function stopOf(random: Random, presence: readonly Interval[], days: number): Machine['stop'] {
  const [first, last] = [START + 14 * DAY_MS, START + (days - 80) * DAY_MS];
  const possible = presence
    .map(([from, to]): Interval => [Math.max(from, first), Math.min(to, last)])
    .filter(([from, to]) => from < to);
  const total = possible.reduce((sum, [from, to]) => sum + to - from, 0);
  let rest = random.fraction() * total;
  const mode = random.fraction() < 0.5 ? 'gone' : 'connected';
  for (const [from, to] of possible) {
    if (rest < to - from) return { at: from + rest, mode };
    rest -= to - from;
  }
  return null;
}

/** When backups start, and since when those have waited for the NAS that did, by their start. */
interface Starts {
  readonly times: readonly number[];
  readonly queuedAt?: ReadonlyMap<number, number>;
}

/** When the agent starts backups, or would if the machine were on. */
function backupsOf(
  random: Random,
  kind: Kind,
  days: number,
  presence: readonly Interval[],
): Pick<Machine, 'schedule' | 'period' | 'type'> & Starts {
  const type = kind === 'daily server' || kind === 'continuous' ? 'physical_server' : 'pc';
  if (kind === 'continuous') {
    const every = random.pick([2, 4, 6]) * HOUR_MS;
    return { type, schedule: { kind: 'continuous' }, period: every, ...continuousTimes(random, every, days) };
  }
  if (kind === 'by event' || (kind === 'laptop' && random.fraction() < 0.4)) {
    const schedule = { kind: 'event', events: ['startup', 'screen_lock'] } as const satisfies Partial<Schedule>;
    return {
      type,
      schedule: { ...schedule, events: [...schedule.events] },
      period: null,
      times: eventTimes(random, presence),
    };
  }
  const hour =
    kind === 'daily server' ? random.pick([20, 22, 23, 1, 3, 5]) : hourOfUse(presence, random.integer(9, 15));
  const isWorkdays = kind !== 'daily server' && random.fraction() < 0.5;
  const weekdays = isWorkdays ? [1, 2, 3, 4, 5] : [0, 1, 2, 3, 4, 5, 6];
  const plan = { weekdays, hour, minute: random.pick([0, 15, 30, 45]), repeatHours: null };
  const times = runsIn(ZONE, plan, '2026-01-01', days + 3);
  return { type, schedule: { kind: 'weekly', ...plan }, period: DAY_MS, times };
}

/** A machine that is used in the evening is backed up then: at another time it would never be. */
function hourOfUse(presence: readonly Interval[], hour: number): number {
  const evenings = presence.filter(([from]) => (from + offsetAt(ZONE, from)) % DAY_MS >= 15 * HOUR_MS);
  return 2 * evenings.length > presence.length ? 18 + (hour % 4) : hour;
}

/** Jitter, and a few times a year some hours in the queue: another machine keeps the NAS busy. */
function continuousTimes(random: Random, every: number, days: number): Starts {
  const times: number[] = [];
  const queuedAt = new Map<number, number>();
  for (let time = START + random.fraction() * every; time < START + days * DAY_MS; time += every) {
    const busy = random.fraction() < (4 / 365) * (every / DAY_MS) ? random.integer(2, 8) * HOUR_MS : 0;
    time += busy;
    const at = time + random.fraction() * 0.3 * every;
    times.push(at);
    if (busy > 0) queuedAt.set(at, at - busy);
  }
  return { times, queuedAt };
}

/** At the start mostly, and when the screen is locked. */
function eventTimes(random: Random, presence: readonly Interval[]): number[] {
  return presence.flatMap(([from, to]) => {
    const locks = Array.from({ length: random.integer(1, 3) }, () => from + random.fraction() * (to - from));
    return [...(random.fraction() < 0.9 ? [from + 5 * 60_000] : []), ...locks].sort((a, b) => a - b);
  });
}
