import { describe, expect, test } from 'vitest';
import type { Task } from '../../src/active-backup/types';
import { protectionOf, type ProtectionInput } from '../../src/monitor/protection';
import { updateTiming, type TaskTiming } from '../../src/monitor/task-timing';
import { scheduledTask } from './support/builders';
import { resultsAt } from './support/device-results';
import { at, context, device, iso, knownDevice, online } from './support/protection-cases';

type States = readonly (readonly [hour: number, state: Task['state']])[];
const server = device({ type: 'physical_server' });

/** A task with continuous backups as polls of these states, at these hours of the Monday of the cases, have shown it. */
function continuous(states: States = [], devices = [server]): ProtectionInput['tasks'][number] {
  const idle = { ...scheduledTask({ kind: 'continuous' }, null), id: 1, devices: [...devices] };
  const since = iso(at(0));
  let known = { task: idle, timing: updateTiming(idle, null, since, new Date(at(-30))) };
  for (const [hour, state] of states) {
    const task = { ...idle, state };
    known = { task, timing: updateTiming(task, known.timing, since, new Date(at(0, hour))) };
  }
  const timing: TaskTiming = known.timing;
  return { task: known.task, known: { since, timing, recent: [], overdue: null } };
}

/** Ends of backups at these hours of each of twenty days, the last one at the begin of the Monday of the cases. */
const eachDay = (hours: readonly number[]): number[] =>
  Array.from({ length: 20 }, (_, index) => index - 20)
    .flatMap((day) => hours.map((hour) => at(day, hour)))
    .concat(at(0));
const every = (hours: number): number[] => eachDay(Array.from({ length: 24 / hours }, (_, index) => index * hours));

/** Asserts the hour of Monday from which on the device is late. */
function expectLateAt(input: ProtectionInput, hour: number): void {
  const judge = (now: number): string => protectionOf(input, context(now)).protection.protection;
  expect(judge(at(0, hour) - 1)).not.toBe('late');
  expect(protectionOf(input, context(at(0, hour))).protection).toMatchObject({ expectedBy: iso(at(0, hour)) });
  expect(judge(at(0, hour))).toMatch(/late|failing/);
}

const known = (successes: readonly number[], fields: Partial<ProtectionInput> = {}): ProtectionInput =>
  knownDevice(successes, { device: server, tasks: [continuous()], ...fields });
const queued = (states: States, fields: Partial<ProtectionInput> = {}): ProtectionInput =>
  known(every(4), { tasks: [continuous(states)], ...fields });

describe('a server with continuous backups is late', () => {
  test.each([
    { when: 'half a usual gap after it was due', successes: every(4), hour: 6 },
    { when: 'an hour after it was due at the earliest', successes: every(0.25), hour: 1.25 },
    {
      when: '1.1 times its longest regular gap after its success, such as a backup window leaves at night',
      successes: eachDay(Array.from({ length: 20 }, (_, index) => 4 + index)),
      hour: 5.5,
    },
    {
      when: 'half a night after it was due, if its NAS is off for a third of the day',
      successes: eachDay([0, 8, 10, 12, 14, 16, 18, 20, 22]),
      hour: 12,
    },
    {
      when: 'eight hours after it was due at the latest, although the longest of a few gaps was an outage',
      successes: every(4).filter((time) => time < at(-5) || time > at(-3)),
      hour: 12,
    },
  ])('$when', ({ successes, hour }) => {
    expectLateAt(known(successes), hour);
  });

  test('eight hours after it was due if it is a PC of which too little is known', () => {
    const pc = known(every(4), { device: device(), onlinePeriods: [] });
    expect(protectionOf(pc, context(at(0, 1))).protection.expectedBy).toBe(iso(at(0, 12)));
  });
});

describe('a backup that waits for the NAS', () => {
  test('puts off when a server is late, to eight hours after it began to wait', () => {
    expectLateAt(queued([[4.5, 'queued']]), 12.5);
  });

  test('counts from when it began to wait, poll by poll', () => {
    const polls = [
      [4.5, 'queued'],
      [8, 'queued'],
      [12.4, 'queued'],
    ] as const;
    expectLateAt(queued(polls), 12.5);
  });

  test('does not if it began to wait when the server was late', () => {
    expectLateAt(queued([[6.1, 'queued']]), 6);
  });

  test('does not once it is given up', () => {
    const givenUp = [
      [4.5, 'queued'],
      [9, 'idle'],
    ] as const;
    expectLateAt(queued(givenUp), 6);
  });

  test.each([
    { ran: 'in time', running: 12.4, hour: 16.4 },
    { ran: 'at the last moment', running: 12.5, hour: 16.5 },
    { ran: 'after a short wait', running: 5, hour: 12.5 },
    { ran: 'too late', running: 12.6, hour: 12.5 },
  ])('puts it off as any running one from when it begins ($ran)', ({ running, hour }) => {
    const ran = [
      [4.5, 'queued'],
      [running, 'running'],
    ] as const;
    expectLateAt(queued(ran), hour);
  });

  test('counts for each device of its task, at most from its last success on', () => {
    const other = device({ id: 6, type: 'physical_server' });
    const several = (states: States): ProtectionInput =>
      known(every(4), { tasks: [continuous(states, [server, other])] });
    expectLateAt(several([[4.5, 'queued']]), 12.5);
    expectLateAt(several([[-3, 'queued']]), 8);
    // While another device is backed up, this one may wait.
    const others = [
      [-6, 'idle'],
      [-5, 'running'],
    ] as const;
    expectLateAt(several(others), 8);
    expectLateAt(queued(others), 6);
  });

  test('changes nothing for a PC', () => {
    const now = context(at(0, 1));
    const pc = (states: States): ProtectionInput => queued(states, { device: device() });
    expect(protectionOf(pc([[0.5, 'queued']]), now).protection.expectedBy).toBe(
      protectionOf(pc([]), now).protection.expectedBy,
    );
  });
});

describe('a cancelled or partial backup of a server', () => {
  const after = (ends: readonly number[], status: 'cancelled' | 'partial' | 'failed'): ProtectionInput =>
    known(every(4), {
      results: [
        ...resultsAt(every(4)),
        ...resultsAt(
          ends.map((hour) => at(0, hour)),
          status,
          900,
        ),
      ],
    });

  test.each(['cancelled', 'partial'] as const)('starts the time anew if it was %s, but only once', (status) => {
    expectLateAt(after([4], status), 10);
    expectLateAt(after([1, 4], status), 10);
    expectLateAt(after([4, 8], status), 10);
    expectLateAt(after([4, 8, 12, 16, 20], status), 10);
  });

  test('does not if it failed, as that is reported at once', () => {
    expectLateAt(after([4], 'failed'), 6);
  });

  test('does not once the server is late', () => {
    expectLateAt(after([6], 'cancelled'), 12);
    expectLateAt(after([6.1], 'cancelled'), 6);
  });

  test('changes nothing for a PC', () => {
    const pc = (input: ProtectionInput): string | null =>
      protectionOf({ ...input, device: device() }, context(at(0, 5))).protection.expectedBy;
    expect(pc(after([4], 'cancelled'))).toBe(pc(known(every(4))));
  });
});

describe('a server is not late because its NAS was off', () => {
  /** @param polledHour of the Monday, since when the NAS is polled again */
  const expectLate = (polledHour: number, hour: number, fields: Partial<ProtectionInput> = {}): void => {
    const input = known(every(4), fields);
    const polledSince = iso(at(0, polledHour));
    const judge = (now: number): string | null =>
      protectionOf(input, context(now, { polledSince })).protection.expectedBy;
    expect(judge(at(0, Math.max(polledHour, 0)))).toBe(iso(at(0, hour)));
  };

  test('but half a usual gap after a backup was due since it is polled again', () => {
    expectLate(1, 7);
    expectLate(5.5, 11.5);
  });

  test('or eight hours after a backup was due', () => {
    expectLate(9, 12);
    expectLate(30, 12);
  });

  test('if it was polled again before the last success', () => expectLate(-1, 6));

  test('and a PC is judged by its time on line', () => {
    const pc = known(every(4), { device: device() });
    const judge = (polledSince: string | null): unknown =>
      protectionOf(pc, context(at(0, 5.5), { polledSince })).protection;
    expect(judge(iso(at(0, 5.5)))).toEqual(judge(null));
  });
});

describe('a server that is nearly always on line, and was off line for less than a day', () => {
  const absent = (from: number, to: number): Partial<ProtectionInput> => ({
    onlinePeriods: [online(at(-40), at(0, from)), online(at(0, to), at(0, to))],
  });

  test('is judged by what it does then, also more than a day after its last success', () => {
    // On line again 24.5 hours after its success, and 23.5 hours after it went off line.
    const input = known(every(4), absent(1, 24.5));
    expect(protectionOf(input, context(at(0, 24.6))).protection).toMatchObject({
      protection: 'protected',
      expectedBy: iso(at(0, 36.5)),
    });
  });

  test('is late if it was longer', () => {
    const input = known(every(4), absent(1, 25.5));
    expect(protectionOf(input, context(at(0, 25.6))).protection.protection).toBe('late');
  });
});
