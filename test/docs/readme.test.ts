import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { absoluteReadme, relativeReadme } from '../../scripts/build/readme';
import { root } from '../../scripts/root';
import { manifest } from '../../scripts/site/pages';
import { failureWith, taskWith } from '../home-assistant/examples';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The paths of the fields of an object: `devices.0.name`. */
function fieldsOf(value: unknown, path: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return [path.join('.')];
  return Object.entries(value).flatMap(([name, inner]) => fieldsOf(inner, [...path, name]));
}

test('the packed README has absolute addresses only, and the repository gets its own back', () => {
  const packed = absoluteReadme(readme, manifest);
  expect([...packed.matchAll(/\]\((?!https:|#)[^)]*\)/g)].map(([link]) => link)).toEqual([]);
  expect(packed).toMatch(/!\[[^\]]*\]\(https:\/\/raw\.githubusercontent\.com\/[^)]+\/docs\/images\/[\w-]+\.png\)/);
  expect(relativeReadme(packed, manifest)).toBe(readme);
});

test('the task in the README has only fields that a task has', () => {
  const [sample = '{}'] = [...readme.matchAll(/```json\n([^`]+)```/g)].map(([, json = '']) => json);
  const task = { ...taskWith().task, lastResult: failureWith() };
  expect(fieldsOf(task)).toEqual(expect.arrayContaining(fieldsOf(JSON.parse(sample))));
});

test('each example that a page names exists, and each folder of examples is in the README', () => {
  for (const folder of ['1-basics', '2-notifications', '3-reports', '4-monitoring', '5-automation'])
    expect(readme).toContain(`\`${folder}\``);
  const pages = ['README.md', 'docs/home-assistant.md', 'docs/reports.md', 'docs/de/quick-start.md'];
  const named = pages.flatMap((page) => [
    ...readFileSync(join(root, page), 'utf8').matchAll(/(\d-[a-z]+) → (\d\d-[\w-]+)/g),
  ]);
  expect(named.length).toBeGreaterThan(3);
  for (const [, folder = '', name = ''] of named)
    expect(() => readFileSync(join(root, 'examples', folder, `${name}.json`))).not.toThrow();
});
