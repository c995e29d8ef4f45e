import { describe, expect, test } from 'vitest';
import { announcedIdBase, buildDiscovery, entityIdsIn, type Discovery } from '../../src/home-assistant/discovery';
import {
  entityIdsOf,
  idBases,
  NO_IDS,
  UsedBases,
  type IdBases,
  type KnownIds,
} from '../../src/home-assistant/entity-ids';
import { buildHaDevices, kindOfObjectId } from '../../src/home-assistant/device-info';
import type { BridgeOptions, NasDescription } from '../../src/home-assistant/types';
import { fitDeviceName, slugOf } from '../../src/home-assistant/text';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { NAS, OPTIONS, snapshotWith, storageWith, taskWith } from './examples';
import { createRandom } from '../nas/random';
import { randomNas, randomOptions, randomSnapshot } from './snapshots';

const NAS_ID = 'active_backup_1930pdn000000';
const OTHER: BridgeOptions = { ...OPTIONS, nasId: 'b2' };

/** Id bases of a NAS, with known ids. */
function basesOf(
  given: { snapshot?: Partial<NasSnapshot>; nas?: Partial<NasDescription>; options?: BridgeOptions } = {},
  known: Partial<KnownIds> = {},
): IdBases {
  const { snapshot = {}, nas = {}, options = OPTIONS } = given;
  const devices = buildHaDevices(snapshotWith(snapshot), { ...NAS, ...nas }, options);
  return idBases(devices, options.nasId, { ...NO_IDS, ...known });
}

const idsOf = (bases: IdBases, nasId: string): string[] =>
  Object.entries(bases).flatMap(([objectId, base]) => entityIdsOf(kindOfObjectId(objectId, nasId), base));
const pc = (id: number, name: string | null = 'PC') => taskWith({ id, name });

describe('entity ids', () => {
  test('consist of the NAS and the item', () => {
    expect(basesOf()).toEqual({
      [NAS_ID]: 'diskstation_active_backup',
      [`${NAS_ID}_storage_1`]: 'diskstation_activebackupforbusiness',
      [`${NAS_ID}_task_3`]: 'diskstation_buro_pcs',
    });
  });

  test('of a NAS with an untranslatable name use its id', () => {
    expect(basesOf({ nas: { name: '财务' } })).toMatchObject({
      [NAS_ID]: NAS_ID,
      [`${NAS_ID}_task_3`]: `${NAS_ID}_buro_pcs`,
    });
  });

  test('of a NAS without name and serial number do not contain its address', () => {
    const options = { ...OPTIONS, nasId: '192_168_1_2' };
    const bases = basesOf({ nas: { name: '', serialNumber: null }, options });
    expect(Object.values(bases).filter((base) => base.includes('192'))).toEqual([]);
  });

  test.each([
    { what: 'two tasks of one name', names: ['PC', 'PC'], ends: ['pc', 'pc_2'] },
    {
      what: 'tasks whose names differ in signs only',
      names: ['PC 1', 'PC-1', 'pc_1'],
      ends: ['pc_1', 'pc_1_2', 'pc_1_3'],
    },
    { what: 'tasks in Cyrillic', names: ['сервер 1', 'сервер 2'], ends: ['server_1', 'server_2'] },
    { what: 'tasks in Chinese', names: ['财务', '销售'], ends: ['task_1', 'task_2'] },
    { what: 'a task with the name of the NAS device', names: ['Active Backup'], ends: ['active_backup_2'] },
    {
      what: 'tasks whose names differ after 64 letters',
      names: ['x'.repeat(64), 'x'.repeat(65)],
      ends: ['x'.repeat(64), `${'x'.repeat(64)}_2`],
    },
  ])('differ for $what', ({ names, ends }) => {
    const bases = basesOf({ snapshot: { tasks: names.map((name, index) => pc(index + 1, name)), storages: [] } });
    expect(ends.map((_, index) => bases[`${NAS_ID}_task_${index + 1}`])).toEqual(
      ends.map((end) => `diskstation_${end}`),
    );
  });

  test('are unique even if base and key combine to the same id', () => {
    // …_used + abb_used and …_abb + used would be the same id.
    const storages = [storageWith({ id: 1, shareName: 'x' }), storageWith({ id: 2, shareName: 'x_abb' })];
    const ids = idsOf(basesOf({ snapshot: { storages } }), OPTIONS.nasId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('of two NASes with the same names differ', () => {
    const one = basesOf();
    const used = new Set(idsOf(one, OPTIONS.nasId));
    const other = basesOf({ options: OTHER }, { reserved: used });
    expect(other).toMatchObject({
      active_backup_b2: 'diskstation_2_active_backup',
      active_backup_b2_task_3: 'diskstation_2_buro_pcs',
    });
    expect(idsOf(other, 'b2').filter((id) => used.has(id))).toEqual([]);
  });

  test('survive every rename, and a new task gets the first name of the NAS', () => {
    const bases = basesOf();
    const nas = { name: 'Cellar' };
    const tasks = [pc(3, 'Renamed'), pc(4, 'New')];
    expect(basesOf({ snapshot: { tasks }, nas }, { bases })).toEqual({
      ...bases,
      [`${NAS_ID}_task_4`]: 'diskstation_new',
    });
    expect(basesOf({ nas }, { bases })).toBe(bases);
  });

  test('of an earlier release are kept, even without the name of the NAS', () => {
    const announced = { [NAS_ID]: 'diskstation_active_backup', [`${NAS_ID}_task_3`]: 'buro_pcs' };
    const bases = basesOf({ nas: { name: 'Cellar' } }, { announced });
    expect(bases).toMatchObject({ ...announced, [`${NAS_ID}_storage_1`]: 'diskstation_activebackupforbusiness' });
  });

  test('of an earlier release for two NASes are not kept: each gets its own', () => {
    const announced = { [`${NAS_ID}_task_3`]: 'buro_pcs' };
    const used = new Set(entityIdsOf('task', 'buro_pcs'));
    expect(basesOf({}, { announced, reserved: used })[`${NAS_ID}_task_3`]).toBe('diskstation_buro_pcs');
  });

  test('are taken exactly if another device requests one of them', () => {
    const kinds = ['nas', 'task', 'storage', 'device'] as const;
    const keys = kinds.flatMap((kind) => entityIdsOf(kind, 'x').map((id) => id.slice(id.indexOf('.') + 3)));
    const beginnings = keys.flatMap((key) => key.split('_').map((_, end, parts) => parts.slice(0, end).join('_')));
    const parts = [...new Set([...keys, ...beginnings])].filter((part) => part !== '');
    const random = createRandom(5);
    let taken = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const [one, other] = [random.pick(kinds), random.pick(kinds)];
      const longer = `pc_${random.pick(parts)}`;
      const [base, otherBase] = random.pick([
        ['pc', longer],
        [longer, 'pc'],
        [longer, `pc_${random.pick(parts)}`],
      ] as const);
      const used = new UsedBases();
      used.add(other, otherBase);
      const ids = new Set(entityIdsOf(other, otherBase));
      const expected = entityIdsOf(one, base).some((id) => ids.has(id));
      expect(used.isTaken(one, base), `${one} ${base}, ${other} ${otherBase}`).toBe(expected);
      if (expected) taken += 1;
    }
    expect(taken).toBeGreaterThan(100);
  });

  test('of thousands of tasks of one name are found without trying each number again', () => {
    const bases = basesOf({ snapshot: { tasks: Array.from({ length: 3000 }, (_, id) => pc(id)) } });
    expect(bases[`${NAS_ID}_task_2999`]).toBe('diskstation_pc_3000');
    expect(new Set(Object.values(bases)).size).toBe(Object.keys(bases).length);
  });

  test('are unique, valid and reproducible for any NAS', () => {
    for (let seed = 0; seed < 60; seed += 1) {
      const [snapshot, nas, options] = [randomSnapshot(seed, 12), randomNas(seed), randomOptions(seed)];
      const bases = idBases(buildHaDevices(snapshot, nas, options), options.nasId, NO_IDS);
      const ids = idsOf(bases, options.nasId);
      expect([seed, new Set(ids).size]).toEqual([seed, ids.length]);
      expect([seed, ids.filter((id) => !/^[a-z_]+\.[a-z0-9][a-z0-9_]*[a-z0-9]$/.test(id) || id.length > 200)]).toEqual([
        seed,
        [],
      ]);
      expect(idBases(buildHaDevices(snapshot, nas, options), options.nasId, NO_IDS)).toEqual(bases);
    }
  });
});

describe('entity ids in discovery messages', () => {
  const read = ({ topic, payload }: Discovery, options = OPTIONS) =>
    announcedIdBase(topic, JSON.stringify(payload), options);
  const all = buildDiscovery(snapshotWith(), NAS, OPTIONS);

  test('of the same NAS give the base of each device', () => {
    expect(all.map((each) => read(each))).toEqual(
      Object.entries(basesOf()).map(([objectId, base]) => ({ objectId, base })),
    );
  });

  test('of another NAS are reserved', () => {
    const [nasDevice] = all;
    expect(nasDevice && read(nasDevice, OTHER)).toBeNull();
    expect(entityIdsIn(JSON.stringify(nasDevice?.payload))).toEqual(
      expect.arrayContaining(['binary_sensor.diskstation_active_backup_problem']),
    );
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{"components":{"x":null}}',
    '{"components":{"(":{"default_entity_id":"sensor.("}}}',
  ])('are empty in %j', (payload) => {
    const topic = `homeassistant/device/${NAS_ID}/config`;
    expect(announcedIdBase(topic, payload, OPTIONS)).toEqual({ objectId: NAS_ID, base: null });
  });
});

describe('a name in an entity id', () => {
  // Results of python-slugify 8 with text-unidecode, which Home Assistant uses.
  test.each([
    ['сервер 1', 'server_1'],
    ['Бухгалтерия — тень', 'bukhgalteriia_ten'],
    ['Київ Їжак Ґанок', 'kiiv_izhak_ganok'],
    ['Љубав Ђорђе', 'ljubav_djordje'],
    ['Қазақ Үй', 'kazak_ui'],
    ['ΑΒΓ ψυχή', 'abg_psukhe'],
    ['Büro & Empfang', 'buro_empfang'],
    ['Straße #1/+', 'strasse_1'],
    ['Œuvre Łódź Đorđe İstanbul ıIğş', 'oeuvre_lodz_dorde_istanbul_iigs'],
    ['Nguyễn Văn Ơ ư', 'nguyen_van_o_u'],
    ['Ærø þing', 'aero_thing'],
    ['한국 서버', 'hangug_seobeo'],
    ['שלום עולם', 'shlvm_vlm'],
    ['پشتیبان سرور', 'pshtybn_srwr'],
    ['ქართული', 'k_art_uli'],
    ['Հայաստան', 'hayastan'],
    ['ガギ サーバー', 'kaki_saha'],
    ['1,5 TB', '15_tb'],
    ["Bob's PC", 'bob_s_pc'],
    ['№5 ½ x²', 'no5_1_2_x2'],
    ['a💾b', 'ab'],
    ['财务 PC', ''],
    ['—', ''],
  ])('like %s is %s', (name, slug) => expect(slugOf(name)).toBe(slug));

  test.each([
    { name: 'x'.repeat(255), length: 181 },
    { name: '财'.repeat(255), length: 23 },
    { name: 'щ'.repeat(255), length: 46 },
    { name: 'PC', length: 2 },
  ])('of a device is short enough for releases that build the ids from names: $name', ({ name, length }) => {
    expect(Array.from(fitDeviceName(name))).toHaveLength(length);
  });
});
