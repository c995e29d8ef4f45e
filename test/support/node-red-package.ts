import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/**
 * Resolves modules from the Node-RED that the tests run: the one in the folder `NODE_RED_FOLDER`, which
 * `npm run test:node-red` sets, else the development dependency.
 */
export const nodeRedRequire = createRequire(
  process.env.NODE_RED_FOLDER ? join(process.env.NODE_RED_FOLDER, 'package.json') : import.meta.url,
);

/**
 * The files of Node-RED's own nodes but these, for its setting `nodesExcludes`: loading all of them takes a third of its
 * start, which some tests repeat.
 */
export function coreNodesBut(...kept: readonly string[]): string[] {
  const folder = join(dirname(nodeRedRequire.resolve('@node-red/nodes/package.json')), 'core');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => basename(path));
  return files.filter((file) => /^\d.*\.js$/.test(file) && !kept.includes(file));
}
