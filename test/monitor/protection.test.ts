import { describe, expect, test } from 'vitest';
import type { DeviceResult } from '../../src/active-backup/types';
import { protectionOf, successTime, type ProtectionInput } from '../../src/monitor/protection';
import type { DeviceProtection } from '../../src/monitor/protection-types';
import { resultsAt } from './support/device-results';
import { at, context, daily, DAY_MS, device, iso, knownDevice, online, protecting } from './support/protection-cases';

const HOUR_MS = 3600_000;
const judge = (input: ProtectionInput, now: number, overdueHours = 0): DeviceProtection =>
  protectionOf(input, context(now, { overdueHours })).protection;
/** Days before the Monday of the cases, at 12:10, oldest first. */
const noons = (days: readonly number[]): number[] => days.map((day) => at(day, 12) + 600_000);
const lastDays = (count: number): number[] => Array.from({ length: count }, (_, index) => index - count);
const isWorkday = (day: number): boolean => ((day % 7) + 7) % 7 < 5;

describe('protection is', () => {
  const now = at(0, 11);
  const input = knownDevice(noons(lastDays(30)), {
    tasks: [protecting(daily(), at(0, 12), { since: at(-1, 12) + 600_000, now: at(-1, 13) })],
  });
  const failed = resultsAt([at(0, 1)], 'failed', 100);

  test('protected after a success in time', () => {
    expect(judge(input, now)).toMatchObject({
      ...{ protection: 'protected', taskIds: [1], online: true, failuresInRow: 0 },
      ...{ lastSuccessAt: iso(at(-1, 12) + 600_000), expectedBy: iso(at(1)) },
      habit: { source: 'schedule', typicalGapHours: 24, offDays: [] },
    });
  });

  test('failing after a failure, until a success; cancelled and partial backups do not change it', () => {
    const results = [...(input.results ?? []), ...failed];
    expect(judge({ ...input, results }, now)).toMatchObject({ protection: 'failing', failuresInRow: 1 });
    const more = [...results, ...resultsAt([at(0, 2)], 'cancelled', 101), ...resultsAt([at(0, 3)], 'partial', 102)];
    expect(judge({ ...input, results: more }, now)).toMatchObject({ protection: 'failing', failuresInRow: 1 });
    expect(judge({ ...input, results: [...more, ...resultsAt([at(0, 4)], 'success', 103)] }, now).protection).toBe(
      'protected',
    );
  });

  test('failing rather than late', () => {
    expect(judge({ ...input, results: [...(input.results ?? []), ...failed] }, at(9)).protection).toBe('failing');
  });

  test('late rather than never', () => {
    const tasks = [protecting(daily(), at(1, 12), { since: at(0), now: at(0) })];
    const fresh = knownDevice([], { tasks, knownSince: iso(at(0)), results: [] });
    expect(judge(fresh, at(0, 13))).toMatchObject({ protection: 'never', failuresInRow: 0, lastResult: null });
    expect(judge(fresh, at(2)).protection).toBe('late');
  });

  test('unprotected without a task, whatever its results', () => {
    expect(judge({ ...input, tasks: [] }, at(30)).protection).toBe('unprotected');
  });

  test('unknown while DSM has not reported outcomes, and unprotected without a task even then', () => {
    expect(judge({ ...input, results: null }, at(30))).toMatchObject({
      ...{ protection: 'unknown', failuresInRow: null, expectedBy: null, habit: null, days: [] },
    });
    expect(judge({ ...input, results: null, tasks: [] }, now).protection).toBe('unprotected');
  });

  test('by its own results, not by those of its task', () => {
    const [first] = input.tasks;
    const task = { ...first!.task, lastSuccessAt: iso(now), devices: [device(), device({ id: 6 })] };
    expect(judge({ ...input, tasks: [{ ...first!, task }] }, at(1)).protection).toBe('late');
  });
});

describe('by a fixed schedule', () => {
  const since = at(-3, 12) + 600_000;
  const task = protecting(daily(), at(-2, 12), { since, now: at(-3, 13) });
  const success = (fields: Partial<ProtectionInput> = {}): ProtectionInput =>
    knownDevice(noons(lastDays(31).slice(0, 29)), { tasks: [task], ...fields });

  test('a device that is on line at the first poll, long after its last success, is late at once, as its task is', () => {
    const now = at(6, 11);
    const seen = { knownSince: iso(now), onlinePeriods: [online(now, now)] };
    expect(judge(success(seen), now)).toMatchObject({ protection: 'late', expectedBy: iso(at(-1)) });
    // Off line at the first poll, so it may have been away since its success.
    const off = { ...seen, device: device({ online: false }), onlinePeriods: [] };
    expect(judge(success(off), now).protection).toBe('protected');
  });

  test('a device that was on line when its run was due is late half a period after it', () => {
    expect(judge(success(), at(-1) - 1).protection).toBe('protected');
    expect(judge(success(), at(-1)).protection).toBe('late');
  });

  describe('a server that was off line', () => {
    const server = device({ type: 'physical_server', online: false });
    const lateAt = (until: number): string | null => {
      const off = success({ device: server, onlinePeriods: [online(at(-30), until)] });
      expect(judge(off, at(-1) - 1).protection).toBe('protected');
      return judge(off, at(-1)).expectedBy;
    };

    test('and is always on else is late as if it were on line, but not before a day has passed', () => {
      expect(lateAt(at(-3, 20))).toBe(iso(at(-1)));
      expect(lateAt(at(-2, 11))).toBe(iso(at(-1, 11)));
    });

    test('and is switched off each night is late after twice its longest usual gap', () => {
      const onlinePeriods = lastDays(18).map((day) => online(at(day - 2, 8), at(day - 2, 18)));
      const off = success({ device: server, onlinePeriods });
      expect(judge(off, at(-1, 12)).protection).toBe('protected');
      expect(judge(off, at(-1, 12) + 600_000).protection).toBe('late');
    });

    test('and is hardly known is late after twice its longest usual gap', () => {
      const off = success({ device: server, onlinePeriods: [online(at(-8), at(-3, 20))] });
      expect(judge(off, at(-1, 12)).protection).toBe('protected');
      expect(judge(off, at(-1, 12) + 600_000).protection).toBe('late');
    });
  });

  test('a PC that is off line has holidays of three weeks', () => {
    const off = success({ device: device({ online: false }), onlinePeriods: [online(at(-30), at(-3, 20))] });
    expect(judge(off, at(24, 12)).protection).toBe('protected');
    expect(judge(off, at(24, 13)).protection).toBe('late');
  });

  test('a PC that returns on the last day of its holiday is judged by the run of that day, not by its absence', () => {
    const back = success({ onlinePeriods: [online(at(-30), at(-3, 20)), online(at(24, 8), at(24, 17))] });
    expect(judge(back, at(24, 23)).protection).toBe('protected');
    expect(judge(back, at(25)).protection).toBe('late');
  });

  test('a PC that returns has until the next run and half a period', () => {
    const back = success({ onlinePeriods: [online(at(-30), at(-3, 20)), online(at(14, 8), at(14, 17))] });
    expect(judge(back, at(15) - 1).protection).toBe('protected');
    expect(judge(back, at(15)).protection).toBe('late');
  });

  describe('a PC that was on line for its daily run and is off line since', () => {
    /** Judged after its run at 12:00, two days before the Monday of the cases; off line since an hour of that day. */
    const offAt = (hour: number, fields: Partial<ProtectionInput> = {}): ProtectionInput =>
      success({
        device: device({ online: false }),
        onlinePeriods: [online(at(-30), at(-3, 20)), online(at(-2, 8), at(-2, hour))],
        ...fields,
      });

    test('is late when that day is over, three hours after it went off line', () => {
      expect(judge(offAt(16), at(-2, 17)).expectedBy).toBe(iso(at(-2, 19)));
      expect(judge(offAt(16), at(-2, 19) - 1).protection).toBe('protected');
      expect(judge(offAt(16), at(-2, 19)).protection).toBe('late');
    });

    test('is late half a period after the run if it was on line for less than four hours after it', () => {
      expect(judge(offAt(15.9), at(-2, 23)).expectedBy).toBe(iso(at(-1)));
    });

    test('is late half a period after the run if it was on line until later', () => {
      expect(judge(offAt(22), at(-2, 23)).expectedBy).toBe(iso(at(-1)));
    });

    test('is not late that day if it is no PC, or if its run is a weekly one', () => {
      const server = device({ type: 'physical_server', online: false });
      expect(judge(offAt(16, { device: server }), at(-2, 23)).protection).toBe('protected');
      const weekly = protecting(daily({ weekdays: [6] }), at(-2, 12), { since, now: at(-3, 13) });
      expect(judge(offAt(16, { tasks: [weekly] }), at(-2, 23)).protection).toBe('protected');
    });

    test('is judged by the day of its return in the same way', () => {
      const back = offAt(14, {
        onlinePeriods: [online(at(-30), at(-3, 20)), online(at(14, 8), at(14, 17))],
      });
      expect(judge(back, at(14, 20) - 1).protection).toBe('protected');
      expect(judge(back, at(14, 20)).protection).toBe('late');
    });

    test('is judged anew if it is back before the day is over', () => {
      const back = offAt(16, {
        ...{ device: device() },
        onlinePeriods: [online(at(-30), at(-3, 20)), online(at(-2, 8), at(-2, 18))],
      });
      expect(judge(back, at(-2, 20)).expectedBy).toBe(iso(at(-1)));
    });
  });

  test('a visit in which no run was due is no chance', () => {
    const visit = success({
      device: device({ online: false }),
      onlinePeriods: [online(at(-30), at(-3, 20)), online(at(2, 14), at(2, 17))],
    });
    expect(judge(visit, at(9)).protection).toBe('protected');
  });

  test('a weekend without backups is no reason after four weeks', () => {
    const workdays = lastDays(35).filter(isWorkday);
    const friday = noons(workdays).at(-1)!;
    const office = knownDevice(noons(workdays), {
      tasks: [protecting(daily(), at(-2, 12), { since: friday, now: friday })],
    });
    expect(judge(office, at(0, 13))).toMatchObject({
      protection: 'protected',
      habit: { offDays: [0, 6] },
      expectedBy: iso(at(1)),
    });
    expect(judge(office, at(1)).protection).toBe('late');
  });

  test('a day off is not learned from less than four weeks', () => {
    const workdays = lastDays(21).filter(isWorkday);
    const office = knownDevice(noons(workdays), {
      tasks: [protecting(daily(), at(-2, 12), { since: noons(workdays).at(-1)!, now: at(-3, 13) })],
    });
    expect(judge(office, at(-1)).protection).toBe('late');
  });

  test('days without a scheduled run are days off at once', () => {
    const weekly = daily({ weekdays: [3] });
    const tasks = [protecting(weekly, at(2, 12), { since: at(-5, 12), now: at(0) })];
    expect(judge(knownDevice([at(-5, 12)], { tasks }), at(0)).habit).toEqual({
      ...{ source: 'schedule', typicalGapHours: 24, offDays: [0, 1, 2, 4, 5, 6] },
    });
  });

  test('one whose schedule is switched off is never late', () => {
    const tasks = [protecting(daily(), null, { since: at(-3), now: at(-3) })];
    expect(judge(success({ tasks }), at(60))).toMatchObject({ protection: 'protected', expectedBy: null, habit: null });
  });

  test('a run that began in time puts it off for three times its longest backup, or a day', () => {
    const running = protecting(daily(), at(-1, 12), {
      ...{ since, now: at(-2, 12) + 60_000 },
      task: { state: 'running', lastResult: null },
    });
    const timing = {
      ...running.known!.timing!,
      runningSince: iso(at(-2, 12) + 60_000),
      next: task.known!.timing!.next,
    };
    const input = success({ tasks: [{ ...running, known: { ...running.known!, timing } }] });
    expect(judge(input, at(-1, 12)).protection).toBe('protected');
    expect(judge(input, at(-1, 12) + 60_000).protection).toBe('late');
  });
});

describe('without a fixed schedule', () => {
  const event = { kind: 'event', events: ['startup'] } as const;
  const tasks = [protecting({ ...event, events: [...event.events] }, null, { since: null, now: at(-60) })];
  const everyDay = noons(lastDays(30));

  test('nothing is said from fewer than five successes, or from less than a week', () => {
    expect(judge(knownDevice(noons([-20, -10, -5, -2]), { tasks }), at(60))).toMatchObject({
      ...{ protection: 'protected', habit: null, expectedBy: null },
    });
    expect(judge(knownDevice(everyDay.slice(-6), { tasks }), at(60)).habit).toBeNull();
  });

  test('a device is late half a usual gap after it was due', () => {
    const input = knownDevice(everyDay.slice(-20), { tasks });
    expect(judge(input, at(0, 13))).toMatchObject({
      ...{ protection: 'protected', habit: { source: 'learned', typicalGapHours: 24, offDays: [] } },
      expectedBy: iso(at(1) + 600_000),
    });
    expect(judge(input, at(1, 1)).protection).toBe('late');
  });

  test('several backups in a row do not make the habit short', () => {
    const bursts = everyDay.flatMap((time) => [time, time + 600_000, time + 1200_000]);
    expect(judge(knownDevice(bursts, { tasks }), at(0, 6)).habit?.typicalGapHours).toBeCloseTo(23.7, 1);
  });

  test('weekends are days off after four weeks', () => {
    const workdays = noons(lastDays(35).filter(isWorkday));
    const server = device({ type: 'physical_server' });
    expect(judge(knownDevice(workdays, { tasks, device: server }), at(0, 13))).toMatchObject({
      ...{ protection: 'protected', habit: { offDays: [0, 6], typicalGapHours: 24 } },
    });
    expect(judge(knownDevice(workdays, { tasks, device: server }), at(1, 1)).protection).toBe('late');
  });

  test('gaps with failures are no habit', () => {
    const failures = resultsAt(noons([-15, -14, -13, -12, -11]), 'failed', 500);
    const successes = resultsAt(noons(lastDays(30).filter((day) => day < -15 || day > -11)));
    const results = [...successes, ...failures]
      .sort((a, b) => (a.endedAt ?? '').localeCompare(b.endedAt ?? ''))
      .map((result, index) => ({ ...result, resultId: index }));
    expect(judge(knownDevice(everyDay, { tasks, results }), at(1, 1)).protection).toBe('late');
  });

  test('a changed schedule starts the habit anew', () => {
    const [{ task, known }] = tasks as [ProtectionInput['tasks'][number]];
    const timing = { ...known!.timing!, since: iso(at(-2)) };
    const changed = [{ task, known: { ...known!, timing } }];
    expect(judge(knownDevice(everyDay, { tasks: changed }), at(30)).habit).toBeNull();
  });

  test('a device that was late stays late when its history is too old to learn from', () => {
    const input = knownDevice(everyDay, { tasks });
    const previous = judge(input, at(2));
    expect(previous.protection).toBe('late');
    const later = { ...input, results: [], previous };
    expect(judge(later, at(120))).toMatchObject({ protection: 'late', expectedBy: previous.expectedBy });
    const success = { ...later, results: resultsAt([at(120, 1)]), lastSuccessAt: iso(at(120, 1)) };
    expect(judge(success, at(120, 2)).protection).toBe('protected');
  });

  test('a device that was late is judged anew by a clock that was set back before the time of its success', () => {
    const input = knownDevice(everyDay, { tasks });
    const previous = { ...judge(input, at(2)), expectedBy: iso(at(0, 18)) };
    expect(previous.protection).toBe('late');
    expect(judge({ ...input, previous }, at(0, 17))).toEqual(judge(input, at(0, 17)));
    expect(judge({ ...input, previous }, at(0, 19)).expectedBy).toBe(previous.expectedBy);
  });

  test('a paused continuous backup is never late', () => {
    const paused = [protecting({ kind: 'continuous', paused: true }, null, { since: null, now: at(-60) })];
    expect(judge(knownDevice(everyDay, { tasks: paused }), at(60)).protection).toBe('protected');
  });
});

describe('by how long a PC is on line without a backup', () => {
  const event = { kind: 'event', events: ['screen_lock'] } as const;
  const tasks = [protecting({ ...event, events: [...event.events] }, null, { since: null, now: at(-60) })];
  const workdays = lastDays(40).filter(isWorkday);
  /** Three backups in nine hours on line, with one hour at most between the last of a day and the first of the next. */
  const used = (days: readonly number[]): ProtectionInput['onlinePeriods'] =>
    days.map((day) => online(at(day, 8), at(day, 17)));
  const backups = workdays.flatMap((day) => [at(day, 8.5), at(day, 12), at(day, 16.5)]);
  const office = (fields: Partial<ProtectionInput> = {}): ProtectionInput =>
    knownDevice(backups, { tasks, device: device({ online: false }), onlinePeriods: used(workdays), ...fields });
  /** On line on Monday until an hour. */
  const monday = (end: number): ProtectionInput =>
    office({ onlinePeriods: [...used(workdays), online(at(0, 8), at(0, end))] });

  test('it is late after 1.5 days of use, nights and weekends left out', () => {
    // On Monday it is used for six hours only.
    const on = office({
      device: device(),
      onlinePeriods: [...used(workdays), online(at(0, 8), at(0, 14)), ...used([1])],
    });
    // Half an hour on Friday, six on Monday, and seven on Tuesday.
    expect(judge(on, at(1, 9)).expectedBy).toBe(iso(at(1, 15)));
    expect(judge(on, at(1, 15) - 1).protection).toBe('protected');
    expect(judge(on, at(1, 15)).protection).toBe('late');
  });

  test('it is not late while it is off line before that, until it has been away for 27 days', () => {
    expect(judge(monday(12), at(14)).protection).toBe('protected');
    expect(judge(monday(12), at(24, 17)).protection).toBe('late');
  });

  test('after a holiday the use before it counts as well', () => {
    const before = [...used(workdays), online(at(0, 8), at(0, 14))];
    const back = office({ device: device(), onlinePeriods: [...before, ...used([14])] });
    expect(judge(back, at(14, 9)).expectedBy).toBe(iso(at(14, 15)));
  });

  test('its usual gap does not matter: one that is used on each third workday is late after as long on line', () => {
    const days = lastDays(60)
      .filter(isWorkday)
      .filter((_, index, all) => (all.length - 1 - index) % 3 === 0);
    const successes = days.flatMap((day) => [at(day, 8.5), at(day, 12), at(day, 16.5)]);
    const onlinePeriods = [...used(days), online(at(0, 8), at(0, 14)), ...used([1])];
    const seldom = knownDevice(successes, { tasks, device: device(), onlinePeriods });
    expect(judge(seldom, at(0, 9)).habit?.typicalGapHours).toBeGreaterThan(48);
    expect(judge(seldom, at(1, 15) - 1).protection).toBe('protected');
    expect(judge(seldom, at(1, 15)).protection).toBe('late');
  });

  describe('and a whole day of use without a backup', () => {
    /** Judged on Monday evening, after a day of use of so many hours without a backup. */
    const evening = (fields: Partial<ProtectionInput> = {}, hours = 9): ProtectionInput =>
      office({ onlinePeriods: [...used(workdays), online(at(0, 8), at(0, 8 + hours))], ...fields });

    test('makes it late when the day is over, three hours after it went off line', () => {
      expect(judge(evening(), at(0, 18)).expectedBy).toBe(iso(at(0, 20)));
      expect(judge(evening(), at(0, 20) - 1).protection).toBe('protected');
      expect(judge(evening(), at(0, 20)).protection).toBe('late');
    });

    test('does not while it is still on line', () => {
      expect(judge(evening({ device: device() }), at(0, 20)).protection).toBe('protected');
    });

    test('does not if the day was shorter than 0.7 of a usual one', () => {
      expect(judge(evening({}, 6.25), at(0, 22)).protection).toBe('protected');
      expect(judge(evening({}, 6.5), at(0, 22)).protection).toBe('late');
    });

    test.each(['cancelled', 'partial'] as const)(
      'does not if a backup was %s in it, also when it ended after it',
      (status) => {
        const results = [...resultsAt(backups), ...resultsAt([at(0, 17) + 1800_000], status, 900)];
        expect(judge(evening({ results }), at(0, 22)).protection).toBe('protected');
      },
    );

    test('does not if there was such a day before', () => {
      const results = resultsAt(backups.filter((time) => time < at(-11) || time > at(-10)));
      expect(judge(evening({ results }), at(0, 22)).protection).toBe('protected');
    });

    test('does not before ten days of use are known', () => {
      const known = (count: number): ProtectionInput => {
        const days = workdays.slice(-count);
        const successes = days.flatMap((day) => [8.2, 9, 10, 12, 16.5].map((hour) => at(day, hour)));
        return knownDevice(successes, {
          ...{ tasks, device: device({ online: false }) },
          onlinePeriods: [...used(days), online(at(0, 8), at(0, 17))],
        });
      };
      // The first day of each began before the first known backup.
      expect(judge(known(10), at(0, 22)).protection).toBe('protected');
      expect(judge(known(11), at(0, 22)).protection).toBe('late');
    });
  });

  test('one that is not switched off each day is late after 1.3 days of 24 hours, or its longest time between two backups', () => {
    const always = [online(at(-40), at(40))];
    const each = (hours: readonly number[]): ProtectionInput =>
      knownDevice(
        lastDays(30).flatMap((day) => hours.map((hour) => at(day, hour))),
        {
          ...{ tasks, device: device(), onlinePeriods: always },
        },
      );
    expect(judge(each([12, 20]), at(0)).expectedBy).toBe(iso(at(0, 20 - 24) + 1.3 * DAY_MS));
    const rare = knownDevice(
      lastDays(60)
        .filter((day) => day % 2 === 0)
        .map((day) => at(day, 12)),
      {
        ...{ tasks, device: device(), onlinePeriods: [online(at(-70), at(40))] },
      },
    );
    expect(judge(rare, at(-1)).expectedBy).toBe(iso(at(-2, 12) + 1.1 * 2 * DAY_MS));
  });

  test('it is not late before it was on line for longer than ever between two backups, an outage apart', () => {
    // A backup on each second day only, 18 hours on line apart, and once none for two weeks.
    const rare = workdays.filter((_, index) => index % 2 === 0 && (index < 6 || index > 14)).map((day) => at(day, 12));
    const many = lastDays(120).filter(isWorkday).slice(-40);
    const onAll = many.filter((_, index) => index % 2 === 0).map((day) => at(day, 12));
    const sometimes = (successes: readonly number[]): ProtectionInput =>
      knownDevice(successes, { tasks, device: device(), onlinePeriods: used([...many, 0, 1, 2]) });
    expect(judge(sometimes(rare), at(1, 9)).protection).toBe('protected');
    expect(judge(sometimes(onAll), at(1, 9)).protection).toBe('protected');
  });
});

test('overdueHours decides, whatever the habit and whether the device is on line', () => {
  const tasks = [protecting(daily(), at(0, 12), { since: at(-1, 12), now: at(-1, 13) })];
  const off = knownDevice([at(-1, 12)], { tasks, device: device({ online: false }), onlinePeriods: [] });
  expect(judge(off, at(1, 11), 48)).toMatchObject({
    ...{ protection: 'protected', expectedBy: iso(at(1, 12)) },
    habit: { source: 'hours', typicalGapHours: 48, offDays: [] },
  });
  expect(judge(off, at(1, 12), 48).protection).toBe('late');
});

describe('a wrong clock', () => {
  const tasks = [protecting(daily(), at(0, 12), { since: at(-1, 12) + 600_000, now: at(-1, 13) })];
  const usual = noons(lastDays(30));
  const wrong = (time: string, status: DeviceResult['status'] = 'success'): DeviceResult[] => [
    ...resultsAt(usual),
    ...resultsAt([Date.parse(time)], status, 900),
  ];

  test.each(['2009-01-01T00:10Z', '2037-05-01T00:00Z'])('a success of %s counts when it was first seen', (time) => {
    const lastSuccessAt = successTime({ endedAt: iso(Date.parse(time)) }, iso(usual.at(-1)!), new Date(at(0, 13)));
    const input = knownDevice(usual, { tasks, results: wrong(time), lastSuccessAt });
    expect(judge(input, at(1))).toMatchObject({ protection: 'protected', lastSuccessAt: iso(at(0, 13)) });
    expect(judge(input, at(2)).protection).toBe('late');
  });

  test.each(['2009-01-01T00:10Z', '2037-05-01T00:00Z'])('a failure of %s is the last outcome', (time) => {
    const input = knownDevice(usual, { tasks, results: wrong(time, 'failed') });
    expect(judge(input, at(0, 1))).toMatchObject({
      protection: 'failing',
      failuresInRow: 1,
      lastResult: { resultId: 900 },
    });
  });

  test('of the past does not silence it', () => {
    const input = knownDevice(usual, {
      tasks,
      results: wrong('2037-05-01T00:00Z').slice(0, -1),
      lastSuccessAt: iso(at(4000)),
    });
    expect(judge(input, at(1)).protection).toBe('late');
  });
});

test('after a change of summer time, backups around midnight do not hide the days off', () => {
  const hour = 3600_000;
  // Monday to Friday at 23:30 by the clock of Berlin, in winter until March 28; judged in summer.
  const fridays = Array.from({ length: 40 }, (_, index) => Date.parse('2026-02-23T22:30Z') + index * DAY_MS)
    .filter((time) => isWorkday(Math.floor((time - at(0)) / DAY_MS)))
    .map((time) => (time > Date.parse('2026-03-29') ? time - hour : time));
  const event = { kind: 'event', events: ['log_off'] } as const;
  const tasks = [protecting({ ...event, events: [...event.events] }, null, { since: null, now: at(-20) })];
  const input = knownDevice(
    fridays.map((time) => time + 600_000),
    { tasks },
  );
  const summer = context(fridays.at(-1)! + hour, { utcOffsets: [2 * hour] });
  expect(protectionOf(input, summer).protection.habit?.offDays).toEqual([0, 6]);
});

describe('days', () => {
  test('have the best outcome, none when one was missed, off when none was due, and today last', () => {
    const tasks = [protecting(daily(), at(5, 12), { since: at(0), now: at(0) })];
    const results = [
      ...resultsAt([at(0, 12)]),
      ...resultsAt([at(1, 12)], 'failed', 2),
      ...resultsAt([at(1, 14)], 'success', 3),
      ...resultsAt([at(2, 12)], 'cancelled', 4),
      ...resultsAt([at(3, 12)], 'partial', 5),
    ];
    const input = { ...knownDevice([at(1, 14)], { tasks, results }), knownSince: iso(at(0)) };
    expect(judge(input, at(5, 11)).days).toEqual(['success', 'success', 'cancelled', 'partial', 'none', 'none']);
    expect(judge({ ...input, tasks: [] }, at(5, 11)).days).toEqual([
      'success',
      'success',
      'cancelled',
      'partial',
      'off',
      'off',
    ]);
  });

  test('are those of the time zone of the NAS, 90 at most', () => {
    const input = knownDevice([at(-200, 23), at(0, 23)]);
    const { days } = protectionOf(input, context(at(1, 1), { utcOffsets: [2 * HOUR_MS] })).protection;
    expect(days).toHaveLength(90);
    expect(days.slice(-2)).toEqual(['off', 'success']);
  });
});

describe('an unusual backup', () => {
  const usual = resultsAt(noons(lastDays(20))).map((each) => ({ ...each, transferredBytes: 2 ** 30 }));
  const after = (status: DeviceResult['status'], transferredBytes: number): readonly DeviceResult[] => [
    ...usual,
    ...resultsAt([at(0, 12)], status, 1000).map((each) => ({ ...each, transferredBytes })),
  ];
  const unusualAfter = (results: readonly DeviceResult[] | null): DeviceProtection['unusual'] =>
    judge({ ...knownDevice([]), results }, at(0, 20)).unusual;

  test.each([
    { what: 'a success of forty times the usual size', results: after('success', 40 * 2 ** 30), factor: 40 },
    {
      what: 'a failure after it',
      results: [...after('success', 40 * 2 ** 30), ...resultsAt([at(0, 18)], 'failed', 2000)],
      factor: 40,
    },
    { what: 'a usual success', results: after('success', 2 ** 30), factor: undefined },
    { what: 'a failure of another size', results: after('failed', 40 * 2 ** 30), factor: undefined },
    { what: 'no success at all', results: [], factor: undefined },
    { what: 'unknown outcomes', results: null, factor: undefined },
  ])('after $what: $factor times', ({ results, factor }) => {
    expect(unusualAfter(results)?.factor).toBe(factor);
  });
});
