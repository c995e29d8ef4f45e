import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { startNodeRed, type NodeRed } from './node-red';
import { npm } from './npm';
import { tempDir } from './temp-dir';

/** Starts a Node-RED into which the packed package was installed, as the palette manager does it. `stop` leaves nothing behind. */
export async function startPacked(purpose: string): Promise<{ nodeRed: NodeRed; stop: () => Promise<void> }> {
  const { path, remove } = await tempDir(purpose);
  try {
    await writeFile(join(path, 'package.json'), '{"name":"node-red-project","private":true}\n');
    await npm(path, 'install', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline', inject('tarball'));
    const nodeRed = await startNodeRed(path);
    return { nodeRed, stop: () => nodeRed.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
