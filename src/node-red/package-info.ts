import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Origin } from '../home-assistant/options';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bugs: { readonly url: string };
}

/** What this package says of itself: its package.json is the only place that knows. */
export function packageInfo(): Origin {
  const { name, version, bugs } = JSON.parse(readFileSync(manifestPath(__dirname), 'utf8')) as Manifest;
  return { name, version, url: bugs.url };
}

/** The nearest package.json above: how far it is depends on whether this was compiled. */
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
