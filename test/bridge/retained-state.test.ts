import { describe, expect, test } from 'vitest';
import { parsePersistedState, type PersistedState } from '../../src/bridge/persisted-state';
import { RetainedState, type DeviceDiscovery, type ItemKind } from '../../src/bridge/retained-state';

const EMPTY: PersistedState = {
  version: 1,
  address: 'https://nas.lan/',
  chosen: '',
  nasId: 'x',
  facts: {
    name: 'NAS',
    model: null,
    dsmVersion: null,
    activeBackupVersion: null,
    serialNumber: null,
    url: 'https://nas.lan/',
  },
  documents: [],
  configs: {},
  removed: [],
};
const ALL = new Set<ItemKind>(['task', 'storage', 'device']);
const sensor: DeviceDiscovery = { components: { status: { platform: 'sensor' } } };
const withButton: DeviceDiscovery = { components: { ...sensor.components, start: { platform: 'button' } } };
const hub = 'homeassistant/device/active_backup_x/config';
const task = (id: number): string => `homeassistant/device/active_backup_x_task_${id}/config`;
const state = (id: number): string => `active-backup/x/task/${id}/state`;

/** A shelf with what it told the broker to hold, and what it noted on disk, in order. */
function shelf(published: Partial<PersistedState> = {}) {
  const log: string[] = [];
  let saved: PersistedState = { ...EMPTY, ...published };
  const held = new Map<string, string>();
  const made = new RetainedState({
    published: saved,
    save: (now) => {
      log.push('save');
      saved = now;
    },
    publisher: {
      retain: (topic, payload) => {
        log.push(`retain ${topic}`);
        held.set(topic, payload);
      },
      clear: (topic) => {
        log.push(`clear ${topic}`);
        held.delete(topic);
      },
    },
  });
  return { shelf: made, log, held, saved: () => saved };
}
const wanted = (configs: Record<string, DeviceDiscovery>, documents: Record<string, string> = {}) => ({
  documents: new Map(Object.entries(documents)),
  configs: new Map(Object.entries(configs)),
});

describe('what is wanted', () => {
  test('is noted on disk before it is published, the hub first, discovery before documents', () => {
    const { shelf: made, log } = shelf();
    made.apply(wanted({ [hub]: sensor, [task(1)]: sensor }, { [state(1)]: '{}' }), ALL);
    expect(log).toEqual(['save', `retain ${hub}`, `retain ${task(1)}`, `retain ${state(1)}`]);
  });

  test('is noted once, however often it is shown', () => {
    const { shelf: made, log } = shelf();
    for (let times = 0; times < 3; times += 1) made.apply(wanted({ [hub]: sensor }, { [state(1)]: '{}' }), ALL);
    expect(log.filter((entry) => entry === 'save')).toHaveLength(1);
  });
});

describe('what is wanted no more', () => {
  test('is cleared, and nothing else', () => {
    const { shelf: made, log, saved } = shelf();
    made.apply(
      wanted({ [hub]: sensor, [task(1)]: sensor, [task(2)]: sensor }, { [state(1)]: '1', [state(2)]: '2' }),
      ALL,
    );
    log.length = 0;
    made.apply(wanted({ [hub]: sensor, [task(2)]: sensor }, { [state(2)]: '2' }), ALL);
    expect(log.filter((entry) => entry.startsWith('clear'))).toEqual([`clear ${task(1)}`, `clear ${state(1)}`]);
    expect(Object.keys(saved().configs)).toEqual([hub, task(2)]);
  });

  test('is cleared also when an earlier life of Node-RED published it, under other settings too', () => {
    const old = 'old-base/x/task/9/state';
    const { shelf: made, log } = shelf({
      documents: [old, 'old-base/x/state'],
      configs: { [task(9)]: { status: 'sensor' } },
    });
    made.apply(wanted({ [hub]: sensor }), ALL);
    expect(log.filter((entry) => entry.startsWith('clear')).sort()).toEqual(
      [`clear ${task(9)}`, `clear ${old}`, 'clear old-base/x/state'].sort(),
    );
  });

  test('is kept while nobody knows whether it is gone', () => {
    const storage = 'active-backup/x/storage/1/state';
    const { shelf: made, log } = shelf({ documents: [storage, state(1)] });
    made.apply(wanted({ [hub]: sensor }), new Set<ItemKind>(['storage']));
    expect(log.filter((entry) => entry.startsWith('clear'))).toEqual([`clear ${storage}`]);
  });

  test('is cleared when it was only found on the broker', () => {
    const { shelf: made, log } = shelf();
    made.adopt([state(7)], [[task(7), sensor]]);
    made.apply(wanted({ [hub]: sensor }), ALL);
    expect(log).toEqual(expect.arrayContaining([`clear ${task(7)}`, `clear ${state(7)}`]));
  });
});

test('components that went are announced by their platform alone until Home Assistant has had its time', () => {
  const { shelf: made, held } = shelf();
  made.apply(wanted({ [task(1)]: withButton }), ALL);
  const farewell = { components: { status: { platform: 'sensor' }, start: { platform: 'button' } } };
  for (let times = 0; times < 2; times += 1) {
    expect(made.apply(wanted({ [task(1)]: sensor }), ALL)).toBe(true);
    expect(JSON.parse(held.get(task(1)) ?? '')).toEqual(farewell);
  }
  made.endComponentRemoval();
  expect(made.apply(wanted({ [task(1)]: sensor }), ALL)).toBe(false);
  expect(JSON.parse(held.get(task(1)) ?? '')).toEqual(sensor);
});

test('a component that comes back in between is announced in full', () => {
  const { shelf: made, held } = shelf();
  made.apply(wanted({ [task(1)]: withButton }), ALL);
  made.apply(wanted({ [task(1)]: sensor }), ALL);
  const button = { platform: 'button', name: 'Back up now' };
  made.apply(wanted({ [task(1)]: { components: { ...sensor.components, start: button } } }), ALL);
  expect(JSON.parse(held.get(task(1)) ?? '')).toMatchObject({ components: { start: button } });
});

describe('a device that a person removed in Home Assistant', () => {
  test('is forgotten once its task has gone from the NAS: another task with its number is announced', () => {
    const { shelf: made, held, saved } = shelf();
    made.apply(wanted({ [hub]: sensor, [task(3)]: sensor }), ALL);
    made.markRemovedByUser(task(3));
    made.apply(wanted({ [hub]: sensor, [task(3)]: sensor }), ALL);
    expect(held.has(task(3))).toBe(false);
    // Not gone for sure, and nothing announced at all: neither says that there is no such task.
    made.apply(wanted({ [hub]: sensor }), new Set<ItemKind>());
    made.apply(wanted({}), ALL);
    expect(saved().removed).toEqual([task(3)]);
    made.apply(wanted({ [hub]: sensor }), ALL);
    expect(saved().removed).toEqual([]);
    made.apply(wanted({ [hub]: sensor, [task(3)]: sensor }), ALL);
    expect(held.has(task(3))).toBe(true);
  });

  test('is forgotten when another task has got its number while nobody looked', () => {
    const configs = { [hub]: sensor, [task(3)]: sensor };
    const first = shelf();
    first.shelf.apply({ ...wanted(configs), uuids: new Map([[task(3), 'one']]) }, ALL);
    first.shelf.markRemovedByUser(task(3));
    const same = shelf(first.saved());
    same.shelf.apply(wanted(configs), ALL); // it does not say which it is
    same.shelf.apply({ ...wanted(configs), uuids: new Map([[task(3), 'one']]) }, ALL);
    expect(same.held.has(task(3))).toBe(false);
    const other = shelf(same.saved());
    other.shelf.apply({ ...wanted(configs), uuids: new Map([[task(3), 'other']]) }, ALL);
    expect(other.held.has(task(3))).toBe(true);
    expect(other.saved().removed).toEqual([]);
  });

  test('which a release of before has noted is known from then on', () => {
    const configs = { [hub]: sensor, [task(3)]: sensor };
    const first = shelf({ removed: [task(3)] });
    first.shelf.apply({ ...wanted(configs), uuids: new Map([[task(3), 'one']]) }, ALL);
    expect(first.held.has(task(3))).toBe(false);
    const second = shelf(first.saved());
    second.shelf.apply({ ...wanted(configs), uuids: new Map([[task(3), 'other']]) }, ALL);
    expect(second.held.has(task(3))).toBe(true);
  });

  test('is not put up again, nor after a restart, until somebody asks for it', () => {
    const first = shelf();
    first.shelf.apply(wanted({ [hub]: sensor, [task(1)]: sensor }), ALL);
    expect(first.shelf.markRemovedByUser(task(1))).toBe(true);
    const second = shelf(first.saved());
    second.shelf.apply(wanted({ [hub]: sensor, [task(1)]: sensor }), ALL);
    expect([...second.held.keys()]).toEqual([hub]);
    second.shelf.forgetUserRemovals();
    second.shelf.apply(wanted({ [hub]: sensor, [task(1)]: sensor }), ALL);
    expect([...second.held.keys()]).toEqual([hub, task(1)]);
  });

  test.each(['homeassistant/device/another/config', state(1), task(2)])('is none when %s was emptied', (topic) => {
    const { shelf: made } = shelf();
    made.apply(wanted({ [task(1)]: sensor }, { [state(1)]: '{}' }), ALL);
    expect(made.markRemovedByUser(topic)).toBe(false);
  });
});

test('a purge clears everything it knows of', () => {
  const { shelf: made, held, saved } = shelf({ documents: ['old/x/state'] });
  made.apply(wanted({ [hub]: sensor }, { [state(1)]: '{}' }), new Set());
  made.purge();
  expect(held.size).toBe(0);
  expect(saved()).toEqual(EMPTY);
});

describe('the file of what was published', () => {
  test('is read as it was written', () => {
    const published = { ...EMPTY, configs: { [hub]: { status: 'sensor' } }, removed: [task(1)] };
    expect(parsePersistedState(JSON.stringify(published))).toEqual(published);
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{"version":2}',
    JSON.stringify({ ...EMPTY, documents: [1] }),
    JSON.stringify({ ...EMPTY, configs: { a: 1 } }),
  ])('is none when it holds %s', (text) => expect(parsePersistedState(text)).toBeNull());
});

test('what the NAS is now is noted, for the next life', () => {
  const { shelf: made, saved, log } = shelf();
  made.setNasDescription({ ...EMPTY.facts, dsmVersion: 'DSM 7.3' });
  made.setNasDescription({ ...EMPTY.facts, dsmVersion: 'DSM 7.3' });
  expect(saved().facts.dsmVersion).toBe('DSM 7.3');
  expect(log).toEqual(['save']);
});

test('discovery that was switched off goes at once, also that of things of which nothing is known', () => {
  const platforms = { status: 'sensor' };
  const { shelf: made, log } = shelf({ configs: { [hub]: platforms, [task(1)]: platforms }, documents: [state(1)] });
  made.apply(wanted({}), new Set());
  expect(log.filter((line) => line.startsWith('clear')).sort()).toEqual([`clear ${hub}`, `clear ${task(1)}`].sort());
});
