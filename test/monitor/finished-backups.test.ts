import { expect, test } from 'vitest';
import { markReported } from '../../src/monitor/finished-backups';
import { rawResult } from './support/builders';

const NOW = Date.parse('2026-03-10T12:00:00Z') / 1000;
const HOUR = 3600;
const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** From when on the log is read after a poll that lists these results. */
function readFrom(...results: Parameters<typeof rawResult>[0][]): string {
  const before = { ends: {}, endsSince: iso(NOW - 240 * HOUR) };
  return markReported(before, [], { at: new Date(NOW * 1000), results: results.map(rawResult), tasks: [] }).endsSince;
}

const ended = { result_id: 9, task_id: 2, status: 2, time_start: NOW - 2 * HOUR, time_end: NOW - HOUR };
const running = (hours: number) => ({
  ...{ result_id: 8, task_id: 1, status: 1, time_start: NOW - hours * HOUR, time_end: 0 },
});

test('without a run, the log is read from a day before the last end', () => {
  expect(readFrom(ended)).toBe(iso(NOW - 25 * HOUR));
});

// Found by the soak test: begun while Node-RED was not running, it was first seen when the log from its start on was no longer read.
test('the log is read from a day before the start of a run, also of one that began before it was first seen', () => {
  expect(readFrom(ended, running(30))).toBe(iso(NOW - 54 * HOUR));
});

test('the log is not read from further back than a day before the longest run', () => {
  expect(readFrom(ended, running(500))).toBe(iso(NOW - HOUR - 96 * HOUR));
});
