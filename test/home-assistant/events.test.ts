import { expect, test } from 'vitest';
import { attributesOf, MAX_DEVICES } from '../../src/home-assistant/state-documents';
import { eventMessages } from '../../src/home-assistant/events';
import { EVENTS, type NasEvent } from '../../src/monitor/events';
import { deviceWith, failureWith, OPTIONS, protectionWith, storageWith, taskWith } from './examples';

const ROOT = 'active-backup/1930pdn000000';
const AT = '2026-02-28T02:22:41.000Z';
const { task } = taskWith();
const result = {
  ...failureWith(),
  taskId: 3,
  taskName: 'Büro-PCs',
  action: 'backup' as const,
  actionCode: 1,
  devices: null,
};

test.each(EVENTS.map((event) => ({ event })))('$event is published to its topics', ({ event }) => {
  const topics = eventMessages({ event, at: AT, task, late: false }, OPTIONS).map(({ topic }) => topic);
  if (event === 'backup_progress') expect(topics).toEqual([]);
  else if (/^(?:backup_(?!unusual)|verification_|restore_)/.test(event))
    expect(topics).toEqual([`${ROOT}/event`, `${ROOT}/task/3/event`]);
  else expect(topics).toEqual([`${ROOT}/event`]);
});

test('a failed backup is published with all its fields', () => {
  const [message] = eventMessages({ event: 'backup_failed', at: AT, task, result, late: true }, OPTIONS);
  expect(JSON.parse(message!.payload)).toEqual({
    event_type: 'backup_failed',
    at: AT,
    late: true,
    nas: '1930pdn000000',
    task_id: 3,
    task_name: 'Büro-PCs',
    result_id: 502,
    status: 'failed',
    started_at: '2026-02-28T02:00:03.000Z',
    ended_at: AT,
    duration: 1358,
    transferred: 7_340_032_000,
    success_count: 0,
    warning_count: 0,
    error_count: 1,
    reason: 'The source is not accessible',
    failed_devices: null,
    device_id: null,
    device_name: null,
    storage_id: null,
    storage_name: null,
    storage_free: null,
    storage_full_at: null,
    outage: null,
  });
});

const outcome = { ...protectionWith().lastResult!, name: 'PC-16' };

test.each([
  { event: { event: 'backup_failed', result }, expected: { task_id: 3, task_name: 'Büro-PCs' } },
  {
    event: {
      event: 'backup_failed',
      result: { ...result, devices: [outcome, { ...outcome, name: 'PC-17', status: 'failed' }] },
    },
    expected: { failed_devices: ['PC-17'] },
  },
  {
    event: { event: 'device_offline', device: deviceWith() },
    expected: { device_id: 11, device_name: 'RECEPTION-01' },
  },
  {
    event: { event: 'storage_low', storage: storageWith() },
    expected: { storage_id: 1, storage_name: 'ActiveBackupforBusiness', storage_free: 3e12 },
  },
  { event: { event: 'nas_online', outageSeconds: 61.4 }, expected: { outage: 61 } },
  {
    event: { event: 'nas_offline', error: { code: 'EUNREACHABLE', message: 'nas.lan:5001 does not answer' } },
    expected: { reason: 'nas.lan:5001 does not answer' },
  },
] satisfies { event: Partial<NasEvent> & Pick<NasEvent, 'event'>; expected: object }[])(
  '$event.event has $expected',
  ({ event, expected }) => {
    const [message] = eventMessages({ at: AT, late: false, ...event }, OPTIONS);
    expect(JSON.parse(message!.payload)).toMatchObject(expected);
  },
);

test('a result without an end has no end time', () => {
  const [message] = eventMessages({ event: 'backup_failed', at: '', result, late: false }, OPTIONS);
  expect(JSON.parse(message!.payload)).toMatchObject({ at: null });
});

test('an event of a task without an id is published to the topic of the NAS alone', () => {
  const nameless = { ...task, id: null };
  const messages = eventMessages({ event: 'backup_started', at: AT, task: nameless, late: false }, OPTIONS);
  expect(messages.map(({ topic }) => topic)).toEqual([`${ROOT}/event`]);
});

test('attributes contain the last results, the devices and the whole reason', () => {
  const reason = `The source is not accessible${'.'.repeat(300)}`;
  const failing = taskWith({}, { failing: true, recent: [failureWith({ reason })] });
  expect(JSON.parse(attributesOf(failing))).toMatchObject({
    task_id: 3,
    schedule: 'daily 03:00',
    retention: 'the latest 7 versions',
    error: reason,
    result_code: 4,
    results: [{ result_id: 502, status: 'failed', duration: 1358 }],
    devices: [{ name: 'RECEPTION-01', online: true }],
    device_count: 1,
  });
});

test('attributes contain the names of the devices that failed', () => {
  const failed = Array.from({ length: 30 }, (_, id) => `PC-${id}`);
  expect(JSON.parse(attributesOf(taskWith({ devicesFailed: failed })))).toMatchObject({
    failed_devices: failed.slice(0, 20),
  });
  expect(JSON.parse(attributesOf(taskWith({ devicesFailed: null })))).toMatchObject({ failed_devices: null });
});

test('attributes contain some of many devices, and the number of all', () => {
  const devices = Array.from({ length: 300 }, (_, id) => deviceWith({ id, name: `PC-${id}` }));
  const attributes = JSON.parse(attributesOf(taskWith({ devices }))) as Record<string, unknown>;
  expect(attributes['devices']).toHaveLength(MAX_DEVICES);
  expect(attributes['device_count']).toBe(300);
});

test('attributes with the longest names omit devices to stay small', () => {
  const long = '語'.repeat(300);
  const devices = Array.from({ length: 20 }, (_, id) => ({ ...deviceWith({ id }), name: long }));
  const recent = Array.from({ length: 5 }, () => failureWith({ reason: '語'.repeat(2000) }));
  const { schedule, retention } = task;
  const texts = {
    name: long,
    shareName: long,
    schedule: { ...schedule, text: long },
    retention: { ...retention, text: long },
  };
  const devicesFailed = devices.map(({ name }) => name);
  const payload = attributesOf(taskWith({ ...texts, devices, devicesFailed }, { recent }));
  expect(Buffer.byteLength(payload)).toBeLessThan(8192);
  expect(JSON.parse(payload)).toMatchObject({ device_count: 20, devices: [] });
});
