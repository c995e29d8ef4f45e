import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../src/dsm/json';

const FIXTURES = join(import.meta.dirname, '../fixtures');

/** File names of all captured answers, without `.json`. */
export const CAPTURED = readdirSync(FIXTURES)
  .filter((file) => /\.abb\d\.json$/.test(file))
  .map((file) => file.replace(/\.json$/, ''));

/** DSM's `data` of one captured answer; null where it sent none. Each call gives a copy of its own. */
export function captured(name: string): Json {
  const { data = null } = JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8')) as { data?: Json };
  return data;
}
