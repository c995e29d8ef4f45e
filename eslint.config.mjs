import { dirname } from 'node:path';
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
  'report',
  'bridge',
  'client',
  'cli',
  'node-red',
  'editor',
];

/**
 * The allowed imports of each folder; `tables` is a group of files in two of them. `values` and `types` name folders (types
 * come with values), `packages` npm packages; `node: true` allows Node's own modules. Any other import is an error, except of
 * the types of Node's modules.
 */
const ALLOWED_IMPORTS = {
  dsm: { in: 'src/dsm/**', packages: ['axios'], node: true },
  'active-backup': { in: 'src/active-backup/**', values: ['dsm', 'tables'] },
  // Tables and pure functions, which the editor and `home-assistant` import too: they import nothing but each other.
  tables: {
    in: [
      'src/active-backup/{methods,codes,parameter-values,json-value,known-values}.ts',
      'src/monitor/{events,protection-types,unusual}.ts',
    ],
    values: ['tables'],
    types: ['dsm', 'active-backup'],
  },
  // Rules for the values that a user enters, for runtime and editor: pure functions.
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
  // What the monitor knows, written for people and for Prometheus: pure functions.
  report: {
    in: 'src/report/**',
    values: ['home-assistant', 'settings', 'tables'],
    types: ['active-backup', 'monitor'],
  },
  // One NAS on one broker: no types of Node-RED, no HTTP.
  bridge: {
    in: 'src/bridge/**',
    values: ['dsm', 'active-backup', 'tables', 'settings', 'storage', 'monitor', 'mqtt', 'home-assistant'],
    node: true,
  },
  // One NAS for nodes and programs: no types of Node-RED.
  client: {
    in: 'src/client/**',
    values: ['dsm', 'active-backup', 'tables', 'settings', 'storage', 'monitor', 'report'],
    types: ['home-assistant'],
    node: true,
  },
  // The command `active-backup`.
  cli: {
    in: 'src/cli/**',
    values: ['client', 'dsm', 'active-backup', 'tables', 'settings', 'monitor', 'report'],
    node: true,
  },
  'node-red': {
    in: 'src/node-red/**',
    values: SRC.filter((folder) => folder !== 'editor' && folder !== 'cli'),
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

/** These contain files of other folders, so they come first: the first match counts. */
const FIRST = ['editor', 'tables'];

const folders = Object.keys(ALLOWED_IMPORTS).sort((a, b) => FIRST.includes(b) - FIRST.includes(a));
const file = (categories) => ({ file: { categories } });
const npm = (source) => ({ module: { origin: 'external', source } });

const policies = Object.entries(ALLOWED_IMPORTS).flatMap(([folder, allowed]) => [
  {
    from: file(folder),
    allow: {
      to: [
        // A node may import its own files, not those of another node.
        folder === 'node'
          ? { file: { categories: 'node', captured: { node: '{{ from.file.captured.node }}' } } }
          : file(folder),
        ...(allowed.values ?? []).map(file),
        ...(allowed.packages ?? []).map(npm),
        ...(allowed.node ? [{ module: { origin: 'core' } }] : []),
      ],
    },
  },
  {
    from: file(folder),
    allow: {
      dependency: { kind: 'type' },
      to: [
        ...(allowed.types ?? []).map(file),
        ...(allowed.typePackages ?? []).map(npm),
        { module: { origin: 'core' } },
      ],
    },
  },
]);

const architecture = {
  files: ['src/**/*.ts', 'nodes/**/*.ts'],
  plugins: { boundaries },
  settings: {
    'import/resolver': { node: { extensions: ['.ts', '.js', '.json'] } },
    'boundaries/files': folders.map((folder) => ({
      category: folder,
      pattern: ALLOWED_IMPORTS[folder].in,
      ...(folder === 'node' && { capture: ['node'] }),
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
          '{{from.file.categories}} may not import {{dependency.source}} (as a {{dependency.kind}}): see ALLOWED_IMPORTS in eslint.config.mjs',
        policies,
      },
    ],
  },
};

/** Folders whose functions take the time as an argument and set no timers. */
const timeless = {
  files: ['src/active-backup/**/*.ts', 'src/home-assistant/**/*.ts', 'src/report/**/*.ts'],
  rules: {
    'no-restricted-globals': [
      'error',
      ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'performance'].map((name) => ({
        name,
        message: 'No timers in this folder: the caller waits.',
      })),
    ],
    'no-restricted-syntax': [
      'error',
      {
        selector:
          "CallExpression[callee.object.name='Date'][callee.property.name='now'], NewExpression[callee.name='Date'][arguments.length=0]",
        message: 'No clock in this folder: take the time as an argument.',
      },
    ],
  },
};

/** The libraries, each with the file whose function loads it at its first use. Elsewhere its folder may import types of it. */
const LOADED_AT_FIRST_USE = { axios: 'src/dsm/axios.ts', mqtt: 'src/mqtt/library.ts' };

const loadedAtFirstUse = Object.entries(LOADED_AT_FIRST_USE).flatMap(([name, file]) => [
  {
    files: [`${dirname(file)}/**/*.ts`],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { name, allowTypeImports: true, message: `It is loaded at its first use, by ${file}` },
      ],
    },
  },
  { files: [file], rules: { '@typescript-eslint/no-require-imports': ['error', { allow: [`^${name}$`] }] } },
]);

/** Blank lines and comments do not count. */
const sizes = {
  files: ['src/**/*.ts', 'nodes/**/*.ts'],
  rules: {
    'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
  },
};

/** Tables, which may be longer than other files. */
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
      // Brackets mark a field of foreign data, which may be missing.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      // `||` is allowed for strings, where it also replaces an empty one.
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
  ...loadedAtFirstUse,
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', SharedArrayBuffer: 'readonly', Atomics: 'readonly' },
    },
  },
  prettier,
);
