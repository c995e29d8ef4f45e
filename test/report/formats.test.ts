import { describe, expect, test } from 'vitest';
import { buildReport } from '../../src/report/report';
import { renderReport } from '../../src/report/render';
import type { ReportFormat } from '../../src/settings/report-settings';
import { failing, late, nas, OPTIONS, protectionOf, storage, taskOf } from './sources';

const EVIL = `<img src=x onerror="alert(1)">'&\u0000\n| **b** [l](http://x) @all =1+1`;
const SOURCES = [
  nas([failing(1, EVIL, EVIL), late(2, 'CHEN-X1', false), protectionOf(3, 'RECEPTION-01')], {
    storages: [storage({ growthBytesPerDay: 90e9, fullAt: '2026-12-12T06:00:00Z', shareName: EVIL }, 92)],
    tasks: [taskOf(1, EVIL, [])],
  }),
  nas([protectionOf(1, 'vm-shop')], { id: 'branch"\\', name: EVIL }),
];

function rendered(format: ReportFormat, language: 'en' | 'de' = 'en', sources = SOURCES): string {
  const options = { ...OPTIONS, language };
  const { payload } = renderReport(format, buildReport(sources, options), sources, options);
  if (typeof payload !== 'string') throw new Error('no text');
  return payload;
}

describe('html', () => {
  const page = rendered('html');

  test('is one complete page without scripts, forms or anything from elsewhere', () => {
    expect(page).toMatch(/^<!DOCTYPE html>\s*<html lang="en">/);
    expect(page.trimEnd()).toMatch(/<\/html>$/);
    const tags = page.match(/<[^>]*>/g) ?? [];
    expect(tags.length).toBeGreaterThan(300);
    const forbidden = /^<(script|img|link|iframe|form|input|object|svg)\b|url\(|@import|\s(?:on\w+|src|href)=/i;
    expect(tags.filter((tag) => forbidden.test(tag))).toEqual([]);
  });

  test('names are text, whatever they contain', () => {
    expect(page).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;');
    expect(page).not.toContain('\0');
  });

  test('has a strip with one cell per day for each machine', () => {
    const strips = page.match(/<div role="img"[^>]*>[\s\S]*?<\/div>/g) ?? [];
    expect(strips).toHaveLength(4);
    for (const strip of strips) expect(strip.match(/<td/g)).toHaveLength(30);
  });

  test('has dark mode and a layout for narrow screens', () => {
    expect(page).toContain('@media (prefers-color-scheme:dark)');
    expect(page).toContain('@media (max-width:640px)');
  });

  test('25 machines stay below 102 kB, where Gmail cuts a page off', () => {
    const sources = [nas(Array.from({ length: 25 }, (_, index) => protectionOf(index + 1, `PC-${index}`)))];
    expect(Buffer.byteLength(rendered('html', 'en', sources))).toBeLessThan(102_000);
  });

  test('is German where asked for', () => {
    const german = rendered('html', 'de');
    expect(german).toContain('<html lang="de">');
    expect(german).toContain('Was zu tun ist');
    expect(german).toContain('12. Dez. 2026');
  });
});

test('text: findings first, one line for each machine', () => {
  const text = rendered('text', 'en', [SOURCES[0]!]);
  const lines = text.split('\n');
  expect(lines[0]).toBe('2 of 3 machines need attention');
  expect(lines.indexOf('What to do')).toBeLessThan(lines.indexOf('Machines'));
  expect(lines).toContain('RECEPTION-01 – protected – Last success: Fri 27 Nov, 19:14');
  expect(lines.filter((line) => line.includes('<img'))).toHaveLength(5);
});

test('markdown: names do not format, link or mention anything', () => {
  const text = rendered('markdown');
  expect(text).not.toMatch(/(?<!\\)\[l\]|(?<!\\)\*\*b\*\*|@all/);
  expect(text).toContain('\\*\\*b\\*\\*');
  expect(text).toMatch(/^### /);
});

test.each(['text', 'markdown'] as const)('%s: each value of a task, machine or storage has its name', (format) => {
  const task = { lastSuccessAt: '2026-11-27T18:00:00Z' };
  const storages = [storage({ growthBytesPerDay: 90e9, fullAt: '2026-12-12T06:00:00Z' }, 92)];
  const one = [nas([late(2, 'CHEN-X1', false)], { storages, tasks: [taskOf(1, 'Laptops', [], task)] })];
  const lines = rendered(format, 'en', one).replaceAll('**', '');
  expect(lines).toMatch(/^(?:- )?CHEN-X1 – (?:State: )?late – Last success: Fri 20 Nov/m);
  expect(lines).not.toContain('Failures in a row: 0');
  expect(lines).toMatch(/– Free: 800 GB – Growth: 90 GB per day – Full on: 12 Dec 2026$/m);
  if (format === 'text') expect(lines).toMatch(/^Laptops – Last result: none – Last success: Fri 27 Nov, [\d:]+$/m);
});

test.each(['html', 'text', 'markdown'] as const)('%s: a NAS without a task is not praised', (format) => {
  const report = rendered(format, 'de', [nas([])]);
  expect(report).toContain('In Active Backup eine Sicherungsaufgabe anlegen');
  expect(report).not.toContain('Nichts zu tun');
  expect(report).not.toContain('0 von 0');
});

test('csv: one row for each machine, and no cell is a formula', () => {
  const sources = [nas([protectionOf(1, '=HYPERLINK("http://x")'), protectionOf(2, 'a,b\n"c"')])];
  const text = rendered('csv', 'en', sources);
  expect(text.split('\r\n')[0]).toMatch(/^nas_id,nas,device_id,device,/);
  expect(text).toContain(`"'=HYPERLINK(""http://x"")"`);
  expect(text).toContain('"a,b\n""c"""');
  expect(text.endsWith('\r\n')).toBe(true);
});

describe('openmetrics', () => {
  const text = rendered('openmetrics');
  const lines = text.split('\n');
  const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
  const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
  const SAMPLE = new RegExp(String.raw`^(${NAME})\{(${LABEL}(?:,${LABEL})*)\} (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$`);

  test('every line is one of the grammar, samples follow their family, and it ends with EOF', () => {
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    const families: string[] = [];
    for (const line of lines.slice(0, -2)) {
      const type = new RegExp(`^# TYPE (${NAME}) gauge$`).exec(line);
      const sample = SAMPLE.exec(line);
      if (type !== null) families.push(type[1]!);
      else if (line.startsWith('# HELP ')) expect(line.split(' ')[2]).toBe(families.at(-1));
      else expect([line, sample?.[1]]).toEqual([line, families.at(-1)]);
    }
    expect(new Set(families).size).toBe(families.length);
    expect(families.length).toBeGreaterThan(30);
  });

  test('no series occurs twice, and no name has an ending of another type', () => {
    const series = lines.filter((line) => SAMPLE.test(line)).map((line) => line.replace(/ \S+$/, ''));
    expect(new Set(series).size).toBe(series.length);
    const names = new Set(series.map((line) => line.split('{')[0]!));
    for (const name of names) expect(name).not.toMatch(/_(total|count|sum|bucket|info|created)$/);
  });

  test('times are seconds, flags 0 or 1, and unknown values have no series', () => {
    expect(text).toMatch(/^active_backup_nas_up\{[^}]*\} 1$/m);
    expect(text).toMatch(/^active_backup_storage_low_space\{.*\} [01]$/m);
    for (const line of lines.filter((each) => !each.startsWith('#'))) expect(line).not.toMatch(/NaN|null|undefined/);
  });

  test('a NAS that does not answer is down, and nothing else that may be outdated is said about it', () => {
    const away = rendered('openmetrics', 'en', [nas([protectionOf(1, 'A')], { online: false, error: 'away' })]);
    const names = new Set([...away.matchAll(/^([a-z_]+)\{/gm)].map(([, name]) => name));
    expect([...names].filter((name) => !name!.endsWith('last_success_timestamp_seconds'))).toEqual([
      'active_backup_nas_up',
    ]);
  });

  test('without any NAS it is still valid', () => expect(rendered('openmetrics', 'en', [])).toBe('# EOF\n'));
});

test('data: the report itself', () => {
  const report = buildReport(SOURCES, OPTIONS);
  expect(renderReport('data', report, SOURCES, OPTIONS).payload).toBe(report);
});

test('html: nothing is green where no machine is known to be protected', () => {
  const away = nas(null, { snapshot: null, error: 'no connection to nas.lan' });
  expect(rendered('html', 'en', [away]).split('<body')[1]).not.toMatch(/class="tile good"|#dff3e6/);
});
