import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { root } from '../../scripts/root';
import { npm } from './npm';
import { tempDir } from './temp-dir';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder for Node-RED into which npm has installed the packed package; to be copied, not used. */
    installedPackage: string;
    /** Paths of the files in the package, as `npm pack` lists them. */
    packedFiles: string[];
  }
}

/** Packs the built package and installs it, once for all suites that need either. @returns removes both again */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(join(root, 'dist')))
    throw new Error('There is no dist: run `npm run build` first (`npm test` does).');
  const { path, remove } = await tempDir('pack');
  const printed = await npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', path);
  const [packed] = JSON.parse(printed) as { filename: string; files: { path: string }[] }[];
  if (packed === undefined) throw new Error(`npm pack made no package: ${printed}`);
  const tarball = join(path, packed.filename);
  await writeFile(join(path, 'package.json'), '{"name":"node-red-project","private":true}\n');
  await npm(path, 'install', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline', tarball);
  project.provide('installedPackage', path);
  project.provide(
    'packedFiles',
    packed.files.map((file) => file.path),
  );
  return remove;
}
