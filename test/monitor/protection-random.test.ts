import { expect, test } from 'vitest';
import type { DeviceResult, Schedule, Task } from '../../src/active-backup/types';
import { protectionOf, type ProtectionInput } from '../../src/monitor/protection';
import { PROTECTIONS } from '../../src/monitor/protection-types';
import { createRandom, type Random } from '../nas/random';
import { deviceResult } from './support/device-results';
import { at, context, DAY_MS, device, iso, online, protecting } from './support/protection-cases';

const HOUR_MS = 3600_000;

const time = (random: Random): number => {
  const odd = random.pick([0, 0, 0, 0, 0, 0, 1, 2]);
  if (odd > 0) return Date.parse(odd === 1 ? '2009-01-01' : '2037-06-01') + random.integer(0, 40 * 24) * HOUR_MS;
  return at(0) + random.integer(-90 * 24, 20 * 24) * HOUR_MS;
};
const orNull = <T>(random: Random, value: T): T | null => (random.fraction() < 0.1 ? null : value);

function randomResult(random: Random, id: number): DeviceResult {
  const start = time(random);
  return deviceResult({
    resultId: orNull(random, id),
    status: random.pick([
      'success',
      'success',
      'success',
      'failed',
      'cancelled',
      'partial',
      'running',
      'no_backup',
      'unknown',
    ]),
    startedAt: orNull(random, iso(start)),
    endedAt: orNull(random, iso(start + random.integer(-1, 5) * HOUR_MS)),
  });
}

function randomTask(random: Random): ProtectionInput['tasks'][number] {
  const kind = random.pick(['weekly', 'daily', 'once', 'event', 'continuous', 'manual', 'unknown'] as const);
  const schedule: Partial<Schedule> = {
    kind,
    weekdays: random.pick([[], [1, 2, 3, 4, 5], [0], [0, 1, 2, 3, 4, 5, 6]]),
    hour: orNull(random, random.integer(0, 23)),
    minute: random.integer(0, 59),
    repeatHours: random.pick([null, 1, 8]),
    paused: random.pick([null, false, true]),
  };
  const fields: Partial<Task> = { state: random.pick(['idle', 'running', 'queued', 'unknown']) };
  const each = protecting(schedule, orNull(random, time(random)), {
    since: orNull(random, time(random)),
    now: at(0),
    task: fields,
  });
  return random.fraction() < 0.1 ? { ...each, known: null } : each;
}

function randomInput(random: Random): ProtectionInput {
  const list = <T>(most: number, make: (index: number) => T): T[] =>
    Array.from({ length: random.integer(0, most) }, (_, index) => make(index));
  const periods = list(5, () => time(random)).sort((a, b) => a - b);
  return {
    device: device({ type: random.pick(['pc', 'vm', 'physical_server']), online: random.pick([true, false, null]) }),
    tasks: list(3, () => randomTask(random)),
    results: orNull(
      random,
      list(40, (index) => randomResult(random, index)),
    ),
    lastSuccessAt: orNull(random, iso(time(random))),
    knownSince: orNull(random, iso(time(random))),
    onlinePeriods: periods.map((from) => online(from, from + 8 * HOUR_MS)),
    previous: null,
  };
}

test('whatever is known, a decision is a decision, and holds until it says', () => {
  for (let seed = 0; seed < 1500; seed++) {
    const random = createRandom(seed);
    const input = randomInput(random);
    const now = at(random.integer(-5, 40), random.integer(0, 23));
    const overdueHours = random.pick([0, 0, 24]);
    const { protection, nextAt } = protectionOf(input, context(now, { overdueHours }));
    expect(PROTECTIONS).toContain(protection.protection);
    expect(protection.days.length).toBeLessThanOrEqual(90);
    expect(nextAt).toBeGreaterThan(now);
    if (protection.protection === 'late') expect(Date.parse(protection.expectedBy ?? '')).toBeLessThanOrEqual(now);
    if (protection.expectedBy === null) expect(protection.protection).not.toBe('late');
    if (protection.lastSuccessAt !== null)
      expect(Date.parse(protection.lastSuccessAt)).toBeLessThanOrEqual(now + HOUR_MS);
    if (nextAt === Infinity || nextAt - now > 2 * DAY_MS) continue;
    const shortlyBefore = protectionOf(input, context(nextAt - 1, { overdueHours })).protection;
    expect(isSame(shortlyBefore.protection, protection.protection, input)).toBe(true);
  }
});

/** A PC by event that is used on most days, for hours that differ, until a time; its agent may stop before. */
function usedPc(random: Random, now: number): ProtectionInput {
  const [days, stopped, isShort] = [random.integer(12, 50), random.integer(0, 4), random.fraction() < 0.2];
  const uses = Array.from({ length: days }, (_, index): [number, number] => {
    const from = at(-index, 7 + 2 * random.fraction());
    return [from, Math.min(from + (isShort && index < 2 ? 5 : 7 + 4 * random.fraction()) * HOUR_MS, now)];
  }).filter(([from]) => from < now && random.fraction() < 0.95);
  const ends = uses.reverse().flatMap(([from, to]) => {
    const count = from > now - stopped * DAY_MS ? 0 : random.pick([0, 1, 2, 2, 3, 3, 4]);
    return Array.from({ length: count }, () => from + random.fraction() * (to - from)).sort((a, b) => a - b);
  });
  const statuses = ['success', 'success', 'success', 'success', 'success', 'failed', 'cancelled', 'partial'] as const;
  const last = uses.at(-1)?.[1] ?? 0;
  return {
    device: device({ online: last === now }),
    tasks: [protecting({ kind: 'event' }, null, { since: null, now: at(-60) })],
    results: ends.map((end, index) =>
      deviceResult({ resultId: index, status: random.pick(statuses), startedAt: iso(end - 60_000), endedAt: iso(end) }),
    ),
    lastSuccessAt: null,
    knownSince: iso(at(-60)),
    onlinePeriods: uses.map(([from, to]) => online(from, to)),
    previous: null,
  };
}

test('so it is for a PC by event, which is not late within eight hours of a success', () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 600; seed++) {
    const random = createRandom(seed);
    const now = at(0, random.integer(6, 23) + random.fraction());
    const input = usedPc(random, now);
    const { protection, nextAt } = protectionOf(input, context(now));
    const { lastSuccessAt, expectedBy, habit } = protection;
    seen.add(protection.protection);
    expect(nextAt).toBeGreaterThan(now);
    expect(protectionOf(input, context(nextAt - 1)).protection.protection).toBe(protection.protection);
    if (habit === null || lastSuccessAt === null || expectedBy === null) continue;
    expect(Date.parse(expectedBy)).toBeGreaterThan(Date.parse(lastSuccessAt) + 8 * HOUR_MS);
  }
  expect([...seen].sort()).toEqual(['failing', 'late', 'protected']);
});

/** Results that lie in the future when a decision is made may count later; they are the only reason for another one. */
function isSame(later: string, earlier: string, { results }: ProtectionInput): boolean {
  const hasFuture = (results ?? []).some(({ endedAt }) => endedAt !== null && Date.parse(endedAt) > at(-5));
  return hasFuture || later === earlier;
}
