import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Origin } from '../home-assistant/types';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bugs: { readonly url: string };
}

/** Name, version and issue page of this package, from its package.json. */
export function packageInfo(): Origin {
  const { name, version, bugs } = JSON.parse(readFileSync(manifestPath(__dirname), 'utf8')) as Manifest;
  return { name, version, url: bugs.url };
}

/** The package.json in the nearest parent folder: the distance differs between source and compiled code. */
function manifestPath(folder: string): string {
  const path = join(folder, 'package.json');
  try {
    readFileSync(path);
    return path;
  } catch (error) {
    const parent = dirname(folder);
    if (parent === folder) throw error;
    return manifestPath(parent);
  }
}
