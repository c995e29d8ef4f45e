import { cp } from 'node:fs/promises';
import { inject } from 'vitest';
import { linkInstalled } from './linked-package';
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
 */
export async function startPacked(
  purpose: string,
  more: object = {},
  others: readonly string[] = [],
): Promise<PackedNodeRed> {
  const { path, remove } = await tempDir(purpose);
  try {
    await cp(inject('installedPackage'), path, { recursive: true });
    await Promise.all(others.map((name) => linkInstalled(path, name)));
    const nodeRed = await startNodeRed(path, more);
    return { nodeRed, userDir: path, stop: () => nodeRed.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
