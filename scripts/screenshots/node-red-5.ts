import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { freePort } from '../../test/support/free-port';
import { startProgram, type Program } from '../../test/support/program';
import { LOOPBACK } from '../demo/listen';
import { prepareUserDir } from '../demo/user-dir';
import type { InstalledNodeRed } from '../node-red-versions';

/**
 * Starts Node-RED 5, which has a dark theme, with the demo's flow.
 * @param env address and account of the NAS, in the variables that the flow reads
 */
export async function startNodeRed5(
  { folder: installation, node }: InstalledNodeRed,
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
  const program = startProgram(
    [join(installation, 'node_modules', 'node-red', 'red.js'), '--userDir', folder, '--settings', file],
    { cwd: folder, env, node },
  );
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
