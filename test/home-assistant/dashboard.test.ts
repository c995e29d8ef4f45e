import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { DASHBOARD_KEYS, buildDashboard } from '../../src/home-assistant/dashboard';
import { buildDiscovery } from '../../src/home-assistant/discovery';
import { ENTITIES } from '../../src/home-assistant/entities';
import type { EntityDescription } from '../../src/home-assistant/entity';
import { NAS, OPTIONS, snapshotWith, taskWith } from './examples';
import { randomNas, randomOptions, randomSnapshot } from './snapshots';

/** The ids of the entities in a view. */
const idsIn = (view: unknown): string[] =>
  [...JSON.stringify(view).matchAll(/"entity(?:_id)?":"([^"]+)"/g)].map(([, id]) => id!);

describe('the dashboard', () => {
  test('of a NAS with one task', async () => {
    const view = buildDashboard(snapshotWith(), NAS, { ...OPTIONS, devices: 'all' });
    const text = await format(JSON.stringify(view), { parser: 'json', printWidth: 120 });
    await expect(text).toMatchFileSnapshot('golden/dashboard.json');
  });

  test.each(Object.entries<readonly EntityDescription<never>[]>(ENTITIES))(
    'shows rows of the table: %s',
    (kind, rows) => {
      const keys = rows.filter(({ shown }) => shown !== undefined).map(({ key }) => key);
      expect(keys).toEqual(expect.arrayContaining([...DASHBOARD_KEYS[kind as keyof typeof DASHBOARD_KEYS]]));
    },
  );

  test('contains only published entities, whatever the NAS', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const [snapshot, nas, options] = [randomSnapshot(seed, 10), randomNas(seed), randomOptions(seed)];
      const announced = buildDiscovery(snapshot, nas, options).flatMap(({ payload }) =>
        Object.values(payload.components),
      );
      const wanted = new Set(announced.map(({ default_entity_id }) => default_entity_id));
      for (const id of idsIn(buildDashboard(snapshot, nas, options)))
        expect([seed, id, wanted.has(id)]).toEqual([seed, id, true]);
    }
  });

  test('contains the entities of two tasks with the same name', () => {
    const tasks = [taskWith({ name: 'PC' }), taskWith({ id: 4, name: 'PC' })];
    const ids = idsIn(buildDashboard(snapshotWith({ tasks }), NAS, OPTIONS));
    expect(ids).toEqual(
      expect.arrayContaining([
        'sensor.diskstation_pc_status',
        'button.diskstation_pc_start',
        'sensor.diskstation_pc_2_status',
        'button.diskstation_pc_2_start',
      ]),
    );
  });

  test('omits entities that are not published', () => {
    const ids = idsIn(buildDashboard(snapshotWith(), NAS, { ...OPTIONS, detail: 'minimal', commands: false }));
    expect(ids).toContain('sensor.diskstation_buro_pcs_status');
    expect(ids.filter((id) => /^button\.|_progress$/.test(id))).toEqual([]);
  });
});
