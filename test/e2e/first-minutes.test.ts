import type { Locator, Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { startNas } from '../nas/index';
import { openBrowser } from '../support/browser';
import { linkPackage } from '../support/linked-package';
import { closeNodeDialog, deployByHand, openNasDialog } from '../support/nas-dialog';
import { describeWith } from '../support/needs';
import { startNodeRed } from '../support/node-red';
import { tempDir } from '../support/temp-dir';

/** Time that a user needs between two movements of the hand; it is added up, not waited for. */
const HUMAN_PAUSE_MS = 400;
const ALLOWED_MS = 60_000;

describeWith('chromium', 'the first minutes', (chromium) => {
  test('lead from an empty Node-RED to five tasks in the debug sidebar', { timeout: 120_000 }, async () => {
    const [dir, nas, browser] = await Promise.all([
      tempDir('first-minutes'),
      startNas({ schedules: false }),
      openBrowser(chromium),
    ]);
    await linkPackage(dir.path);
    const nodeRed = await startNodeRed(dir.path, { editorTheme: { tours: false } });
    onTestFinished(async () => {
      await browser.close();
      await nodeRed.stop();
      await nas.close();
      await dir.remove();
    });
    await nodeRed.deploy([{ id: 'empty', type: 'tab', label: 'Flow 1', z: '' }]);
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(nodeRed.url);
    await palette(page, 'inject').waitFor();

    const from = performance.now();
    let pausesMs = 0;
    const pause = (): void => {
      pausesMs += HUMAN_PAUSE_MS;
    };
    const inject = await place(page, 'inject', 150);
    pause();
    const list = await place(page, 'active-backup-task-list', 380);
    pause();
    const debug = await place(page, 'debug', 600);
    pause();
    await wire(page, inject, list);
    pause();
    await wire(page, list, debug);
    pause();
    await list.dblclick();
    const dialog = await openNasDialog(page, '', 'add');
    pause();
    await dialog.fillIn(nas);
    pause();
    await dialog.test.click();
    await dialog.result.getByText('DS923+').waitFor();
    pause();
    await dialog.ok();
    pause();
    await closeNodeDialog(page);
    await deployByHand(page);
    pause();
    // The debug sidebar; its tab differs between Node-RED 4 and 5.
    await page.keyboard.press('Control+g');
    await page.keyboard.press('d');
    await inject.locator('.red-ui-flow-node-button-button').click();
    const message = page.locator('.red-ui-debug-content:visible .red-ui-debug-msg').first();
    await message.waitFor();
    expect(await message.textContent()).toContain('array[5]');
    expect(performance.now() - from + pausesMs).toBeLessThan(ALLOWED_MS);
  });
});

function palette(page: Page, type: string): Locator {
  return page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
}

/** Drags a node from the palette into the flow. */
async function place(page: Page, type: string, x: number): Promise<Locator> {
  const source = palette(page, type);
  await source.scrollIntoViewIfNeeded();
  const before = await page.locator('.red-ui-flow-node-group').count();
  await source.dragTo(page.locator('#red-ui-workspace-chart'), { targetPosition: { x, y: 200 } });
  await expect.poll(() => page.locator('.red-ui-flow-node-group').count()).toBe(before + 1);
  const id = await page.locator('.red-ui-flow-node-group').last().getAttribute('id');
  return page.locator(`[id="${id}"]`);
}

/** Draws a wire from the output of one node to the input of another. */
async function wire(page: Page, from: Locator, to: Locator): Promise<void> {
  const wires = await page.locator('.red-ui-flow-link').count();
  await from.locator('.red-ui-flow-port-output .red-ui-flow-port').hover();
  await page.mouse.down();
  await to.locator('.red-ui-flow-port-input .red-ui-flow-port').hover();
  await page.mouse.up();
  await expect.poll(() => page.locator('.red-ui-flow-link').count()).toBe(wires + 1);
}
