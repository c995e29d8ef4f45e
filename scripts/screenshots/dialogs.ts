import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { dialogHasSlidIn, openConfigDialog, type EditorPage } from '../../test/support/editor-page';
import { openNasDialog } from '../../test/support/nas-dialog';

/** A node of the demo's flow for every dialog; the first one also leads to the dialog of the NAS. */
const NODES = {
  'task-list': 'list-tasks-list',
  'task-backup': 'follow-backup',
  'share-storage': 'storage-share-storage',
  'aem-info': 'aem-info',
  'api-request': 'week-request',
  events: 'failure-events',
  report: 'summary-report',
} as const;

/** The demo's flow takes its tasks from messages; the screenshot shows chosen tasks instead. */
const CHOSEN = { name: '', tasks: '1, 3', tasksType: 'ids' };

/** Room for the tallest dialog; each screenshot is as tall as its dialog. */
export const DIALOG_SIZE = { width: 1280, height: 1600 } as const;
/** Margin below the last row. */
const MARGIN = 20;
const TRAY = '.red-ui-tray';

/** Type of the node that leads to the dialog of its broker. */
const BRIDGE = 'active-backup-mqtt-bridge';

/** Captures the dialog of every node as `<node>.png` in a folder, and the tested NAS as `nas-tested.png`. */
export async function captureDialogs({ page }: EditorPage, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, id] of Object.entries(NODES)) {
    await open(page, id, name === 'task-backup' ? CHOSEN : {});
    if (name === 'task-backup') await listTasks(page);
    await captureTopDialog(page, join(folder, `${name}.png`));
    await close(page);
  }
  await captureBridge(page, folder);
  await captureNas(page, folder);
}

/** Captures the dialogs of a bridge and of its broker. */
async function captureBridge(page: Page, folder: string): Promise<void> {
  const id = await page.evaluate<string>(`RED.nodes.filterNodes({ type: '${BRIDGE}' })[0].id`);
  await open(page, id);
  await captureTopDialog(page, join(folder, 'mqtt-bridge.png'));
  await openConfigDialog(page, 'broker');
  await page.locator('.active-backup-mqtt-broker').waitFor();
  await captureTopDialog(page, join(folder, 'mqtt-broker.png'));
  await page.locator('#node-config-dialog-cancel').click();
  await page.locator('.active-backup-mqtt-broker').waitFor({ state: 'detached' });
  await close(page);
}

/** Captures the dialog of a NAS after a connection test: all of it, and the part down to the result. */
async function captureNas(page: Page, folder: string): Promise<void> {
  await open(page, NODES['task-list']);
  const nas = await openNasDialog(page, NODES['task-list'], 'edit');
  await nas.test.click();
  await nas.result.locator('dl').waitFor();
  await captureTopDialog(page, join(folder, 'nas.png'));
  await captureTopDialog(page, join(folder, 'nas-tested.png'), nas.result);
  await nas.cancel();
  await close(page);
}

/** Opens the dialog of a node on any tab. @param changes to its properties, in this page only */
async function open(page: Page, id: string, changes: object = {}): Promise<void> {
  const node = `RED.nodes.node(${JSON.stringify(id)})`;
  await page.evaluate(`RED.editor.edit(Object.assign(${node}, ${JSON.stringify(changes)}))`);
  await slidIn(page);
}

/** Waits until a dialog has slid in: it then takes the focus. */
async function slidIn(page: Page): Promise<void> {
  await page.locator(`${TRAY} .active-backup-dialog`).last().waitFor();
  await dialogHasSlidIn(page);
}

/** Cancels the dialog, also when an open list covers the button. */
async function close(page: Page): Promise<void> {
  await page.evaluate("$('#node-dialog-cancel').trigger('click')");
  await page.locator(TRAY).waitFor({ state: 'detached' });
}

/** Opens the list of the NAS's tasks. */
async function listTasks(page: Page): Promise<void> {
  await page.locator('#active-backup-tasks-box .active-backup-pick:visible').click();
  await page.locator('.red-ui-autoComplete-container:visible .active-backup-suggestion').first().waitFor();
}

/** Captures the top dialog in a window of its height. @param last element at which the image ends; default: its foot */
async function captureTopDialog(page: Page, path: string, last?: Locator): Promise<void> {
  await page.evaluate('document.fonts.ready');
  const tray = page.locator(TRAY).last();
  const dialog = await boxOf(tray.locator('.active-backup-dialog'));
  const foot = await boxOf(tray.locator('.red-ui-tray-footer'));
  const unused = Math.floor(foot.y - (dialog.y + dialog.height + MARGIN));
  const height = DIALOG_SIZE.height - unused;
  await page.setViewportSize({ width: DIALOG_SIZE.width, height });
  // Node-RED 5 leaves a gap beside the dialog in which the flow is visible.
  const { x, width } = await boxOf(tray.locator('.red-ui-tray-header'));
  const clip = { ...(await boxOf(tray)), x, width };
  if (last !== undefined) {
    const end = await boxOf(last);
    clip.height = Math.ceil(end.y + end.height + MARGIN - clip.y);
  }
  await page.screenshot({ path, clip, animations: 'disabled' });
  await page.setViewportSize(DIALOG_SIZE);
}

async function boxOf(locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error(`Not visible: ${locator.toString()}`);
  return box;
}
