import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/root';

/** Files whose comments, or text, refer to the documentation. */
const FILES = ['src', 'nodes', 'test', 'scripts', 'docs']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  )
  .concat('README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'eslint.config.mjs', 'vitest.config.mjs')
  .filter((path) => /\.(?:ts|mts|mjs|html|md)$/.test(path));

/** A page, and the sections named right behind it: `docs/facts/dsm.md §2.9, §3.1`. */
const REFERENCE = /\bdocs\/[\w/-]+\.md(?:\s+§[\d.]+(?:(?:,|–| and)\s+§[\d.]+|–§?[\d.]+)*)?/g;
/** A numbered heading, or a numbered item of a list. */
const SECTION = /^(?:#{2,3} |- \*\*)(\d+(?:\.\d+)?) /gm;

interface Reference {
  readonly file: string;
  readonly page: string;
  readonly sections: readonly string[];
}

/** Comments are wrapped: a line break with the start of the next comment line is a blank. */
function referencesIn(file: string): Reference[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/\n\s*(?:\*|\/\/)?\s*/g, ' ');
  return [...text.matchAll(REFERENCE)].map(([reference]) => ({
    file,
    page: reference.slice(0, reference.indexOf('.md') + '.md'.length),
    sections: [...reference.matchAll(/[§–](\d+(?:\.\d+)?)/g)].map(([, section]) => section!),
  }));
}

function sectionsOf(page: string): Set<string> {
  return new Set([...readFileSync(join(root, page), 'utf8').matchAll(SECTION)].map(([, section]) => section!));
}

const references = FILES.flatMap(referencesIn);

test('each page that is referred to exists', () => {
  expect(references.filter(({ page }) => !existsSync(join(root, page)))).toEqual([]);
});

test('each section that is referred to exists', () => {
  const sections = new Map([...new Set(references.map(({ page }) => page))].map((page) => [page, sectionsOf(page)]));
  const missing = references.filter(({ page, sections: named }) =>
    named.some((section) => !sections.get(page)?.has(section)),
  );
  expect(missing).toEqual([]);
});

test('no reference leads out of the repository', () => {
  const old = FILES.flatMap((file) => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n');
    return lines.filter((line) => /\b(?:INTERFACE|FACTS|facts) \d/.test(line)).map((line) => `${file}: ${line}`);
  });
  expect(old).toEqual([]);
});

test('each link of a page leads to a file', () => {
  const broken = FILES.filter((file) => file.endsWith('.md')).flatMap((file) => {
    const links = [...readFileSync(join(root, file), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(
      ([, link]) => link!,
    );
    return links.filter((link) => !existsSync(join(root, file, '..', link))).map((link) => `${file}: ${link}`);
  });
  expect(broken).toEqual([]);
});

test('each path that a page names exists', () => {
  const missing = FILES.filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md').flatMap((file) => {
    const paths = readFileSync(join(root, file), 'utf8').matchAll(
      /`((?:src|test|nodes|docs|scripts|examples|icons)\/[\w/.-]+)`/g,
    );
    return [...paths].filter(([, path]) => !existsSync(join(root, path!))).map(([, path]) => `${file}: ${path}`);
  });
  expect(missing).toEqual([]);
});

test.each(['facts/dsm.md', 'facts/home-assistant.md', 'facts/node-red.md', 'interface.md'])(
  'no number of a section occurs twice in %s',
  (page) => {
    const numbers = [...readFileSync(join(root, 'docs', page), 'utf8').matchAll(SECTION)].map(([, section]) => section);
    expect(numbers).toEqual([...new Set(numbers)]);
  },
);
