import { ESLint } from 'eslint';
import { describe, expect, test } from 'vitest';
import tseslint from 'typescript-eslint';
import { folderOf } from '../scripts/docs/architecture';
import { cyclesIn } from '../scripts/docs/cycles';
import { importsOf, sourceFiles, type Import } from '../scripts/docs/imports';
import { exportedNames } from '../scripts/docs/names';
import { root } from '../scripts/root';

/** The project's own lint rules, without those that need a type checker: the files here do not exist. */
const eslint = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });

/** The rules that a file with this content would break. */
async function broken(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: `${root}/${filePath}` });
  return result?.messages.map((message) => message.ruleId ?? message.message) ?? [];
}

const REFUSED = ['boundaries/dependencies'];
const value = (path: string): string => `import { x } from '${path}'; x();`;
const type = (path: string): string => `import type { X } from '${path}'; export type Y = X;`;

test.each([
  ['src/dsm/new.ts', value('./errors')],
  ['src/dsm/new.ts', type('axios')],
  ['src/mqtt/new.ts', type('mqtt')],
  ['src/dsm/new.ts', value('node:tls')],
  ['src/active-backup/new.ts', value('../dsm/errors')],
  ['src/active-backup/new.ts', value('./methods')],
  ['src/active-backup/new.ts', type('node:tls')],
  ['src/monitor/new.ts', value('../active-backup/methods')],
  ['src/monitor/new.ts', type('../dsm/errors')],
  ['src/monitor/new.ts', value('node:fs/promises')],
  ['src/monitor/new.ts', value('../storage/json-file')],
  ['src/storage/new.ts', value('./text-file')],
  ['src/storage/new.ts', value('node:fs')],
  ['src/node-red/new.ts', value('../storage/json-file')],
  ['src/home-assistant/new.ts', type('../active-backup/types')],
  ['src/node-red/new.ts', value('../dsm/diskstation')],
  ['src/node-red/new.ts', value('../active-backup/methods')],
  ['src/node-red/new.ts', type('node-red')],
  ['src/node-red/new.ts', value('../bridge/bridge')],
  ['src/bridge/new.ts', value('../mqtt/publisher')],
  ['src/bridge/new.ts', value('../home-assistant/discovery')],
  ['src/bridge/new.ts', value('../monitor/nas-monitor')],
  ['src/bridge/new.ts', value('../storage/journal')],
  ['src/client/new.ts', value('../monitor/nas-monitor')],
  ['src/cli/new.ts', value('../client/nas-client')],
  ['src/node-red/new.ts', value('../client/nas-connection')],
  ['nodes/task-list/task-list.ts', value('../../src/node-red/input')],
  ['nodes/task-list/task-list.ts', type('../../src/active-backup/types')],
  ['nodes/task-list/task-list.ts', type('node-red')],
  ['nodes/task-list/task-list.editor.ts', value('../../src/active-backup/methods')],
  ['nodes/task-list/task-list.editor.ts', type('../../src/node-red/settings')],
  ['src/editor/new.ts', value('../active-backup/methods')],
  ['src/editor/new.ts', value('../active-backup/parameter-values')],
  ['src/editor/new.ts', value('../settings/rules')],
  ['src/settings/new.ts', value('../active-backup/methods')],
  ['src/settings/new.ts', value('../monitor/events')],
  ['src/node-red/new.ts', value('../settings/rules')],
  ['src/bridge/new.ts', value('../settings/limits')],
  ['src/home-assistant/new.ts', value('../settings/limits')],
  ['src/home-assistant/new.ts', value('../active-backup/codes')],
  ['src/editor/new.ts', value('../monitor/events')],
  ['src/monitor/new.ts', value('./events')],
  ['src/monitor/events.ts', type('../active-backup/types')],
  ['src/node-red/new.ts', value('../monitor/events')],
])('%s may contain: %s', async (file, code) => {
  expect(await broken(file, code)).toEqual([]);
});

test.each([
  ['src/dsm/new.ts', value('../active-backup/methods')],
  ['src/dsm/new.ts', type('node-red')],
  ['src/active-backup/new.ts', value('axios')],
  ['src/active-backup/new.ts', value('../node-red/input')],
  ['src/active-backup/new.ts', value('node:fs')],
  ['src/active-backup/methods.ts', value('../dsm/errors')],
  ['src/active-backup/new.ts', value('../settings/rules')],
  ['src/monitor/new.ts', value('../settings/rules')],
  ['src/settings/new.ts', value('../dsm/errors')],
  ['src/settings/new.ts', value('../active-backup/filter')],
  ['src/settings/new.ts', value('node:net')],
  ['src/settings/new.ts', type('../node-red/types')],
  ['src/settings/new.ts', type('node-red')],
  ['src/monitor/events.ts', value('./change-detection')],
  ['src/monitor/events.ts', value('../active-backup/glob')],
  ['src/monitor/new.ts', value('../dsm/errors')],
  ['src/monitor/new.ts', value('axios')],
  ['src/monitor/new.ts', `export * from '../dsm/errors';`],
  ['src/monitor/new.ts', `export const x = await import('../dsm/errors');`],
  ['src/storage/new.ts', type('../monitor/monitor-state')],
  ['src/storage/new.ts', type('../active-backup/types')],
  ['src/storage/new.ts', value('axios')],
  ['src/mqtt/new.ts', value('../storage/json-file')],
  ['src/mqtt/new.ts', type('../active-backup/types')],
  ['src/mqtt/new.ts', type('../dsm/errors')],
  ['src/home-assistant/new.ts', value('../active-backup/filter')],
  ['src/home-assistant/new.ts', value('node:crypto')],
  ['src/bridge/new.ts', type('node-red')],
  ['src/bridge/new.ts', type('../node-red/nas-registry')],
  ['src/bridge/new.ts', value('axios')],
  ['src/mqtt/new.ts', type('../home-assistant/topics')],
  ['src/client/new.ts', type('node-red')],
  ['src/client/new.ts', value('../bridge/nas-identity')],
  ['src/cli/new.ts', type('../node-red/settings')],
  ['src/node-red/new.ts', value('../cli/main')],
  ['src/node-red/new.ts', value('axios')],
  ['src/node-red/new.ts', value('node-red')],
  ['src/node-red/new.ts', value('../../nodes/nas/nas')],
  ['src/node-red/new.ts', value('../../scripts/root')],
  ['nodes/task-list/task-list.ts', value('../../src/dsm/errors')],
  ['nodes/task-list/task-list.ts', type('../nas/nas')],
  ['nodes/task-list/task-list.ts', value('node:fs')],
  ['nodes/task-list/task-list.ts', value('./task-list.editor')],
  ['nodes/task-list/task-list.editor.ts', value('./task-list')],
  ['nodes/task-list/task-list.editor.ts', value('../../src/node-red/input')],
  ['src/editor/new.ts', value('../active-backup/active-backup')],
  ['src/editor/new.ts', value('../monitor/change-detection')],
])('%s may not contain: %s', async (file, code) => {
  expect(await broken(file, code)).toEqual(REFUSED);
});

test.each([
  ['src/active-backup/new.ts', 'setTimeout(String, 1);', ['no-restricted-globals']],
  ['src/active-backup/new.ts', 'export const now = new Date();', ['no-restricted-syntax']],
  ['src/home-assistant/new.ts', 'export const now = Date.now();', ['no-restricted-syntax']],
  ['src/home-assistant/new.ts', "export const then = new Date('2026-01-01');", []],
  ['src/dsm/new.ts', 'setTimeout(String, 1);', []],
])('no clock and no timers: %s with %s breaks the rules', async (file, code, rules) => {
  expect(await broken(file, code)).toEqual(rules);
});

test.each([
  ['src/dsm/new.ts', value('axios'), ['@typescript-eslint/no-restricted-imports']],
  ['src/dsm/new.ts', "export const axios: unknown = require('axios');", ['@typescript-eslint/no-require-imports']],
  ['src/dsm/axios.ts', "export const axios: unknown = require('axios');", []],
  ['src/dsm/axios.ts', "export const tls: unknown = require('node:tls');", ['@typescript-eslint/no-require-imports']],
  ['src/mqtt/new.ts', value('mqtt'), ['@typescript-eslint/no-restricted-imports']],
  ['src/mqtt/library.ts', "export const mqtt: unknown = require('mqtt');", []],
])('a library is loaded at its first use, in one place: %s with %s breaks the rules', async (file, code, rules) => {
  expect(await broken(file, code)).toEqual(rules);
});

/** The table of docs/architecture.md: the folders that each folder may import, types included. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  dsm: [],
  'active-backup': ['dsm'],
  settings: ['active-backup', 'monitor'],
  storage: [],
  monitor: ['active-backup', 'storage', 'dsm'],
  mqtt: [],
  'home-assistant': ['active-backup', 'monitor', 'settings'],
  report: ['active-backup', 'monitor', 'settings', 'home-assistant'],
  bridge: ['monitor', 'home-assistant', 'mqtt', 'storage', 'active-backup', 'dsm', 'settings'],
  client: ['dsm', 'active-backup', 'settings', 'storage', 'monitor', 'report', 'home-assistant'],
  cli: ['client', 'dsm', 'active-backup', 'settings', 'monitor', 'report'],
  'node-red': [
    ...['dsm', 'active-backup', 'settings', 'storage', 'monitor', 'mqtt', 'home-assistant', 'report', 'bridge'],
    'client',
  ],
  editor: ['settings', 'active-backup', 'monitor', 'node-red'],
  nodes: ['node-red'],
};

/** Files of tables and pure functions: a folder that may import only types of their folder may import values of them. */
const TABLES = new Set([
  ...['methods', 'codes', 'parameter-values', 'json-value', 'known-values'].map(
    (name) => `src/active-backup/${name}.ts`,
  ),
  'src/monitor/events.ts',
]);

/** The folders of which a folder may import types only. */
const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = {
  monitor: ['dsm'],
  'home-assistant': ['active-backup', 'monitor'],
  report: ['active-backup', 'monitor'],
  client: ['home-assistant'],
  editor: ['node-red'],
};

describe('the imports of all files', () => {
  const files = sourceFiles();
  const imports = importsOf(files);

  test('each folder is in the table, and each entry is a folder', () => {
    expect(Object.keys(MAY_IMPORT).sort()).toEqual([...new Set(files.map(folderOf))].sort());
  });

  test.each(Object.keys(MAY_IMPORT))('%s imports only what the table allows', (name) => {
    const foreign = imports.filter(({ from, to }) => folderOf(from) === name && folderOf(to) !== name);
    const refused = foreign.filter(({ to, isType }) => {
      const isAllowed = MAY_IMPORT[name]?.includes(folderOf(to)) === true;
      return !isAllowed || (!isType && !TABLES.has(to) && TYPES_ONLY[name]?.includes(folderOf(to)) === true);
    });
    expect(refused.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test('no node imports another node', () => {
    const folder = (path: string): string => path.split('/').slice(0, 2).join('/');
    const between = imports.filter(({ from, to }) => to.startsWith('nodes/') && folder(from) !== folder(to));
    expect(between).toEqual([]);
  });

  test('there are no import cycles, not even of types', () => expect(cyclesIn(imports)).toEqual([]));

  test('an import of a type closes a cycle like any other', () => {
    const between = (from: string, to: string, isType = false): Import => ({ from, to, isType });
    expect(cyclesIn([between('a', 'b'), between('b', 'c', true), between('c', 'a', true), between('c', 'd')])).toEqual([
      ['a', 'b', 'c'],
    ]);
  });

  test('each exported name is exported by one file of src', () => {
    const places = new Map<string, string[]>();
    for (const { file, text } of files.filter((path) => path.startsWith('src/')).flatMap(exportedNames)) {
      places.set(text, [...new Set([...(places.get(text) ?? []), file])]);
    }
    expect(Object.fromEntries([...places].filter(([, where]) => where.length > 1))).toEqual({});
  });
});
