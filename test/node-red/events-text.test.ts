import type { DeviceProtection } from '../../src/monitor/protection-types';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { NodeAPI } from 'node-red';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseDevice, parseTasks } from '../../src/active-backup/model/task';
import { parseResults } from '../../src/active-backup/model/result';
import type { Result, Task } from '../../src/active-backup/types';
import { EVENTS, type EventName, type NasEvent } from '../../src/monitor/events';
import { eventText } from '../../src/node-red/events';
import { LANGUAGES } from '../../scripts/build/verify';
import { root } from '../../scripts/root';
import { nodeRedRequire } from '../support/node-red-package';
import manifest from '../../package.json';

type Language = (typeof LANGUAGES)[number];

/** The translation module of the installed Node-RED. */
interface I18n {
  init(settings: { lang: string }): void;
  registerMessageCatalog(namespace: string, dir: string, file: string): Promise<void>;
  _(key: string, values?: object): string;
  readonly i: { changeLanguage(language: string): Promise<unknown> };
}
const nodeRed = createRequire(nodeRedRequire.resolve('node-red'));
const { i18n } = nodeRed('@node-red/util') as { i18n: I18n };
const RED = { _: (key: string, values?: object) => i18n._(key, values) } as unknown as NodeAPI;

beforeAll(async () => {
  i18n.init({ lang: 'en-US' });
  await i18n.registerMessageCatalog(`${manifest.name}/events`, join(root, 'nodes/events/locales'), 'events.json');
});

const task = (name: string, percentage = 0): Task =>
  parseTasks({ tasks: [{ task_id: 1, task_name: name, progress: { running_task_status: 1, percentage } }] }, null)[0]!;

function result(durationSeconds: number, reason: string | null = null): Result {
  const times = { time_start: 1_762_848_000, time_end: 1_762_848_000 + durationSeconds };
  const [parsed] = parseResults({ results: [{ result_id: 1, task_id: 1, task_name: 'Old PC', ...times }] });
  return { ...parsed!, reason };
}

function storage(
  shareName: string,
  freeBytes: number | null,
  totalBytes: number | null = 8000,
): NonNullable<NasEvent['storage']> {
  return { shareName, volume: { totalBytes, freeBytes } } as NonNullable<NasEvent['storage']>;
}

async function textOf(language: Language, fields: Partial<NasEvent>, severalNas = false): Promise<string> {
  await i18n.i.changeLanguage(language);
  const event: NasEvent = { event: 'backup_failed', at: '2026-03-01T08:00:00.000Z', late: false, ...fields };
  return eventText(RED, event, 'Office NAS', severalNas);
}

const PC = task('PC-Finance', 0.427);
const LAPTOP = parseDevice({ device_id: 1, host_name: 'LAPTOP-7' });

function protection(fields: Partial<DeviceProtection>): DeviceProtection {
  return {
    ...{ device: LAPTOP, taskIds: [1], protection: 'late', online: null, lastResult: null, lastSuccessAt: null },
    ...{ unusual: null, failuresInRow: 0, expectedBy: null, habit: null, days: [] },
    ...fields,
  };
}

/** The fields of each event, and its text in English and German. */
const TEXTS: Readonly<Record<EventName, readonly [fields: Partial<NasEvent>, english: string, german: string]>> = {
  backup_started: [{ task: PC }, 'PC-Finance: backup started', 'PC-Finance: Sicherung gestartet'],
  backup_succeeded: [
    { task: PC, result: result(720) },
    'PC-Finance: backed up in 12 min',
    'PC-Finance: gesichert in 12 min',
  ],
  backup_partial: [
    { task: PC, result: result(45, 'files were skipped') },
    'PC-Finance: only partly backed up, in 45 s: files were skipped',
    'PC-Finance: nur teilweise gesichert, in 45 s: files were skipped',
  ],
  backup_failed: [
    { task: PC, result: result(720, 'no permission on C:\\Data') },
    'PC-Finance: backup failed after 12 min: no permission on C:\\Data',
    'PC-Finance: Sicherung nach 12 min fehlgeschlagen: no permission on C:\\Data',
  ],
  backup_cancelled: [
    { task: PC, result: result(60) },
    'PC-Finance: backup cancelled after 1 min',
    'PC-Finance: Sicherung nach 1 min abgebrochen',
  ],
  backup_refused: [
    { task: PC, error: { code: 'EABB', message: 'a backup of it is already running' } },
    'PC-Finance: start or cancel refused: a backup of it is already running',
    'PC-Finance: Start oder Abbruch abgelehnt: a backup of it is already running',
  ],
  backup_overdue: [{ task: PC }, 'PC-Finance: backup is overdue', 'PC-Finance: Sicherung ist überfällig'],
  backup_recovered: [{ task: PC }, 'PC-Finance: no longer overdue', 'PC-Finance: nicht mehr überfällig'],
  backup_progress: [{ task: PC }, 'PC-Finance: 42 % backed up', 'PC-Finance: 42 % gesichert'],
  verification_succeeded: [
    { task: PC, result: result(720) },
    'PC-Finance: backup verified in 12 min',
    'PC-Finance: Sicherung in 12 min geprüft',
  ],
  verification_failed: [
    { task: PC, result: result(45, 'the machine did not start') },
    'PC-Finance: verification failed after 45 s: the machine did not start',
    'PC-Finance: Prüfung nach 45 s fehlgeschlagen: the machine did not start',
  ],
  restore_succeeded: [
    { task: PC, result: result(720) },
    'PC-Finance: restored in 12 min',
    'PC-Finance: in 12 min wiederhergestellt',
  ],
  restore_failed: [
    { task: PC, result: result(60) },
    'PC-Finance: restore failed after 1 min',
    'PC-Finance: Wiederherstellung nach 1 min fehlgeschlagen',
  ],
  task_added: [
    { task: PC },
    'PC-Finance: new backup task on Office NAS',
    'PC-Finance: neue Sicherungsaufgabe auf Office NAS',
  ],
  task_removed: [
    { task: PC },
    'PC-Finance: backup task removed from Office NAS',
    'PC-Finance: Sicherungsaufgabe von Office NAS entfernt',
  ],
  device_online: [{ device: LAPTOP }, 'LAPTOP-7 is online', 'LAPTOP-7 ist online'],
  device_offline: [{ device: LAPTOP }, 'LAPTOP-7 is offline', 'LAPTOP-7 ist offline'],
  device_overdue: [
    {
      device: LAPTOP,
      protection: protection({
        habit: { source: 'learned', typicalGapHours: 26, offDays: [0, 6] },
        lastSuccessAt: new Date(2026, 1, 13, 18, 10).toISOString(),
      }),
    },
    'LAPTOP-7: late by its own habit (usually every 26 h on weekdays; last success 2026-02-13 18:10)',
    'LAPTOP-7: nach Gewohnheit überfällig (üblich: alle 26 h, Montag bis Freitag; zuletzt erfolgreich: 2026-02-13 18:10)',
  ],
  device_recovered: [{ device: LAPTOP }, 'LAPTOP-7: no longer late', 'LAPTOP-7: nicht mehr überfällig'],
  backup_unusual: [
    { device: LAPTOP, protection: protection({ unusual: { kind: 'larger', factor: 7, value: 7000, usual: 1000 } }) },
    'LAPTOP-7: unusual backup, 7 × its usual size: perhaps an update, a large copy, a new installation, or encryption by malware',
    'LAPTOP-7: ungewöhnliche Sicherung, 7 × so groß wie üblich: vielleicht ein Update, eine große Kopie, eine Neuinstallation oder Verschlüsselung durch Schadsoftware',
  ],
  storage_low: [
    { storage: storage('Backups', 720) },
    'Backups on Office NAS is running low: only 9.0 % free',
    'Backups auf Office NAS wird knapp: nur noch 9.0 % frei',
  ],
  storage_ok: [
    { storage: storage('Backups', 1000) },
    'Backups on Office NAS has enough space again: 12.5 % free',
    'Backups auf Office NAS hat wieder genug Platz: 12.5 % frei',
  ],
  storage_filling: [
    { storage: { ...storage('Backups', 1000), fullAt: '2026-04-02T00:00:00.000Z' } },
    'Backups on Office NAS will be full around 2026-04-02 at its present growth',
    'Backups auf Office NAS ist beim jetzigen Wachstum etwa am 2026-04-02 voll',
  ],
  nas_online: [
    { outageSeconds: 3 * 3600 + 300 },
    'Office NAS is back after 3 h 5 min',
    'Office NAS ist nach 3 h 5 min wieder da',
  ],
  nas_offline: [{}, 'Office NAS is not available', 'Office NAS ist nicht verfügbar'],
};

test.each(EVENTS)('%s has a text in both languages', async (event) => {
  const [fields, english, german] = TEXTS[event];
  expect(await textOf('en-US', { event, ...fields })).toBe(english);
  expect(await textOf('de', { event, ...fields })).toBe(german);
});

describe.each(LANGUAGES)('in %s', (language) => {
  test.each(EVENTS)('%s contains the name of its NAS exactly once if several are deployed', async (event) => {
    const text = await textOf(language, { event, ...TEXTS[event][0] }, true);
    expect(text.match(/Office NAS/g)).toHaveLength(1);
    expect(text).toContain(await textOf(language, { event, ...TEXTS[event][0] }));
  });

  test.each(EVENTS)('%s has no unresolved placeholder if the NAS omits values', async (event) => {
    for (const fields of [{}, TEXTS[event][0], { storage: storage('Backups', null, null), result: result(0) }]) {
      const text = await textOf(language, { event, ...fields });
      expect(text).not.toMatch(/__|\$t|undefined|null|NaN/);
      expect(text).not.toContain(event);
    }
  });

  test.each(['R&D <b>PCs</b> "old"', '$t(text.unit.day)', '__nas__', '{{nas}}', 'Büro – Empfang 接待', '$&$1'])(
    'a task can have the name %s',
    async (name) => {
      expect(await textOf(language, { event: 'backup_overdue', task: task(name) })).toContain(`${name}: `);
    },
  );

  test.each([
    [0, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [3599, '59 min'],
    [3600, '1 h'],
    [3660, '1 h 1 min'],
    [86_399, '23 h 59 min'],
    [86_400, '1 d'],
    [86_400 + 3599, '1 d'],
    [9 * 86_400 + 5 * 3600, '9 d 5 h'],
  ])('%d seconds are %s', async (seconds, text) => {
    expect(await textOf(language, { event: 'nas_online', outageSeconds: seconds })).toContain(`Office NAS`);
    expect(await textOf(language, { event: 'nas_online', outageSeconds: seconds })).toContain(` ${text}`);
  });
});

test('a late device and an unusual backup that are reported later have a text without details', async () => {
  expect(await textOf('en-US', { event: 'device_overdue', device: LAPTOP })).toBe('LAPTOP-7: backup is late');
  expect(await textOf('de', { event: 'device_overdue', device: LAPTOP })).toBe('LAPTOP-7: Sicherung ist überfällig');
  expect(await textOf('en-US', { event: 'backup_unusual', device: LAPTOP })).toBe(
    'LAPTOP-7: unusual backup, size or duration unlike usual',
  );
});

test('a removed task has the name in its result', async () => {
  expect(await textOf('en-US', { result: result(60) })).toBe('Old PC: backup failed after 1 min');
});

describe('the text about a backup of several devices', () => {
  const outcomes = (...failed: readonly (string | null)[]): NonNullable<Result['devices']> =>
    [...failed, null].map((name, index) => {
      const times = { startedAt: null, endedAt: null, durationSeconds: null, transferredBytes: null, reason: null };
      const status = index < failed.length ? 'failed' : 'success';
      return { name, resultId: 1, taskId: 1, status, statusCode: null, ...times };
    });
  const textFor = (devices: Result['devices']): Promise<string> =>
    textOf('en-US', { task: PC, result: { ...result(720, 'no permission'), devices } });

  test('names those that failed', async () => {
    expect(await textFor(outcomes('PC-1', 'PC-2'))).toBe(
      'PC-Finance: backup failed after 12 min (PC-1, PC-2): no permission',
    );
  });

  test('names five at most', async () => {
    expect(await textFor(outcomes('A', 'B', 'C', 'D', 'E', 'F'))).toContain(' (A, B, C, D, E, …): ');
  });

  test('names none while that is unknown, none failed, or there is only one', async () => {
    const text = 'PC-Finance: backup failed after 12 min: no permission';
    for (const devices of [null, outcomes(), outcomes('PC-1').slice(0, 1)]) expect(await textFor(devices)).toBe(text);
  });
});
