import { expect, test } from 'vitest';
import { posix } from 'node:path';
import { homePage, siteConfig } from '../../scripts/site/config';
import { exampleFiles, manifest, repositoryUrl, sitePages } from '../../scripts/site/pages';

const pages = sitePages();
const paths = new Set(pages.map(({ path }) => path));

test('the site has a page for each node in each language, and one for each recipe', () => {
  const nodes = Object.keys(manifest['node-red'].nodes);
  const recipes = exampleFiles().map((file) => `recipes/${posix.basename(file, '.json')}`);
  const expected = [...nodes.map((set) => `nodes/${set}`), ...nodes.map((set) => `de/nodes/${set}`), ...recipes];
  expect([...paths]).toEqual(expect.arrayContaining(expected));
  expect(paths.size).toBe(pages.length);
});

test('each page of the site has a title and a place in the menu', () => {
  expect(pages.filter(({ title }) => title === '')).toEqual([]);
  const menu = JSON.stringify(siteConfig(pages));
  expect(pages.filter(({ path }) => !menu.includes(`"/${path}"`)).map(({ path }) => path)).toEqual([]);
});

test('each link between pages of the site leads to a page', () => {
  const broken = pages.flatMap(({ path, text }) => {
    const links = [...text.matchAll(/\]\((?!https?:|#|\/)([^)#\s]+)\.md/g)].map(([, link = '']) => link);
    return links
      .map((link) => posix.join(posix.dirname(path), link))
      .filter((link) => !paths.has(link))
      .map((link) => `${path}: ${link}`);
  });
  expect(broken).toEqual([]);
});

test('links out of the site lead to the repository that package.json names', () => {
  const links = pages.flatMap(({ text }) => [...text.matchAll(/\((https:\/\/github\.com\/[^)\s]+\/blob\/[^)\s]+)\)/g)]);
  expect(links.length).toBeGreaterThan(0);
  for (const [, link] of links) expect(link).toMatch(new RegExp(`^${repositoryUrl}/`));
});

test('each link to a section of a page of the site has the id of a heading there', () => {
  const ids = new Map(
    pages.map(({ path, text }) => [path, new Set([...text.matchAll(/^##+ .* \{#(.+)\}$/gm)].map(([, id]) => id))]),
  );
  const links = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:|\/)([^)#\s]*?)(?:\.md)?#([^)\s]+)\)/g)].map(([, page = '', id = '']) => ({
      from: path,
      to: page === '' ? path : posix.join(posix.dirname(path), page),
      id,
    })),
  );
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter(({ to, id }) => !ids.get(to)?.has(id))).toEqual([]);
});

test('the first page leads to pages of the site', () => {
  for (const language of ['en', 'de'] as const) {
    const links = [...homePage(language).matchAll(/"link":"\/([^"]+)"/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((link) => !paths.has(link))).toEqual([]);
  }
});
