import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { root } from '../../scripts/root';
import { npm } from './npm';
import { tempDir } from './temp-dir';

declare module 'vitest' {
  interface ProvidedContext {
    /** The package as it would be published. */
    tarball: string;
    /** Paths of the files in it, as `npm pack` lists them. */
    packedFiles: string[];
  }
}

/** Packs the built package once for all suites that look at it or install it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(join(root, 'dist')))
    throw new Error('There is no dist: run `npm run build` first (`npm test` does).');
  const { path, remove } = await tempDir('pack');
  const printed = await npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', path);
  const [packed] = JSON.parse(printed) as { filename: string; files: { path: string }[] }[];
  if (packed === undefined) throw new Error(`npm pack made no package: ${printed}`);
  project.provide('tarball', join(path, packed.filename));
  project.provide(
    'packedFiles',
    packed.files.map((file) => file.path),
  );
  return remove;
}
