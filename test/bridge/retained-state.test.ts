import { describe, expect, test } from 'vitest';
import { parsePersistedState, type PersistedState } from '../../src/bridge/persisted-state';
import type { DesiredState, DeviceDiscovery, ItemKind } from '../../src/bridge/desired-state';
import { RetainedState } from '../../src/bridge/retained-state';

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
const nasConfig = 'homeassistant/device/active_backup_x/config';
const task = (id: number): string => `homeassistant/device/active_backup_x_task_${id}/config`;
const stateTopic = (id: number): string => `active-backup/x/task/${id}/state`;

/** A retained state, with what it has published and saved, in order. */
function createState(published: Partial<PersistedState> = {}) {
  const log: string[] = [];
  let saved: PersistedState = { ...EMPTY, ...published };
  const retained = new Map<string, string>();
  const state = new RetainedState({
    published: saved,
    store: {
      save: (now) => {
        log.push('save');
        saved = now;
        return true;
      },
    },
    publisher: {
      isRetained: (topic) => retained.has(topic),
      isAccepted: (topic) => retained.has(topic),
      retain: (topic, payload) => {
        log.push(`retain ${topic}`);
        retained.set(topic, payload);
      },
      clear: (topic) => {
        log.push(`clear ${topic}`);
        retained.delete(topic);
      },
    },
  });
  return { state, log, retained, saved: () => saved };
}
const desired = (configs: Record<string, DeviceDiscovery>, documents: Record<string, string> = {}): DesiredState => ({
  documents: new Map(Object.entries(documents)),
  configs: new Map(
    Object.entries(configs).map(([topic, config]) => {
      const platforms = Object.entries(config.components).map(([key, { platform }]) => [key, platform]);
      return [topic, { payload: JSON.stringify(config), platforms: Object.fromEntries(platforms) }];
    }),
  ),
});

describe('the desired state', () => {
  test('is saved before it is published, the NAS first, discovery before state', () => {
    const { state, log } = createState();
    state.apply(desired({ [nasConfig]: sensor, [task(1)]: sensor }, { [stateTopic(1)]: '{}' }), ALL);
    expect(log).toEqual(['save', `retain ${nasConfig}`, `retain ${task(1)}`, `retain ${stateTopic(1)}`]);
  });

  test('is saved once if it is applied repeatedly', () => {
    const { state, log } = createState();
    for (let times = 0; times < 3; times += 1)
      state.apply(desired({ [nasConfig]: sensor }, { [stateTopic(1)]: '{}' }), ALL);
    expect(log.filter((entry) => entry === 'save')).toHaveLength(1);
  });
});

describe('a topic that is no longer desired', () => {
  test('is cleared, and no other topic', () => {
    const { state, log, saved } = createState();
    state.apply(
      desired(
        { [nasConfig]: sensor, [task(1)]: sensor, [task(2)]: sensor },
        { [stateTopic(1)]: '1', [stateTopic(2)]: '2' },
      ),
      ALL,
    );
    log.length = 0;
    state.apply(desired({ [nasConfig]: sensor, [task(2)]: sensor }, { [stateTopic(2)]: '2' }), ALL);
    expect(log.filter((entry) => entry.startsWith('clear'))).toEqual([`clear ${task(1)}`, `clear ${stateTopic(1)}`]);
    expect(Object.keys(saved().configs)).toEqual([nasConfig, task(2)]);
  });

  test('is cleared if it was published before a restart, also with other settings', () => {
    const old = 'old-base/x/task/9/state';
    const { state, log } = createState({
      documents: [old, 'old-base/x/state'],
      configs: { [task(9)]: { status: 'sensor' } },
    });
    state.apply(desired({ [nasConfig]: sensor }), ALL);
    expect(log.filter((entry) => entry.startsWith('clear')).sort()).toEqual(
      [`clear ${task(9)}`, `clear ${old}`, 'clear old-base/x/state'].sort(),
    );
  });

  test('is kept while the snapshot does not list its kind completely', () => {
    const storage = 'active-backup/x/storage/1/state';
    const { state, log } = createState({ documents: [storage, stateTopic(1)] });
    state.apply(desired({ [nasConfig]: sensor }), new Set<ItemKind>(['storage']));
    expect(log.filter((entry) => entry.startsWith('clear'))).toEqual([`clear ${storage}`]);
  });

  test('is cleared if it was found on the broker only', () => {
    const { state, log } = createState();
    state.adopt([stateTopic(7)], [[task(7), sensor]]);
    state.apply(desired({ [nasConfig]: sensor }), ALL);
    expect(log).toEqual(expect.arrayContaining([`clear ${task(7)}`, `clear ${stateTopic(7)}`]));
  });
});

test('removed components are published with their platform alone until the end of the removal', () => {
  const { state, retained } = createState();
  state.apply(desired({ [task(1)]: withButton }), ALL);
  const removal = { components: { status: { platform: 'sensor' }, start: { platform: 'button' } } };
  for (let times = 0; times < 2; times += 1) {
    expect(state.apply(desired({ [task(1)]: sensor }), ALL)).toBe(true);
    expect(JSON.parse(retained.get(task(1)) ?? '')).toEqual(removal);
  }
  state.endComponentRemoval();
  expect(state.apply(desired({ [task(1)]: sensor }), ALL)).toBe(false);
  expect(JSON.parse(retained.get(task(1)) ?? '')).toEqual(sensor);
});

test('a removed component that returns is published in full', () => {
  const { state, retained } = createState();
  state.apply(desired({ [task(1)]: withButton }), ALL);
  state.apply(desired({ [task(1)]: sensor }), ALL);
  const button = { platform: 'button', name: 'Back up now' };
  state.apply(desired({ [task(1)]: { components: { ...sensor.components, start: button } } }), ALL);
  expect(JSON.parse(retained.get(task(1)) ?? '')).toMatchObject({ components: { start: button } });
});

describe('a device that the user removed in Home Assistant', () => {
  test('is published again for another task with its number, once its task has been removed from the NAS', () => {
    const { state, retained, saved } = createState();
    state.apply(desired({ [nasConfig]: sensor, [task(3)]: sensor }), ALL);
    state.markRemovedByUser(task(3));
    state.apply(desired({ [nasConfig]: sensor, [task(3)]: sensor }), ALL);
    expect(retained.has(task(3))).toBe(false);
    // Neither an incomplete list nor disabled discovery means that the task has been removed.
    state.apply(desired({ [nasConfig]: sensor }), new Set<ItemKind>());
    state.apply(desired({}), ALL);
    expect(saved().removed).toEqual([task(3)]);
    state.apply(desired({ [nasConfig]: sensor }), ALL);
    expect(saved().removed).toEqual([]);
    state.apply(desired({ [nasConfig]: sensor, [task(3)]: sensor }), ALL);
    expect(retained.has(task(3))).toBe(true);
  });

  test('is published again for another task with its number, also if the change was not observed', () => {
    const configs = { [nasConfig]: sensor, [task(3)]: sensor };
    const first = createState();
    first.state.apply({ ...desired(configs), uuids: new Map([[task(3), 'one']]) }, ALL);
    first.state.markRemovedByUser(task(3));
    const same = createState(first.saved());
    same.state.apply(desired(configs), ALL); // without uuids
    same.state.apply({ ...desired(configs), uuids: new Map([[task(3), 'one']]) }, ALL);
    expect(same.retained.has(task(3))).toBe(false);
    const other = createState(same.saved());
    other.state.apply({ ...desired(configs), uuids: new Map([[task(3), 'other']]) }, ALL);
    expect(other.retained.has(task(3))).toBe(true);
    expect(other.saved().removed).toEqual([]);
  });

  test('is recognized by its uuid also if release 0.1 has stored the removal', () => {
    const configs = { [nasConfig]: sensor, [task(3)]: sensor };
    const first = createState({ removed: [task(3)] });
    first.state.apply({ ...desired(configs), uuids: new Map([[task(3), 'one']]) }, ALL);
    expect(first.retained.has(task(3))).toBe(false);
    const second = createState(first.saved());
    second.state.apply({ ...desired(configs), uuids: new Map([[task(3), 'other']]) }, ALL);
    expect(second.retained.has(task(3))).toBe(true);
  });

  test('is not published again, also after a restart, until the user requests it', () => {
    const first = createState();
    first.state.apply(desired({ [nasConfig]: sensor, [task(1)]: sensor }), ALL);
    expect(first.state.markRemovedByUser(task(1))).toBe(true);
    const second = createState(first.saved());
    second.state.apply(desired({ [nasConfig]: sensor, [task(1)]: sensor }), ALL);
    expect([...second.retained.keys()]).toEqual([nasConfig]);
    second.state.forgetUserRemovals();
    second.state.apply(desired({ [nasConfig]: sensor, [task(1)]: sensor }), ALL);
    expect([...second.retained.keys()]).toEqual([nasConfig, task(1)]);
  });

  test.each(['homeassistant/device/another/config', stateTopic(1), task(2)])(
    'is not assumed when %s is cleared',
    (topic) => {
      const { state } = createState();
      state.apply(desired({ [task(1)]: sensor }, { [stateTopic(1)]: '{}' }), ALL);
      expect(state.markRemovedByUser(topic)).toBe(false);
    },
  );
});

test('a purge clears all known topics', () => {
  const { state, retained, saved } = createState({ documents: ['old/x/state'] });
  state.apply(desired({ [nasConfig]: sensor }, { [stateTopic(1)]: '{}' }), new Set());
  state.purge();
  expect(retained.size).toBe(0);
  expect(saved()).toEqual(EMPTY);
});

describe('the state file', () => {
  test('is parsed as written', () => {
    const published = { ...EMPTY, configs: { [nasConfig]: { status: 'sensor' } }, removed: [task(1)] };
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
  ])('is rejected with the content %s', (text) => expect(parsePersistedState(text)).toBeNull());
});

test('a new description of the NAS is saved once', () => {
  const { state, saved, log } = createState();
  state.setNasDescription({ ...EMPTY.facts, dsmVersion: 'DSM 7.3' });
  state.setNasDescription({ ...EMPTY.facts, dsmVersion: 'DSM 7.3' });
  expect(saved().facts.dsmVersion).toBe('DSM 7.3');
  expect(log).toEqual(['save']);
});

test('disabled discovery is cleared at once, also of kinds that are not listed completely', () => {
  const platforms = { status: 'sensor' };
  const { state, log } = createState({
    configs: { [nasConfig]: platforms, [task(1)]: platforms },
    documents: [stateTopic(1)],
  });
  state.apply(desired({}), new Set());
  expect(log.filter((line) => line.startsWith('clear')).sort()).toEqual(
    [`clear ${nasConfig}`, `clear ${task(1)}`].sort(),
  );
});
