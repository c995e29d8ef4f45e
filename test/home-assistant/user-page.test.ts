import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/root';
import { EVENT_FIELDS } from '../../src/home-assistant/events';
import { NAS_EVENTS } from '../../src/home-assistant/entities/nas';
import { textOf } from '../support/built';
import { blueprints } from './blueprints';

const PAGE = textOf('docs/home-assistant.md');
const LINKS = [...PAGE.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link!);

test('the user page links to each blueprint by its name', () => {
  for (const { path, content } of blueprints()) expect(PAGE).toContain(`[${content.blueprint.name}](../${path})`);
});

test.each([...new Set(LINKS)])('the link %s has a target', (link) => {
  const [file = '', heading] = link.split('#');
  const path = file === '' ? 'docs/home-assistant.md' : join('docs', file);
  expect(existsSync(join(root, path))).toBe(true);
  if (heading !== undefined) expect(headingsOf(textOf(path))).toContain(heading);
});

test('the example failure is possible', () => {
  const [, json = ''] = /```json\n(.+)\n```/.exec(PAGE) ?? [];
  const { event_type: type, ...fields } = JSON.parse(json) as Record<string, unknown>;
  expect(NAS_EVENTS).toContain(type);
  expect(EVENT_FIELDS.map(({ key }) => key)).toEqual(expect.arrayContaining(Object.keys(fields)));
});

/** The anchors of the headings of a page. */
function headingsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}
