import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { NodeAPI } from 'node-red';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Habit } from '../../src/monitor/protection-types';
import type { UnusualBackup } from '../../src/monitor/unusual';
import { habitText, unusualText } from '../../src/node-red/habit-text';
import { root } from '../../scripts/root';
import { nodeRedRequire } from '../support/node-red-package';
import manifest from '../../package.json';

/** The translation module of the installed Node-RED. */
interface I18n {
  init(settings: { lang: string }): void;
  registerMessageCatalog(namespace: string, dir: string, file: string): Promise<void>;
  _(key: string, values?: object): string;
  readonly i: { changeLanguage(language: string): Promise<unknown> };
}
const { i18n } = createRequire(nodeRedRequire.resolve('node-red'))('@node-red/util') as { i18n: I18n };
const RED = { _: (key: string, values?: object) => i18n._(key, values) } as unknown as NodeAPI;

beforeAll(async () => {
  i18n.init({ lang: 'en-US' });
  await i18n.registerMessageCatalog(`${manifest.name}/events`, join(root, 'nodes/events/locales'), 'events.json');
});

/** Friday, in the time zone of this process. */
const FRIDAY = new Date(2026, 2, 6, 18, 10);
const NOW = new Date(2026, 2, 10, 9);
const habit = (fields: Partial<Habit>): Habit => ({
  source: 'learned',
  typicalGapHours: 26,
  offDays: [0, 6],
  ...fields,
});

describe.each<[string, Habit, Date | null, english: string, german: string]>([
  [
    'learned',
    ...([habit({}), FRIDAY] as const),
    'late by its own habit (usually every 26 h on weekdays; last success Friday 18:10)',
    'nach Gewohnheit überfällig (üblich: alle 26 h, Montag bis Freitag; zuletzt erfolgreich: Freitag 18:10)',
  ],
  [
    'by schedule, long ago',
    ...([
      habit({ source: 'schedule', typicalGapHours: 24, offDays: [0, 2, 4, 5, 6] }),
      new Date(2026, 1, 2, 8, 5),
    ] as const),
    'late by its schedule (every 24 h on Monday, Wednesday; last success 2026-02-02 08:05)',
    'nach Zeitplan überfällig (alle 24 h, Montag, Mittwoch; zuletzt erfolgreich: 2026-02-02 08:05)',
  ],
  [
    'every day, without a success',
    ...([habit({ source: 'schedule', typicalGapHours: 1.5, offDays: [] }), null] as const),
    'late by its schedule (every 1.5 h; no success yet)',
    'nach Zeitplan überfällig (alle 1.5 h; noch keine erfolgreiche Sicherung)',
  ],
  [
    'by hours',
    ...([habit({ source: 'hours', typicalGapHours: 48, offDays: [] }), FRIDAY] as const),
    'no success for 48 h (last success Friday 18:10)',
    'seit 48 h keine erfolgreiche Sicherung (zuletzt erfolgreich: Freitag 18:10)',
  ],
])('the text of a late device, %s', (_name, known, last, english, german) => {
  test.each([
    ['en-US', english],
    ['de', german],
  ])('in %s', async (language, text) => {
    await i18n.i.changeLanguage(language);
    expect(habitText(RED, { habit: known, lastSuccessAt: last?.toISOString() ?? null }, NOW)).toBe(text);
  });
});

test.each<[Partial<UnusualBackup>, string, string]>([
  [{ kind: 'larger', factor: 7 }, '7 × its usual size: ', '7 × so groß wie üblich: '],
  [{ kind: 'smaller', factor: 0.1 }, '1/10 of its usual size: ', '1/10 der üblichen Größe: '],
  [
    { kind: 'smaller', factor: 0 },
    'nothing was transferred, unlike usual: ',
    'anders als üblich wurde nichts übertragen: ',
  ],
  [{ kind: 'longer', factor: 12 }, '12 × its usual duration: ', '12 × so lange wie üblich: '],
])('the text of an unusual backup: %o', async (fields, english, german) => {
  const unusual: UnusualBackup = { kind: 'larger', factor: 7, value: 7, usual: 1, ...fields };
  await i18n.i.changeLanguage('en-US');
  expect(unusualText(RED, unusual)).toContain(english);
  await i18n.i.changeLanguage('de');
  expect(unusualText(RED, unusual)).toContain(german);
});
