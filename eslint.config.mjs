import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import boundaries from 'eslint-plugin-boundaries';
import { defineConfig, globalIgnores } from 'eslint/config';
import ts from 'typescript-eslint';

const SRC = [
  'dsm',
  'active-backup',
  'tables',
  'settings',
  'storage',
  'monitor',
  'mqtt',
  'home-assistant',
  'bridge',
  'node-red',
  'editor',
];

/**
 * Who may import whom. `values` and `types` name rooms (types come with values); `packages` are npm packages,
 * `node: true` admits Node's own modules. What is not named here is refused; only a type of Node's may be used anywhere.
 */
const ROOMS = {
  dsm: { in: 'src/dsm/**', packages: ['axios'], node: true },
  'active-backup': { in: 'src/active-backup/**', values: ['dsm', 'tables'] },
  // Tables and pure functions, also for the editor and Home Assistant: they drag nothing else along.
  tables: {
    in: ['src/active-backup/{methods,codes,parameter-values,json-value,times}.ts', 'src/monitor/events.ts'],
    values: ['tables'],
    types: ['dsm', 'active-backup'],
  },
  // The rules about what a user may enter, for runtime and editor: pure.
  settings: { in: 'src/settings/**', values: ['tables'] },
  // Files on disk.
  storage: { in: 'src/storage/**', node: true },
  monitor: { in: 'src/monitor/**', values: ['active-backup', 'tables', 'storage'], types: ['dsm'], node: true },
  mqtt: { in: 'src/mqtt/**', packages: ['mqtt'], node: true },
  'home-assistant': {
    in: 'src/home-assistant/**',
    values: ['settings', 'tables'],
    types: ['active-backup', 'monitor'],
  },
  // One NAS on one broker: no type of Node-RED, no HTTP.
  bridge: {
    in: 'src/bridge/**',
    values: ['dsm', 'active-backup', 'tables', 'settings', 'storage', 'monitor', 'mqtt', 'home-assistant'],
    node: true,
  },
  'node-red': {
    in: 'src/node-red/**',
    values: SRC.filter((room) => room !== 'editor'),
    typePackages: ['node-red'],
    node: true,
  },
  node: { in: 'nodes/*/**', values: ['node-red'], types: SRC, typePackages: ['node-red'] },
  editor: {
    in: ['src/editor/**', 'nodes/*/*.editor.ts'],
    values: ['tables', 'settings'],
    types: SRC,
    typePackages: ['node-red', '@node-red/*'],
  },
};

/** Narrow rooms before the wide ones they lie in: the first match counts. */
const NARROW_FIRST = ['editor', 'tables'];

const rooms = Object.keys(ROOMS).sort((a, b) => NARROW_FIRST.includes(b) - NARROW_FIRST.includes(a));
const file = (categories) => ({ file: { categories } });
const npm = (source) => ({ module: { origin: 'external', source } });

const policies = Object.entries(ROOMS).flatMap(([room, may]) => [
  {
    from: file(room),
    allow: {
      to: [
        // Nodes are a room each.
        room === 'node'
          ? { file: { categories: 'node', captured: { node: '{{ from.file.captured.node }}' } } }
          : file(room),
        ...(may.values ?? []).map(file),
        ...(may.packages ?? []).map(npm),
        ...(may.node ? [{ module: { origin: 'core' } }] : []),
      ],
    },
  },
  {
    from: file(room),
    allow: {
      dependency: { kind: 'type' },
      to: [...(may.types ?? []).map(file), ...(may.typePackages ?? []).map(npm), { module: { origin: 'core' } }],
    },
  },
]);

const architecture = {
  files: ['src/**/*.ts', 'nodes/**/*.ts'],
  plugins: { boundaries },
  settings: {
    'import/resolver': { node: { extensions: ['.ts', '.js', '.json'] } },
    'boundaries/files': rooms.map((room) => ({
      category: room,
      pattern: ROOMS[room].in,
      ...(room === 'node' && { capture: ['node'] }),
    })),
    'boundaries/files-single-match': true,
  },
  rules: {
    'boundaries/no-unknown-files': 'error',
    'boundaries/dependencies': [
      'error',
      {
        default: 'disallow',
        checkAllOrigins: true,
        checkUnknownLocals: true,
        checkInternals: true,
        message:
          '{{from.file.categories}} may not import {{dependency.source}} (as a {{dependency.kind}}): see ROOMS in eslint.config.mjs',
        policies,
      },
    ],
  },
};

/** Rooms whose functions get the time as an argument and never wait. */
const timeless = {
  files: ['src/active-backup/**/*.ts', 'src/home-assistant/**/*.ts'],
  rules: {
    'no-restricted-globals': [
      'error',
      ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'performance'].map((name) => ({
        name,
        message: 'No timers in this room: whoever calls it waits.',
      })),
    ],
    'no-restricted-syntax': [
      'error',
      {
        selector:
          "CallExpression[callee.object.name='Date'][callee.property.name='now'], NewExpression[callee.name='Date'][arguments.length=0]",
        message: 'No clock in this room: take the time as an argument.',
      },
    ],
  },
};

/** A file that does more than one thing, or a function that does not fit on a screen, is split. */
const sizes = {
  files: ['src/**/*.ts', 'nodes/**/*.ts'],
  rules: {
    'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
  },
};

/** Tables, which are read row by row and may be longer. */
const TABLES = ['src/active-backup/methods.ts'];

export default defineConfig(
  globalIgnores(['dist', 'coverage', '.demo', '.build']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Brackets say: a field of foreign data, which may be missing.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      // An empty string is an answer that `||` is there to replace.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      eqeqeq: 'error',
    },
  },
  {
    // The editor's code has a project of its own, with the browser's types.
    files: ['src/editor/**/*.ts', 'nodes/**/*.editor.ts'],
    languageOptions: { parserOptions: { projectService: false, project: './tsconfig.editor.json' } },
  },
  { files: ['src/**/*.ts', 'nodes/**/*.ts'], rules: { 'no-console': 'error' } },
  sizes,
  { files: TABLES, rules: { 'max-lines': 'off' } },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off', // a wrong one is a failing test
      '@typescript-eslint/no-unsafe-assignment': 'off', // vitest's matchers are any: { id: expect.any(Number) }
    },
  },
  architecture,
  timeless,
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', SharedArrayBuffer: 'readonly', Atomics: 'readonly' },
    },
  },
  prettier,
);
