import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { root } from '../../scripts/root';
import { manifest } from './built';

/** Puts this checkout, as it is built, into the node_modules of a Node-RED folder. */
export function linkPackage(userDir: string): Promise<void> {
  return link(userDir, manifest.name, root);
}

/** Puts a package that this checkout has installed into the node_modules of a Node-RED folder. */
export function linkInstalled(userDir: string, name: string): Promise<void> {
  return link(userDir, name, join(root, 'node_modules', name));
}

async function link(userDir: string, name: string, target: string): Promise<void> {
  const path = join(userDir, 'node_modules', name);
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path, 'junction');
}
