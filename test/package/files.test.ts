import { homedir } from 'node:os';
import { inject, expect, test } from 'vitest';
import { root } from '../../scripts/root';
import { filesOfSet } from '../../scripts/build/verify';
import { builtSets, manifest, textOf } from '../support/built';

const packed = inject('packedFiles');

const ALLOWED = [
  /^dist\/src\/[\w/-]+\.js$/,
  // The types of `./client`.
  /^dist\/src\/(client|dsm|active-backup|monitor|report|settings|storage|home-assistant)\/[\w/-]+\.d\.ts$/,
  /^dist\/nodes\/([\w-]+)\/\1\.(js|html)$/,
  /^dist\/nodes\/([\w-]+)\/locales\/(en-US|de)\/\1\.(json|html)$/,
  /^dist\/nodes\/([\w-]+)\/icons\/active-backup-\1\.svg$/,
  /^examples\/\d-[\w-]+\/\d\d-[\w-]+\.json$/,
  /^schemas\/[\w-]+\.schema\.json$/,
  /^(README\.md|CHANGELOG\.md|LICENSE|package\.json)$/,
];

test('the package holds only files for Node-RED and its users', () => {
  expect(packed.filter((file) => !ALLOWED.some((pattern) => pattern.test(file)))).toEqual([]);
});

test('the package holds every file of every node set', () => {
  const needed = builtSets().flatMap(({ name, folder }) => filesOfSet(name).map((file) => `${folder}/${file}`));
  expect(packed).toEqual(expect.arrayContaining([...needed, 'README.md', 'CHANGELOG.md', 'LICENSE', 'package.json']));
});

test.each(packed)('%s has no path of the machine that built it and no secret', (file) => {
  const text = textOf(file);
  for (const place of [root, homedir()].filter((path) => path.length > 1)) expect(text).not.toContain(`${place}/`);
  expect(text).not.toMatch(/-----BEGIN [A-Z ]*PRIVATE KEY-----|_authToken|npm_[A-Za-z0-9]{36}|sourceMappingURL/);
});

test('every module that the package requires at run time is a dependency', () => {
  const files = packed.filter((file) => /^dist\/.*\.js$/.test(file));
  const required = files.flatMap((file) =>
    [...textOf(file).matchAll(/\brequire\((["'])((?!\.).+?)\1\)/g)].map(([, , name]) => name),
  );
  const packages = new Set(required.filter((name) => name?.startsWith('node:') === false));
  expect([...packages].sort()).toEqual(['axios', 'mqtt']);
  expect(Object.keys(manifest.dependencies ?? {})).toEqual(expect.arrayContaining([...packages]));
});

test('the lockfile names no registry', () => {
  expect(textOf('package-lock.json')).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
});
