import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { documentationFiles } from '../../scripts/docs/files';
import { root } from '../../scripts/root';
import { topicsOf } from '../../src/home-assistant/topics';
import { TOPIC_TABLE } from '../../src/home-assistant/topic-table';
import { schemaAt } from './schema-check';

const files = await documentationFiles();

test.each([...files])('%s is what `npm run docs` makes', async (path, content) => {
  expect(await readFile(join(root, path), 'utf8')).toBe(content);
});

test('there is no outdated schema file', async () => {
  const made = [...files.keys()].filter((path) => path.startsWith('schemas')).map((path) => basename(path));
  expect((await readdir(join(root, 'schemas'))).sort()).toEqual(made.sort());
});

test('each topic is in the table of topics', () => {
  const { commands, ...all } = topicsOf('base', 'nas');
  const own = [all.bridge, all.connection, all.state, all.event, all.command, all.response];
  const topics = [...own, ...Object.values({ ...all.task(1) }), all.storage(2).state, all.device(3).state];
  expect(topics.map((topic) => schemaAt(topic, 'base', 'nas'))).toHaveLength(TOPIC_TABLE.length);
  expect(commands).toEqual(['base/nas/command', 'base/nas/task/+/command']);
});

test('the page links to each schema, and to nothing else', () => {
  const page = files.get(join('docs', 'mqtt.md'))!;
  const links = [...page.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link!);
  const schemas = links.filter((link) => link.startsWith('../')).map((link) => link.slice('../'.length));
  expect(new Set(schemas)).toEqual(new Set([...files.keys()].filter((path) => path.startsWith('schemas'))));
  for (const link of links.filter((each) => each.startsWith('#')))
    expect(page.toLowerCase()).toContain(`\n## ${link.slice(1).replaceAll('-', ' ')}\n`);
});
