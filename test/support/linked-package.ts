import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../scripts/root';
import { manifest } from './built';

/** Puts this checkout, as it is built, into the node_modules of a Node-RED folder. */
export async function linkPackage(userDir: string): Promise<void> {
  const modules = join(userDir, 'node_modules');
  await mkdir(modules, { recursive: true });
  await symlink(root, join(modules, manifest.name), 'junction');
}
