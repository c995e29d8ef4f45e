import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sourceFiles } from '../scripts/docs/imports';
import { commentsIn, declaredNames, testTitles, type SourceText } from '../scripts/docs/names';
import { root } from '../scripts/root';

/** Words that are not names here: a poll is a poll, a snapshot a snapshot, retained state retained state. */
const WORDS = [
  ['look', 'looks', 'picture', 'pictures', 'portrait', 'portraits', 'shelf', 'shelves', 'seat', 'seats', 'survey'],
  ['surveys', 'roster', 'rosters', 'desk', 'desks', 'farewell', 'farewells', 'hearing', 'hearings', 'telling'],
  ['tellings', 'standing', 'standings', 'gathering', 'gatherings', 'trouble', 'troubles', 'verdict', 'verdicts'],
  ['complaint', 'complaints', 'marks', 'newest', 'surroundings', 'pace', 'paces', 'alarms', 'told', 'crumb', 'crumbs'],
].flat();
const FORBIDDEN = new Set(WORDS);

/** Names with such a word that stay, and why. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ['newestFirst', 'an order, in plain English'],
  ['entity_picture', 'a key of Home Assistant'],
  ['entity_picture?', 'the same key, optional'],
]);

/** A cheap test of a whole file, before its syntax is read: whether it has one of the words, also as a part of another. */
const ANY_WORD = new RegExp(WORDS.join('|'), 'i');

/** Such words as nouns in prose; `look`, `standing`, `trouble` … may be plain English there. */
const NOUNS = new RegExp(
  String.raw`\b(?:portrait|shel(?:f|ves)|seat|survey|roster|farewell|hearing|surroundings|crumb|verdict|complaint)s?\b|` +
    String.raw`\b(?:an?|the|each|every|one|two|three|first|last|next|this|of|between|no|same|per|other|new) looks?\b`,
  'i',
);

/** A cheap test of a whole file for these nouns: their words alone, since a comment may continue on the next line. */
const ANY_NOUN =
  /portrait|shelf|shelves|seat|survey|roster|farewell|hearing|surroundings|crumb|verdict|complaint|look/i;

/** The words of a name in camelCase, snake_case or kebab-case, in lower case. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z]+/)
    .map((word) => word.toLowerCase());
}

const isForbidden = (name: string): boolean =>
  !EXCEPTIONS.has(name) && wordsOf(name).some((word) => FORBIDDEN.has(word));
const listed = (texts: readonly SourceText[]): string[] =>
  texts.map(({ file, line, text }) => `${file}:${line} ${text}`);

const code = sourceFiles(['src', 'nodes', 'test', 'scripts']);
/** The files whose text has a match. */
const filesWith = (pattern: RegExp): string[] =>
  code.filter((path) => pattern.test(readFileSync(join(root, path), 'utf8')));
const pages = ['docs', 'docs/facts', 'docs/decisions', '.'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

test('no name has one of the words', { timeout: 120_000 }, () => {
  expect(
    listed(
      filesWith(ANY_WORD)
        .flatMap(declaredNames)
        .filter(({ text }) => isForbidden(text)),
    ),
  ).toEqual([]);
});

test('no path has one of the words', () => {
  expect([...code, ...pages].filter(isForbidden)).toEqual([]);
});

test('no comment has one of the words as a noun', { timeout: 120_000 }, () => {
  expect(
    listed(
      filesWith(ANY_NOUN)
        .flatMap(commentsIn)
        .filter(({ text }) => NOUNS.test(text)),
    ),
  ).toEqual([]);
});

test('no title of a test has one of the words as a noun', () => {
  const titles = filesWith(ANY_NOUN)
    .filter((path) => path.endsWith('.test.ts'))
    .flatMap(testTitles);
  expect(listed(titles.filter(({ text }) => NOUNS.test(text)))).toEqual([]);
});

test.each(pages)('no line of %s has one of the words as a noun', (page) => {
  const lines = readFileSync(join(root, page), 'utf8').split('\n');
  expect(lines.filter((line) => NOUNS.test(line) || (line.startsWith('#') && isForbidden(line)))).toEqual([]);
});

test('each exception is still a name', { timeout: 120_000 }, () => {
  const names = new Set(
    filesWith(ANY_WORD)
      .flatMap(declaredNames)
      .map(({ text }) => text),
  );
  expect([...EXCEPTIONS.keys()].filter((name) => !names.has(name))).toEqual([]);
});
