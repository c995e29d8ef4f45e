import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ACCESS_LEVELS, COMPOSITE_METHODS, METHODS, type Method } from '../../src/active-backup/methods';
import { RESULT_STATUSES, TASK_STATES, TASK_TYPES } from '../../src/active-backup/codes';
import { DsmError, ERRORS, type ErrorCode } from '../../src/dsm/errors';
import { REPORT_FORMATS, REPORT_LANGUAGES } from '../../src/settings/report-settings';
import { EVENTS } from '../../src/monitor/events';
import { NAS_NUMBERS } from '../../src/settings/nas-settings';
import { NODE_OPERATIONS } from '../../src/settings/operations';
import { HABIT_KEYS } from '../../src/node-red/habit-text';
import * as status from '../../src/node-red/status';
import { LANGUAGES } from '../../scripts/build/verify';
import manifest from '../../package.json';

const ROOT = join(import.meta.dirname, '..', '..');
const SETS = Object.keys(manifest['node-red'].nodes);
/** The set whose catalogue all nodes share. */
const SHARED = 'nas';

type Catalogue = ReadonlyMap<string, string>;
type Language = (typeof LANGUAGES)[number];

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const catalogue = (set: string, language: Language): Catalogue =>
  new Map(leaves(JSON.parse(read(`nodes/${set}/locales/${language}/${set}.json`))));
const help = (set: string, language: Language): string => read(`nodes/${set}/locales/${language}/${set}.html`);

/** Keys of a catalogue, `a.b.c`, with their texts. */
function leaves(branch: unknown, path: string[] = []): [string, string][] {
  if (typeof branch !== 'object' || branch === null) return [[path.join('.'), String(branch)]];
  return Object.entries(branch).flatMap(([name, value]) => leaves(value, [...path, name]));
}

describe.each(SETS)('the catalogues of %s', (set) => {
  const english = catalogue(set, 'en-US');

  test.each(LANGUAGES)('have every key in %s, with a text and the same variables', (language) => {
    const other = catalogue(set, language);
    expect([...other.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [key, text] of other) {
      expect(text.trim(), key).not.toBe('');
      expect(variables(text), key).toEqual(variables(english.get(key) ?? ''));
    }
  });

  test('have every key that is used, and none that is not', () => {
    const used = [...ownKeys(set), ...(set === SHARED ? [...sharedKeys(), ...hintKeys()] : [])];
    expect([...english.keys()].sort()).toEqual([...new Set(used)].sort());
  });

  test('explain the same things in the help of every language', () => {
    expect(outline(set, 'de')).toEqual(outline(set, 'en-US'));
    for (const language of LANGUAGES) {
      expect(help(set, language)).toContain(`<script type="text/html" data-help-name="active-backup-${set}">`);
    }
  });
});

test.each(Object.entries(NODE_OPERATIONS))('the help of %s names every operation it offers', (set, { methods }) => {
  for (const { method } of methods) expect(help(set, 'en-US')).toMatch(new RegExp(`<h4>[^<]*\\b${method}\\b`));
});

test.each(EVENTS)('the help of events explains %s', (event) => {
  expect(help('events', 'en-US')).toMatch(new RegExp(`<tr><td>(?:<code>\\w+</code> )*<code>${event}</code>`));
});

test.each(SETS)('the help of %s fits into the sidebar, which does not break code', (set) => {
  for (const language of LANGUAGES) {
    const unbroken = [...help(set, language).matchAll(/<(code|dt)\b[^>]*>(.*?)(?:<span.*?)?<\/\1>/g)];
    expect(unbroken.filter(([, , text = '']) => text.length > 40).map(([whole]) => whole)).toEqual([]);
  }
});

test('statuses fit under a node', () => {
  for (const language of LANGUAGES) {
    for (const [key, text] of catalogue(SHARED, language)) {
      if (key.startsWith('status.')) expect(text.length, `${key} in ${language}`).toBeLessThanOrEqual(25);
    }
  }
});

/** Keys of a set's own catalogue that its form, its editor code and the palette use. */
function ownKeys(set: string): string[] {
  const code = read(`nodes/${set}/${set}.editor.ts`);
  const category = /category: '(?!config')([\w-]+)'/.exec(code)?.[1];
  const form = formKeys(set).filter((key) => !key.includes(':'));
  const table = set === 'events' ? eventKeys() : set === 'report' ? reportKeys() : [];
  const parts = set === SHARED ? [] : keysIn(editorCode(), set).filter((key) => key.startsWith(`${set}.`));
  const palette = category === undefined ? [] : [`palette.label.${category}`];
  return [...form, ...keysIn(code, set), ...parts, ...table, ...palette];
}

/** Keys of every event: the label of its checkbox, and its text in messages. */
function eventKeys(): string[] {
  const units = [...read('src/node-red/events.ts').matchAll(/\bunit\('(\w+)'/g)].map(([, unit = '']) => unit);
  expect(units).not.toEqual([]);
  return [
    ...EVENTS.flatMap((event) => [`events.event.${event}`, `text.${event}`]),
    ...units.map((unit) => `text.unit.${unit}`),
    ...HABIT_KEYS.map((key) => `text.${key}`),
  ];
}

/** Keys of the words in the selects of the report, and of the language that the catalogue is in. */
function reportKeys(): string[] {
  return [
    'report.language',
    ...REPORT_FORMATS.map((format) => `report.format.${format}`),
    ...['runtime', ...REPORT_LANGUAGES].map((language) => `report.languages.${language}`),
  ];
}

/** Keys of the shared catalogue that any form, the editor code and the runtime use. */
function sharedKeys(): string[] {
  const nodes = SETS.map((set) => read(`nodes/${set}/${set}.editor.ts`));
  const namespace = `${manifest.name}/${SHARED}:`;
  const forms = SETS.flatMap(formKeys).filter((key) => key.startsWith(namespace));
  const inForms = forms.map((key) => key.slice(namespace.length));
  return [...keysIn([editorCode(), ...nodes].join('\n'), SHARED), ...inForms, ...tableKeys(), ...statusKeys()];
}

/** The code of all dialogs, and the rules whose problems they show. */
function editorCode(): string {
  return ['src/editor', 'src/settings']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => read(`${folder}/${file}`)),
    )
    .join('\n');
}

/** Keys made of the names in tables: one set of texts per row. */
function tableKeys(): string[] {
  const methods = Object.entries<Method>({ ...COMPOSITE_METHODS, ...METHODS });
  const parameters = methods.flatMap(([, method]) => Object.entries(method.parameters));
  const of = (prefix: string, names: readonly string[], ...parts: string[]): string[] =>
    names.flatMap((name) => parts.map((part) => [prefix, name, part].filter((word) => word !== '').join('.')));
  return [
    ...of(
      'operations',
      methods.map(([name]) => name),
      'label',
      'explain',
    ),
    ...of(
      'operations',
      methods.filter(([, { level }]) => level === 'delete').map(([name]) => name),
      'loses',
    ),
    ...of(
      'parameters',
      parameters.map(([name]) => name),
      'label',
      'hint',
    ),
    ...of(
      'unit',
      parameters.flatMap(([, { unit }]) => unit ?? []),
      '',
    ),
    ...of(
      'problem.expected',
      parameters.map(([, { type }]) => type),
      '',
    ),
    ...of('access', ACCESS_LEVELS, 'name', 'label', 'explain'),
    ...of('word.type', TASK_TYPES, ''),
    ...of('word.state', TASK_STATES, ''),
    ...of('word.result', RESULT_STATUSES, ''),
    ...of('nas.label', Object.keys(NAS_NUMBERS), ''),
  ];
}

/** Keys of the hints that a method has of its own for one of its parameters. */
function hintKeys(): string[] {
  return Object.entries<Method>(METHODS).flatMap(([method, { parameters }]) =>
    Object.entries(parameters).flatMap(([name, { hasOwnHint }]) =>
      hasOwnHint === true ? `operations.${method}.hint.${name}` : [],
    ),
  );
}

/** Keys of every status of the runtime. */
function statusKeys(): string[] {
  const errors = [...(Object.keys(ERRORS) as ErrorCode[]).map((code) => new DsmError(code, '')), new Error()];
  const fixed = Object.values<unknown>(status).filter((value) => typeof value === 'object');
  const all = [
    ...errors.map(status.errorStatus),
    ...Object.values(status.MISSING_STATUS),
    ...Object.values(status.WAITING),
    ...fixed,
  ] as {
    text?: string;
  }[];
  const keys = all
    .filter(({ text }) => text !== undefined)
    .map(({ text }) => {
      const [namespace, key] = (text ?? '').split(':');
      expect(namespace).toBe(`${manifest.name}/${SHARED}`);
      return key ?? '';
    });
  const line = ['bridge-reporter', 'status'].map((file) => read(`src/node-red/${file}.ts`)).join('\n');
  return [...keys, ...[...line.matchAll(/\bkey\('([\w-]+)'\)/g)].map(([, name = '']) => `status.${name}`)];
}

/** Keys of a form; those without a namespace are in its own set. */
function formKeys(set: string): string[] {
  const attributes = [...read(`nodes/${set}/${set}.html`).matchAll(/data-i18n="([^"]+)"/g)];
  return attributes.flatMap(([, value = '']) => value.split(';').map((part) => part.replace(/^\[[\w-]+\]/, '')));
}

/** The strings in single quotes in the form of keys: words with dots, of which the first is a root of the catalogue. */
function keysIn(code: string, set: string): string[] {
  const rootOf = (key: string): string => key.split('.')[0] ?? '';
  const roots = new Set([...catalogue(set, 'en-US').keys()].map(rootOf));
  const quoted = [...code.matchAll(/'([a-z][\w-]*(?:\.[\w-]+)+)'/g)].map(([, key = '']) => key);
  return quoted.filter((key) => roots.has(rootOf(key)));
}

function variables(text: string): string[] {
  return [...text.matchAll(/__\w+?__/g)].map(([name]) => name).sort();
}

/**
 * The headings, list terms and code of a help text. A field of the dialog is replaced by its key, because its label differs by
 * language.
 */
function outline(set: string, language: Language): string[] {
  const labels = [...catalogue(set, language)].filter(([key]) => key.includes('.label.'));
  const keyOf = (name: string): string => labels.find(([, label]) => label === name)?.[0] ?? name;
  const parts = help(set, language).matchAll(/<(h3|h4|tr|dt)\b[^>]*>(.*?)<\/\1>/g);
  return [...parts].map(([, tag = '', content = '']) => {
    if (tag === 'h3' || tag === 'h4') return tag;
    if (tag === 'tr') return [...content.matchAll(/<code>.*?<\/code>/g)].join(' ');
    const names = content.replace(/<span.*?<\/span>/g, '').replace(/<[^>]+>/g, '');
    return names
      .split(',')
      .map((name) => keyOf(name.trim()))
      .join(', ');
  });
}
