import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from '../support/browser';
import { startDemo, type Demo } from '../support/demo';
import { openEditor, type EditorPage } from '../support/editor-page';
import { describeWith } from '../support/needs';
import { tempDir } from '../support/temp-dir';

describeWith('chromium', 'the demo in a browser', (chromium) => {
  let demo: Demo;
  let browser: Browser;
  let editor: EditorPage;
  let dir: Awaited<ReturnType<typeof tempDir>>;
  beforeAll(async () => {
    dir = await tempDir('editor');
    [demo, browser] = await Promise.all([startDemo(dir.path), openBrowser(chromium)]);
    editor = await openEditor(browser, demo.url);
  });
  afterAll(async () => {
    await browser.close();
    await demo.program.end();
    await dir.remove();
  });

  test('opens on the flow, with nothing covering it', async () => {
    await editor.page.getByText('List tasks').first().waitFor();
    expect(await editor.obstacles.allInnerTexts()).toEqual([]);
    expect(
      await editor.page.locator('.red-ui-flow-node-error:visible, .red-ui-flow-node-changed:visible').count(),
    ).toBe(0);
  });

  test('shows the tasks in the debug sidebar after a click', async () => {
    await editor.press('list-tasks-inject');
    const message = editor.messages.last();
    await message.getByText('array[11]').waitFor();
    const handles = message.locator('.red-ui-debug-msg-object-handle');
    await handles.first().click();
    await expect.poll(() => handles.count()).toBe(1 + 2); // the array's own, and one for each ten
    await handles.nth(1).click();
    await handles.nth(2).click();
    await message.getByText('Reception PC').first().waitFor();
  });

  test('shows only the failed task after the other click', async () => {
    await editor.press('failed-tasks-inject');
    await editor.messages.last().getByText('array[1]').waitFor();
  });

  test('shows how far a backup is, under its node and in the sidebar', async () => {
    await editor.press('follow-inject');
    await editor.page
      .locator('#follow-backup')
      .getByText(/^\d+ %$/)
      .waitFor();
    await editor.messages.filter({ hasText: 'msg.payload.progress' }).first().getByText('percent').waitFor();
  });

  test('has a second tab, with recipes', async () => {
    await editor.page.locator('.red-ui-tab').getByText('Recipes').click();
    await editor.page.getByText('Backs up every PC at 22:00').waitFor();
    expect(await editor.page.locator('.red-ui-flow-node-error:visible').count()).toBe(0);
  });

  test('no script of the page has thrown or logged an error', () => expect(editor.errors).toEqual([]));
});
