import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../src/dsm/json';

const FIXTURES = join(import.meta.dirname, '../fixtures');

/** File names of all captured responses, without `.json`. */
export const CAPTURED = readdirSync(FIXTURES)
  .filter((file) => /\.abb\d\.json$/.test(file))
  .map((file) => file.replace(/\.json$/, ''));

/** DSM's `data` of one captured response; null if it has none. Each call returns a new copy. */
export function captured(name: string): Json {
  const { data = null } = JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8')) as { data?: Json };
  return data;
}
