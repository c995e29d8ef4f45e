import { describe, expect, test } from 'vitest';
import { parseDevice } from '../../src/active-backup/model/task';
import type { DeviceResult } from '../../src/active-backup/types';
import { protectionEvents, type ReportedProtections } from '../../src/monitor/protection-events';
import type { DeviceProtection } from '../../src/monitor/protection-types';

const NOW = new Date('2026-03-10T12:00:00Z');
const PAST = '2026-03-10T06:00:00.000Z';
const FUTURE = '2026-03-10T18:00:00.000Z';

function success(resultId: number): DeviceResult {
  return {
    ...{ resultId, taskId: 1, status: 'success', statusCode: 2, startedAt: PAST, endedAt: PAST },
    ...{ durationSeconds: 60, transferredBytes: 1, reason: null },
  };
}

function device(id: number, fields: Partial<DeviceProtection> = {}): DeviceProtection {
  return {
    device: parseDevice({ device_id: id, host_name: `PC-${id}` }),
    ...{ taskIds: [1], protection: 'protected', online: true, lastResult: success(1), lastSuccessAt: PAST },
    ...{ unusual: null, failuresInRow: 0, expectedBy: FUTURE, habit: null, days: [] },
    ...fields,
  };
}

const late = (id: number, fields: Partial<DeviceProtection> = {}): DeviceProtection =>
  device(id, { protection: 'late', expectedBy: PAST, ...fields });
/** Reported of a device of which there is nothing to report. */
const OK = { late: false, unusual: null };
const UNUSUAL = { kind: 'larger', factor: 7, value: 7, usual: 1 } as const;

/** The events of judgements one after the other, as `device_overdue PC-1`. */
function eventsOf(...judgements: (DeviceProtection[] | null)[]): string[][] {
  let known: ReportedProtections | null = null;
  return judgements.map((protections) => {
    const { events, after } = protectionEvents(known, protections, NOW);
    known = after;
    return events.map(({ event, device: about }) => `${event} ${about?.name}`);
  });
}

describe('a judgement that is repeated', () => {
  const judged = [device(1), device(2, { protection: 'failing', expectedBy: FUTURE })];
  const { after, settled } = protectionEvents({ '1': OK, '2': OK }, judged, NOW);

  test('is not looked at again before a device is due', () => {
    const again = protectionEvents(after, judged, new Date(Date.parse(FUTURE) - 1), settled);
    expect(again).toEqual({ events: [], after, settled });
    expect(again.settled).toBe(settled);
  });

  test.each([
    ['once a device is due', judged, new Date(FUTURE), ['device_overdue PC-1', 'device_overdue PC-2']],
    ['when it is another one', [late(1), judged[1]!], NOW, ['device_overdue PC-1']],
  ])('is looked at %s', (_, protections, at, expected) => {
    const { events } = protectionEvents(after, protections, at, settled);
    expect(events.map(({ event, device: about }) => `${event} ${about?.name}`)).toEqual(expected);
  });

  test('is looked at when something else was reported before, or the clock was set back', () => {
    const others = { '1': { late: true, unusual: null }, '2': OK };
    expect(protectionEvents(others, judged, NOW, settled).events).toMatchObject([{ event: 'device_recovered' }]);
    expect(protectionEvents(after, judged, new Date(NOW.getTime() - 1), settled).settled).not.toBe(settled);
  });
});

describe('a late device', () => {
  test('is reported once, and its recovery once', () => {
    expect(eventsOf([device(1)], [late(1)], [late(1)], [device(1)], [device(1)])).toEqual([
      [],
      ['device_overdue PC-1'],
      [],
      ['device_recovered PC-1'],
      [],
    ]);
  });

  test('is not reported by the first judgement of a NAS', () => {
    expect(eventsOf([late(1)], [late(1)], [device(1)])).toEqual([[], [], ['device_recovered PC-1']]);
  });

  test('that becomes unknown, or is not judged, has neither recovered nor is it reported again', () => {
    const unknown = late(1, { protection: 'unknown', expectedBy: null });
    expect(eventsOf([device(1)], [late(1)], [unknown, device(2)], null, [unknown], [late(1)])).toEqual([
      [],
      ['device_overdue PC-1'],
      [],
      [],
      [],
      [],
    ]);
  });

  test('stays late while its backups fail', () => {
    const failing = late(1, { protection: 'failing' });
    expect(eventsOf([device(1)], [late(1)], [failing], [device(1)])).toEqual([
      [],
      ['device_overdue PC-1'],
      [],
      ['device_recovered PC-1'],
    ]);
  });

  test('does not recover by a failure after which nothing is known of its habit', () => {
    const failing = device(1, { protection: 'failing', expectedBy: null });
    expect(eventsOf([device(1)], [late(1)], [failing], [late(1)])).toEqual([[], ['device_overdue PC-1'], [], []]);
  });

  test('does not concern the others', () => {
    expect(eventsOf([device(1), device(2)], [device(1), late(2)])).toEqual([[], ['device_overdue PC-2']]);
  });
});

describe('an unusual backup', () => {
  test('is reported once for its result', () => {
    const unusual = (resultId: number): DeviceProtection =>
      device(1, { lastResult: success(resultId), unusual: UNUSUAL });
    expect(
      eventsOf([device(1)], [unusual(2)], [unusual(2)], [device(1, { lastResult: success(3) })], [unusual(4)]),
    ).toEqual([[], ['backup_unusual PC-1'], [], [], ['backup_unusual PC-1']]);
  });

  test('of before the first judgement of its device is not reported', () => {
    const unusual = device(1, { lastResult: success(2), unusual: UNUSUAL });
    expect(eventsOf([unusual], [unusual])).toEqual([[], []]);
    expect(eventsOf([device(2)], [device(2), unusual], [unusual])).toEqual([[], [], []]);
  });
});

test('without a change, what is stored is the very same object', () => {
  const { after } = protectionEvents(null, [device(1), late(2)], NOW);
  expect(protectionEvents(after, [device(1), late(2)], NOW).after).toBe(after);
});
