import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { root } from '../../scripts/root';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const WORKFLOWS = readdirSync(join(root, '.github', 'workflows')).map((name) => `.github/workflows/${name}`);
const TEMPLATES = readdirSync(join(root, '.github', 'ISSUE_TEMPLATE')).map((name) => `.github/ISSUE_TEMPLATE/${name}`);

test('each test that SECURITY.md names exists', () => {
  const named = [...read('SECURITY.md').matchAll(/`(test\/[^`]+)`/g)].map(([, file]) => file!);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test.each([...WORKFLOWS, 'docs/release.md', 'CONTRIBUTING.md'])('%s runs no script that does not exist', (file) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [...read(file).matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!);
  expect(named).not.toEqual([]);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('CONTRIBUTING.md names every variable that sets how many random cases are tried', () => {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const variables = files.flatMap((file) =>
    [
      ...read(`test/${file}`).matchAll(/process\.env(?:\.|\[')(\w+_(?:SEQUENCES|SEEDS|NASES|GAPS|RUNS|SECTIONS))\b/g),
    ].map(([, name]) => name!),
  );
  expect(variables.length).toBeGreaterThan(5);
  const text = read('CONTRIBUTING.md');
  expect([...new Set(variables)].filter((name) => !text.includes(`${name}=`))).toEqual([]);
});

test.each(WORKFLOWS)('%s is YAML with jobs that have steps', (file) => {
  const { jobs } = load(read(file)) as { jobs: Record<string, { steps: unknown[] }> };
  for (const { steps } of Object.values(jobs)) expect(steps.length).toBeGreaterThan(0);
});

test.each(TEMPLATES)('%s is YAML', (file) => {
  expect(load(read(file))).toBeTypeOf('object');
});
