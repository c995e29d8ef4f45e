import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/root';
import { ERRORS } from '../../src/dsm/errors';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const CODES = Object.keys(ERRORS);

// Messages of errors are English; each page explains the codes in its language.
test.each(['docs/troubleshooting.md', 'docs/de/troubleshooting.md', 'README.md'])(
  '%s says for each code what to do',
  (page) => {
    const rows = read(page)
      .split('\n')
      .filter((line) => line.startsWith('| `E'))
      .map((line) => line.split('|').slice(1, -1));
    const explained = rows.flatMap(([codes = '']) => [...codes.matchAll(/`(E[A-Z]+)`/g)].map(([, code]) => code));
    expect(explained.toSorted()).toEqual(CODES.toSorted());
    for (const cells of rows) for (const cell of cells) expect(cell.trim()).not.toBe('');
  },
);
