import { describe, expect, test } from 'vitest';
import { ReceivedDiscovery } from '../../src/bridge/received-discovery';

/** The payload of a discovery message that requests these entity ids. */
function requesting(...ids: string[]): string {
  return JSON.stringify({ components: Object.fromEntries(ids.map((id) => [id, { default_entity_id: id }])) });
}

const isOwn = (topic: string): boolean => topic.startsWith('own/');

/** Those of `ids` that are reserved. */
function reservedOf(discovery: ReceivedDiscovery, ...ids: string[]): string[] {
  const reserved = discovery.reserved(isOwn);
  return ids.filter((id) => reserved.has(id));
}

describe('received discovery', () => {
  test('reserves the ids of all topics but the own ones', () => {
    const discovery = new ReceivedDiscovery();
    discovery.record('own/1', requesting('sensor.own', 'sensor.both'));
    discovery.record('other/1', requesting('sensor.other', 'sensor.both'));
    expect(reservedOf(discovery, 'sensor.own', 'sensor.other', 'sensor.both', 'sensor.none')).toEqual([
      'sensor.other',
      'sensor.both',
    ]);
  });

  test('follows messages that change, and topics that are cleared', () => {
    const discovery = new ReceivedDiscovery();
    discovery.record('other/1', requesting('sensor.a', 'sensor.b'));
    discovery.record('other/2', requesting('sensor.b'));
    expect(reservedOf(discovery, 'sensor.a', 'sensor.b', 'sensor.c')).toEqual(['sensor.a', 'sensor.b']);
    discovery.record('other/1', requesting('sensor.c'));
    expect(reservedOf(discovery, 'sensor.a', 'sensor.b', 'sensor.c')).toEqual(['sensor.b', 'sensor.c']);
    discovery.record('other/1', requesting('sensor.c'));
    discovery.record('other/2', '');
    discovery.record('other/3', '');
    expect(reservedOf(discovery, 'sensor.a', 'sensor.b', 'sensor.c')).toEqual(['sensor.c']);
    discovery.record('other/1', 'no JSON');
    expect(reservedOf(discovery, 'sensor.a', 'sensor.b', 'sensor.c')).toEqual([]);
  });
});
