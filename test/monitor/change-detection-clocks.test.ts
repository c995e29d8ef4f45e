import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/dsm/json';
import { comparison, row, withLast, TASK, NOW, HOUR, DAY, type RawPoll } from './support/compare-polls';

describe('clocks', () => {
  test.each([
    ['five days behind', -5 * DAY],
    ['an hour ahead', HOUR],
    ['five days ahead', 5 * DAY],
  ])('a NAS whose clock is %s: each finished backup once', (_name, skew) => {
    const { poll } = comparison();
    const log = [row(1, NOW + skew - HOUR)];
    poll({ at: NOW, tasks: [withLast(1, NOW + skew - HOUR)], log });
    for (let id = 2; id < 12; id++) {
      const end = NOW + id * 6 * HOUR;
      log.push(row(id, end + skew));
      const next = { at: end + 30, tasks: [withLast(id, end + skew)], log };
      expect(poll(next)).toEqual([`backup_succeeded ${id}`]);
      expect(poll({ ...next, at: end + 60 })).toEqual([]);
    }
  });

  test.each([
    ['years behind, as on a small computer without a battery', -1000 * DAY],
    ['a day behind', -DAY - HOUR],
    ['years ahead', 1000 * DAY],
  ])('a Node-RED whose clock is %s for a while: each finished backup once', (_name, wrong) => {
    const { poll, restart } = comparison();
    const log = [row(1, NOW - 6 * DAY), row(2, NOW - HOUR)];
    const tasks = [
      withLast(2, NOW - HOUR),
      { ...TASK, task_id: 2, unikey: 'u2', task_name: 'VM', last_result: row(1, NOW - 6 * DAY, { task_id: 2 }) },
    ];
    poll({ at: NOW, tasks, log });
    restart();
    const seen = [NOW + HOUR + wrong, NOW + 2 * HOUR + wrong, NOW + 3 * HOUR, NOW + 4 * HOUR, NOW + 2 * DAY].flatMap(
      (at, index) => {
        log.push(row(3 + index, NOW + (index + 1) * HOUR - 60));
        return poll({ at, tasks, log }).filter((event) => event.startsWith('backup_'));
      },
    );
    expect(seen.map((event) => event.replace(' late', ''))).toEqual(
      [3, 4, 5, 6, 7].map((id) => `backup_succeeded ${id}`),
    );
  });

  test('a clock that goes back an hour repeats nothing and loses nothing', () => {
    const { poll } = comparison();
    poll({ at: NOW, log: [row(1, NOW - HOUR)] });
    expect(poll({ at: NOW + 60, log: [row(1, NOW - HOUR), row(2, NOW + 50)] })).toEqual(['backup_succeeded 2']);
    const log = [row(1, NOW - HOUR), row(2, NOW + 50), row(3, NOW - HOUR + 100)];
    expect(poll({ at: NOW - HOUR + 120, log })).toEqual(['backup_succeeded 3']);
    expect(poll({ at: NOW - HOUR + 180, log })).toEqual([]);
  });
});

describe('a wrong clock', () => {
  const YEAR = 365 * DAY;
  const daily = {
    sched_content: { schedule_setting_type: 1, repeat_type: 'Daily', run_hour: 22, run_min: 0 },
  };
  const at = (days: number, last: JsonObject): RawPoll => {
    const now = NOW + days * DAY;
    return { at: now, tasks: [{ ...TASK, ...daily, next_trigger_time: now + 10 * HOUR, last_result: last }] };
  };

  test('of the NAS, a year ahead for one night: the failure of the next is reported, and its success hides nothing', () => {
    const { poll, stored } = comparison();
    poll(at(0, row(1, NOW - HOUR)));
    expect(poll(at(1, row(2, NOW + YEAR + DAY - HOUR)))).toEqual(['backup_succeeded 2']);
    const reported = [2, 3, 4, 30, 300].flatMap((days) => poll(at(days, row(3, NOW + 2 * DAY - HOUR, { status: 4 }))));
    expect([...reported, stored()!.tasks['1']!.overdue]).toEqual(['backup_failed 3', 'backup_overdue PC', true]);
    expect(stored()!.tasks['1']!.recent[0]).toMatchObject({ id: 3, status: 'failed' });
    expect(poll(at(301, row(4, NOW + 301 * DAY - HOUR)))).toEqual(['backup_succeeded 4', 'backup_recovered PC']);
    expect(stored()!.tasks['1']!.lastSuccessAt).toBe(new Date((NOW + 301 * DAY - HOUR) * 1000).toISOString());
  });

  test.each([2, 30, 17 * 365])(
    'of the NAS, set back by %i days: a failure in the repeated time is reported once',
    (days) => {
      const { poll, restart } = comparison();
      for (let day = 0; day <= 6; day += 1) poll(at(day, row(1 + day, NOW + day * DAY - HOUR)));
      const failure = row(9, NOW + (6 - days) * DAY - HOUR, { status: 4 });
      expect(poll(at(6.5, failure))).toEqual(['backup_failed 9']);
      restart();
      expect(poll(at(6.6, failure)).filter((event) => event.startsWith('backup_f'))).toEqual([]);
    },
  );

  test('of Node-RED, set back by a year: no false event, failures are reported, and overdue is right again with the clock', () => {
    const { poll, stored } = comparison();
    poll(at(0, row(1, NOW - HOUR)));
    expect(poll(at(-365, row(1, NOW - HOUR)))).toEqual([]);
    expect(poll(at(-364.9, row(2, NOW + DAY, { status: 4 })))).toEqual(['backup_failed 2']);
    poll(at(1.1, row(3, NOW + 1.1 * DAY - 60)));
    expect(stored()!.tasks['1']).toMatchObject({ failing: false, overdue: false });
  });
});
