// `npm run screenshots`: screenshots of the demo and of every dialog, light (Node-RED 4) and dark (Node-RED 5).
// Needs a Chromium, in a usual place or at the path in CHROMIUM.
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../test/support/browser';
import { startDemo, type Demo } from '../test/support/demo';
import { openEditor } from '../test/support/editor-page';
import { programPath, PROGRAMS } from '../test/support/programs';
import { tempDir } from '../test/support/temp-dir';
import { root } from './root';
import { FLOW_SIZE, captureFlow } from './screenshots/demo-flow';
import { DIALOG_SIZE, captureDialogs } from './screenshots/dialogs';
import { installNodeRed, type InstalledNodeRed } from './node-red-versions';
import { darken, startNodeRed5 } from './screenshots/node-red-5';
import { captureWall } from './screenshots/wall';

/** The images of README.md, which are committed. */
const IMAGES = join(root, 'docs', 'images');
/** Screenshots of all dialogs, for a review by eye. */
const DIALOGS = join(root, '.build', 'screenshots');
/** Light screenshots that README.md shows: name → name of the image. */
const README_IMAGES = { 'nas-tested': 'nas-dialog', 'task-backup': 'task-backup-dialog' };

/** Keeps a real NAS or broker of the environment out of the screenshots. */
const SIMULATED = { SYNOLOGY_HOST: '', MQTT_URL: '' };

async function light(browser: Browser, demo: Demo): Promise<void> {
  await mkdir(IMAGES, { recursive: true });
  const flow = await openEditor(browser, demo.url, FLOW_SIZE);
  await captureFlow(flow, join(IMAGES, 'demo-flow.png'));
  await flow.page.close();
  const editor = await openEditor(browser, demo.url, DIALOG_SIZE);
  const folder = join(DIALOGS, 'light');
  await captureDialogs(editor, folder);
  for (const [from, to] of Object.entries(README_IMAGES)) {
    await copyFile(join(folder, `${from}.png`), join(IMAGES, `${to}.png`));
  }
}

async function dark(browser: Browser, demo: Demo, nodeRed: InstalledNodeRed, dir: string): Promise<void> {
  const [, host = ''] = await demo.program.printed(/NAS +(http\S+)/);
  const [, broker = ''] = await demo.program.printed(/MQTT broker +(\S+)/);
  const [, name = '', password = ''] = await demo.program.printed(/\(simulated; (\S+) \/ (\S+)\)/);
  const env = { SYNOLOGY_HOST: host, SYNOLOGY_USERNAME: name, SYNOLOGY_PASSWORD: password, MQTT_URL: broker };
  const { url, program } = await startNodeRed5(nodeRed, dir, env);
  try {
    const editor = await openEditor(browser, url, DIALOG_SIZE);
    await darken(editor.page);
    await captureDialogs(editor, join(DIALOGS, 'dark'));
  } finally {
    await program.end();
  }
}

async function main(): Promise<void> {
  const chromium = programPath('chromium');
  if (chromium === null) throw new Error(`There is no Chromium: ${PROGRAMS.chromium.hint}.`);
  await rm(DIALOGS, { recursive: true, force: true });
  const dir = await tempDir('screenshot');
  const demo = await startDemo(join(dir.path, 'light'), SIMULATED);
  const browser = await openBrowser(chromium);
  try {
    await light(browser, demo);
    await captureWall(browser, join(dir.path, 'wall'), IMAGES);
    const nodeRed = await installNodeRed('5').catch(String);
    if (typeof nodeRed === 'string')
      console.log(`No dark screenshots: Node-RED 5 cannot be installed here. ${nodeRed}`);
    else await dark(browser, demo, nodeRed, join(dir.path, 'dark'));
    console.log(`Wrote ${IMAGES} and ${DIALOGS}`);
  } finally {
    await browser.close();
    await demo.program.end();
    await dir.remove();
  }
}

void main();
