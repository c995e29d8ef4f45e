import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/root';
import { BROKER_NUMBERS } from '../../src/settings/broker-settings';
import { AFTER_FAILURES, FULL_WITHIN_DAYS, LOW_STORAGE, WAIT_TIMEOUT } from '../../src/settings/limits';
import { NAS_NUMBERS } from '../../src/settings/nas-settings';
import type { NumberRange } from '../../src/settings/rules';

const page = readFileSync(join(root, 'docs', 'interface.md'), 'utf8');

/** A range as the pages and dialogs print it: `5–86400`. */
const printed = ({ min, max }: NumberRange): string => `${min}–${max}`;

test.each(Object.entries(NAS_NUMBERS))('docs/interface.md has default and range of %s', (property, range) => {
  const row = `| \`${property}\` | \`${range.default}\` | ${printed(range)} `;
  expect(page.split('\n').filter((line) => line.startsWith(row))).toHaveLength(1);
});

test('docs/interface.md has default and range of keepalive', () => {
  const { keepalive } = BROKER_NUMBERS;
  expect(page).toContain(`\`keepalive\` \`${keepalive.default}\` (${printed(keepalive)} s)`);
});

test('docs/interface.md has the defaults of waitTimeout, storageLowPercent and afterFailures', () => {
  expect(page).toContain(`\`waitTimeout\` \`${WAIT_TIMEOUT.default}\``);
  expect(page).toContain(`\`storageLowPercent\` \`${LOW_STORAGE.default}\``);
  expect(page).toContain(`\`afterFailures\` \`${AFTER_FAILURES.default}\` (${printed(AFTER_FAILURES)})`);
});

/** Hints of dialogs that print the range of a property. */
const HINTS: readonly (readonly [node: string, property: string, range: NumberRange])[] = [
  ['nas', 'timeout', NAS_NUMBERS.timeout],
  ['nas', 'pollInterval', NAS_NUMBERS.pollInterval],
  ['nas', 'activePollInterval', NAS_NUMBERS.activePollInterval],
  ['mqtt-broker', 'keepalive', BROKER_NUMBERS.keepalive],
  ['events', 'storageLowPercent', LOW_STORAGE],
  ['events', 'afterFailures', AFTER_FAILURES],
  ['events', 'fullWithinDays', FULL_WITHIN_DAYS],
];

/** The ranges in the hints of a node's dialog, by property. */
function rangesIn(node: string, language: string): Record<string, string> {
  const path = join(root, 'nodes', node, 'locales', language, `${node}.json`);
  const catalogue: Record<string, { readonly hint: Record<string, string> }> = JSON.parse(readFileSync(path, 'utf8'));
  return Object.fromEntries(
    Object.entries(catalogue[node]!.hint).flatMap(([property, text]) => {
      const range = /\((\d+–\d+)\)/.exec(text)?.[1];
      return range === undefined ? [] : [[property, range]];
    }),
  );
}

test.each(['nas', 'mqtt-broker', 'events'].flatMap((node) => ['en-US', 'de'].map((language) => [node, language])))(
  'the hints of %s in %s have the ranges of the rules',
  (node, language) => {
    const expected = HINTS.filter(([name]) => name === node).map(([, property, range]) => [property, printed(range)]);
    expect(rangesIn(node, language)).toEqual(Object.fromEntries(expected));
  },
);
