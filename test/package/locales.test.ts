import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../scripts/build/verify';
import { builtSets, catalogueOf, textOf } from '../support/built';

/** Keys in a node's html; those with a colon belong to Node-RED. */
function keysIn(html: string): string[] {
  const attributes = [...html.matchAll(/data-i18n="([^"]+)"/g)].flatMap(([, value = '']) => value.split(';'));
  const keys = attributes.map((key) => key.replace(/^\[[^\]]*\]/, ''));
  return keys.filter((key) => !key.includes(':'));
}

/** Every `__name__` in a text, which i18next replaces by a value. */
const placeholders = (text: string): string[] => [...text.matchAll(/__\w+?__/g)].map(([name]) => name).sort();

describe.each(builtSets())('the set $name', ({ name, folder, definition }) => {
  const catalogues = LANGUAGES.map((language) => catalogueOf(`${folder}/locales/${language}/${name}.json`));
  const [english = new Map<string, string>(), german = new Map<string, string>()] = catalogues;

  test('has the same keys and placeholders in both languages', () => {
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [key, text] of english) {
      expect(text.trim(), key).not.toBe('');
      expect(german.get(key)?.trim(), key).not.toBe('');
      expect(placeholders(german.get(key) ?? ''), key).toEqual(placeholders(text));
    }
  });

  test('has a text for every key in its form', () => {
    const form = textOf(`${folder}/${name}.html`).split('<script type="text/javascript">')[0] ?? '';
    expect([...english.keys()]).toEqual(expect.arrayContaining(keysIn(form)));
  });

  test.each(LANGUAGES)('has help in %s', (language) => {
    const help = textOf(`${folder}/locales/${language}/${name}.html`);
    expect(help).toMatch(
      new RegExp(`<script type="text/html" data-help-name="${definition.type}"( data-lang="[\\w-]+")?>`),
    );
    expect(help.length).toBeGreaterThan(300);
  });
});
