import { expect, test } from 'vitest';
import { SendRate } from '../../src/mqtt/send-rate';
import { TopicGroups } from '../../src/mqtt/topic-groups';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

test('any number of messages is sent until the broker drops some; then 50 a second for a day', () => {
  let now = 0;
  const rate = new SendRate(() => now);
  for (let i = 0; i < 1000; i += 1) rate.sent();
  expect(rate.waitMs).toBe(0);
  rate.reduce();
  for (let i = 0; i < 100; i += 1) rate.sent();
  expect([rate.perSecond, rate.waitMs]).toEqual([50, 2 * SECOND]);
  now += 25 * HOUR;
  expect([rate.perSecond, rate.waitMs]).toEqual([Infinity, 0]);
});

test('each further sign of a limit halves the rate, down to 5 a second; signs of the same second are one', () => {
  let now = 0;
  const rate = new SendRate(() => now);
  const rates = Array.from({ length: 6 }, () => {
    now += 2 * SECOND;
    rate.reduce();
    rate.reduce();
    return rate.perSecond;
  });
  expect(rates).toEqual([50, 25, 12, 6, 5, 5]);
  rate.reset();
  expect(rate.perSecond).toBe(Infinity);
});

test('a pause delays the next message, and no later one', () => {
  let now = 0;
  const rate = new SendRate(() => now);
  rate.pause(SECOND);
  expect(rate.waitMs).toBe(SECOND);
  now += SECOND;
  expect(rate.waitMs).toBe(0);
});

test('three refused topics of the same first level and length exclude all such topics for a while', () => {
  let now = 0;
  const groups = new TopicGroups(() => now, HOUR);
  const discovery = (id: number): string => `homeassistant/device/nas_task_${id}/config`;
  expect([1, 1, 2, 3].map((id) => groups.refused(discovery(id)))).toEqual([false, false, false, true]);
  expect(groups.isExcluded(discovery(99))).toBe(true);
  expect(groups.isExcluded('homeassistant/status')).toBe(false);
  expect(groups.isExcluded('active-backup/nas/task/state')).toBe(false);
  now += HOUR;
  expect(groups.isExcluded(discovery(99))).toBe(false);
});

test('a group of which the broker has accepted a topic is never excluded', () => {
  const groups = new TopicGroups(() => 0, HOUR);
  groups.accepted('a/1');
  expect(['a/2', 'a/3', 'a/4', 'a/5'].map((topic) => groups.refused(topic))).toEqual([false, false, false, false]);
  expect(groups.isExcluded('a/9')).toBe(false);
});
