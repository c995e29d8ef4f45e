import { cp } from 'node:fs/promises';
import { inject } from 'vitest';
import { linkInstalled } from './linked-package';
import { npm } from './npm';
import { startNodeRed, type NodeRed } from './node-red';
import { tempDir } from './temp-dir';

/** A Node-RED into which the packed package was installed, as the palette manager does it. */
export interface PackedNodeRed {
  readonly nodeRed: NodeRed;
  readonly userDir: string;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Starts Node-RED on a copy of the installed package.
 * @param purpose part of the name of its folder; @param more settings of Node-RED
 * @param others packages of this checkout with further nodes
 * @param installed packages that npm installs, with their versions: `node-red-node-email@5.2.5`
 */
export async function startPacked(
  purpose: string,
  more: object = {},
  others: readonly string[] = [],
  installed: readonly string[] = [],
): Promise<PackedNodeRed> {
  const { path, remove } = await tempDir(purpose);
  try {
    await cp(inject('installedPackage'), path, { recursive: true });
    if (installed.length > 0)
      await npm(path, 'install', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline', ...installed);
    await Promise.all(others.map((name) => linkInstalled(path, name)));
    const nodeRed = await startNodeRed(path, more);
    return { nodeRed, userDir: path, stop: () => nodeRed.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
