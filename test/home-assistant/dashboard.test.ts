import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { buildDashboard } from '../../src/home-assistant/dashboard';
import { dashboardDevices } from '../../src/home-assistant/dashboard/entity-names';
import { DASHBOARD_WORDS } from '../../src/home-assistant/dashboard/words';
import { buildDiscovery } from '../../src/home-assistant/discovery';
import { DEVICE_ENTITIES } from '../../src/home-assistant/entities/device';
import { TASK_ENTITIES } from '../../src/home-assistant/entities/task';
import { PROTECTION_WORDS } from '../../src/home-assistant/protected-device';
import { NAS, OPTIONS, snapshotWith, taskWith } from './examples';
import { randomNas, randomOptions, randomSnapshot } from './snapshots';

/** The ids of all entities in a view, also in its templates. */
const idsIn = (view: unknown): string[] => [
  ...[...JSON.stringify(view).matchAll(/"entity(?:_id)?":"([^"]+)"/g)].map(([, id]) => id!),
  ...[...templatesIn(view).matchAll(/"((?:sensor|binary_sensor|button)\.[a-z0-9_]+)"/g)].map(([, id]) => id!),
];

/** Every text of a card. */
function templatesIn(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([key, item]: [string, unknown]) => (key === 'content' ? String(item) : templatesIn(item)))
    .join('\n');
}

const sectionsOf = (view: unknown): { cards: Record<string, unknown>[] }[] =>
  (view as { sections: { cards: Record<string, unknown>[] }[] }).sections;

describe('the dashboard', () => {
  test('of a NAS with one task', async () => {
    const view = buildDashboard(snapshotWith(), NAS, { ...OPTIONS, devices: 'all' });
    const text = await format(JSON.stringify(view), { parser: 'json', printWidth: 120 });
    await expect(text).toMatchFileSnapshot('golden/dashboard.json');
  });

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

  test('has no more sections for 100 tasks than for one', () => {
    const tasks = Array.from({ length: 100 }, (_, index) => taskWith({ id: index + 1, name: `PC ${index + 1}` }));
    const one = sectionsOf(buildDashboard(snapshotWith(), NAS, OPTIONS));
    const hundred = buildDashboard(snapshotWith({ tasks }), NAS, OPTIONS);
    expect(sectionsOf(hundred)).toHaveLength(one.length);
    expect(idsIn(hundred)).toContain('sensor.diskstation_pc_100_last_result');
  });

  test('names the NAS in its title and its first heading', () => {
    const view = buildDashboard(snapshotWith(), NAS, OPTIONS);
    expect(view['title']).toBe(NAS.name);
    expect(sectionsOf(view)[0]?.cards[0]?.['heading']).toContain(NAS.name);
  });

  test('asks before a backup is started or cancelled', () => {
    const actions = JSON.stringify(buildDashboard(snapshotWith(), NAS, OPTIONS)).split(
      '"perform_action":"button.press"',
    );
    const asked = actions.slice(1).filter((action) => /^[^}]*_(?:start|cancel)"/.test(action));
    expect(asked.length).toBeGreaterThanOrEqual(2);
    for (const action of asked) expect(action).toMatch(/^[^}]*\},"confirmation":\{"text":"[^"]*B\u00fcro-PCs/);
  });

  test.each(['en', 'de'] as const)('has a cancel whose no cannot be taken for a yes: %s', (language) => {
    const view = JSON.stringify(buildDashboard(snapshotWith(), NAS, { ...OPTIONS, language }));
    const { confirmCancel, cancel, cancelBackup, keepRunning } = DASHBOARD_WORDS[language];
    // Releases before 2026.2 always offer “Cancel” and “OK”: a question whether to cancel would have two ways to say yes.
    expect(confirmCancel).not.toContain('?');
    const text = confirmCancel.replace('{name}', 'Büro-PCs');
    expect(view).toContain(JSON.stringify({ text, confirm_text: cancelBackup, dismiss_text: keepRunning }));
    expect(keepRunning).not.toMatch(new RegExp(cancel, 'i'));
  });

  test('shows no progress of a task that waits', () => {
    const cards = sectionsOf(buildDashboard(snapshotWith(), NAS, OPTIONS)).flatMap((section) => section.cards);
    const progress = cards.find(({ entity }) => entity === 'sensor.diskstation_buro_pcs_progress');
    expect(progress?.['visibility']).toContainEqual({
      condition: 'state',
      entity: 'sensor.diskstation_buro_pcs_status',
      state_not: ['queued'],
    });
    expect(templatesIn(buildDashboard(snapshotWith(), NAS, OPTIONS))).toContain(
      "if known(item.progress) and value(item.status) != 'queued'",
    );
  });

  test('shows machines, and when a storage is full', () => {
    const ids = idsIn(buildDashboard(snapshotWith(), NAS, { ...OPTIONS, devices: 'all' }));
    expect(ids.filter((id) => /_(?:protection|expected_by|full_at)$/.test(id)).length).toBeGreaterThanOrEqual(3);
  });

  test.each(['en', 'de'] as const)('has a word for each state: %s', (language) => {
    const { results, states, protections } = DASHBOARD_WORDS[language];
    const words = [...TASK_ENTITIES, ...DEVICE_ENTITIES].flatMap((row) =>
      row.kind === 'word' && ['status', 'last_result'].includes(row.key) && row.description.includes('backup')
        ? row.words
        : [],
    );
    expect(words).toEqual(expect.arrayContaining([...Object.keys(results)]));
    expect(Object.keys(protections)).toEqual(expect.arrayContaining([...PROTECTION_WORDS]));
    expect(Object.keys(states)).toEqual(['queued', 'running', 'pausing', 'cancelling']);
  });
});

test('a date in a narrow column, as on a phone, stays in one line', () => {
  const dates = templatesIn(buildDashboard(snapshotWith(), NAS, { ...OPTIONS, devices: 'all' }))
    .split('\n')
    .filter((line) => line.includes('"%Y-%m-%d"'));
  expect(dates.length).toBeGreaterThanOrEqual(3);
  // Hyphens that do not break.
  for (const line of dates) expect(line).toContain(`local.strftime("%Y-%m-%d") | replace('-', '\u2011')`);
});

describe('entity ids before Home Assistant 2025.10', () => {
  const devices = (language: 'en' | 'de', names: string[]): ReturnType<typeof dashboardDevices> => {
    const tasks = names.map((name, index) => taskWith({ id: index + 1, name }));
    const options = { ...OPTIONS, language };
    return dashboardDevices(buildDiscovery(snapshotWith({ tasks }), NAS, options), OPTIONS.nasId, 'names');
  };
  const idsOf = (language: 'en' | 'de', names: string[], key: string): unknown[] =>
    devices(language, names)
      .filter(({ kind }) => kind === 'task')
      .map(({ entities }) => entities.get(key)?.id);

  test('come from the names of device and entity, in the language of the bridge', () => {
    expect(idsOf('en', ['B\u00fcro & Empfang'], 'last_success')).toEqual(['sensor.buro_empfang_last_success']);
    expect(idsOf('de', ['B\u00fcro & Empfang'], 'last_success')).toEqual(['sensor.buro_empfang_letzter_erfolg']);
  });

  // The right-hand sides are what python-slugify 8.0.4 makes of the left ones.
  test.each([
    ['Anna\u2019s laptop', 'sensor.annas_laptop_status'],
    ["Anna's laptop", 'sensor.anna_s_laptop_status'],
    ['\u2018Lab\u2019 5\u2032 6\u2033', 'sensor.lab_5_6_status'],
    ['Ver\u00adwaltung', 'sensor.verwaltung_status'],
    ['\u201cPC\u201d \u2013 1,000', 'sensor.pc_1000_status'],
  ])('are those of Home Assistant for a name with quotation marks: %s', (name, id) => {
    expect(idsOf('en', [name], 'status')).toEqual([id]);
  });

  test('get a number when they are in use', () => {
    expect(idsOf('en', ['PC', 'PC', 'PC'], 'status')).toEqual([
      'sensor.pc_status',
      'sensor.pc_status_2',
      'sensor.pc_status_3',
    ]);
  });
});
