import { expect, test } from 'vitest';
import { isOwnTopic, parseOwnDiscovery, buildDiscovery } from '../../src/home-assistant/discovery';
import { NAS, OPTIONS, snapshotWith } from './examples';

const [{ topic, payload }] = buildDiscovery(snapshotWith(), NAS, OPTIONS) as [
  ReturnType<typeof buildDiscovery>[number],
];

test('an own discovery message is recognized, with its components', () => {
  const [own] = parseOwnDiscovery(topic, JSON.stringify(payload), OPTIONS);
  expect(own![0]).toBe(topic);
  expect(own![1].components).toMatchObject({ problem: { platform: 'binary_sensor' }, event: { platform: 'event' } });
  expect(own![1].components['problem']).toEqual({ platform: 'binary_sensor' });
});

test.each([
  { what: 'of another topic', at: 'homeassistant/device/other/config', payload },
  { what: 'of another package', at: topic, payload: { ...payload, origin: { name: 'other' } } },
  {
    what: 'of another base topic',
    at: topic,
    payload: { ...payload, availability: [{ topic: 'other/1930pdn000000/bridge' }] },
  },
  {
    what: 'without availability',
    at: topic,
    payload: { ...payload, availability: 'active-backup/1930pdn000000/bridge' },
  },
  { what: 'that is a list', at: topic, payload: [payload] },
  { what: 'that is null', at: topic, payload: null },
])('a discovery message $what is not recognized', ({ at, payload: found }) => {
  expect(parseOwnDiscovery(at, JSON.stringify(found), OPTIONS)).toEqual([]);
});

test.each(['', 'offline', '{'])('the payload %j is not recognized', (found) => {
  expect(parseOwnDiscovery(topic, found, OPTIONS)).toEqual([]);
});

test('invalid components are omitted', () => {
  const odd = { ...payload, components: { one: { platform: 'sensor' }, two: null, three: {} } };
  expect(parseOwnDiscovery(topic, JSON.stringify(odd), OPTIONS)[0]?.[1]).toEqual({
    components: { one: { platform: 'sensor' } },
  });
});

test.each([
  { objectId: 'active_backup_1930pdn000000', own: true },
  { objectId: 'active_backup_1930pdn000000_task_3', own: true },
  { objectId: 'active_backup_1930pdn000000_storage_12', own: true },
  { objectId: 'active_backup_1930pdn000000_device_0', own: true },
  { objectId: 'active_backup_1930pdn000000_task_', own: false },
  { objectId: 'active_backup_1930pdn000000_task_3_more', own: false },
  { objectId: 'active_backup_1930pdn000000_share_3', own: false },
  { objectId: 'active_backup_1930pdn0000001', own: false },
  { objectId: 'active_backup_1930pdn00000', own: false },
])('the topic of $objectId belongs to this NAS: $own', ({ objectId, own }) => {
  expect(isOwnTopic(`homeassistant/device/${objectId}/config`, OPTIONS)).toBe(own);
  expect(isOwnTopic(`other/device/${objectId}/config`, OPTIONS)).toBe(false);
});
