// `npm run screenshots`: takes the picture of README.md from the demo. Needs a Chromium (CHROMIUM or /usr/bin/chromium).
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openBrowser } from '../test/support/browser';
import { startDemo } from '../test/support/demo';
import { openEditor, type EditorPage } from '../test/support/editor-page';
import { programPath, PROGRAMS } from '../test/support/programs';
import { tempDir } from '../test/support/temp-dir';
import { root } from './root';

const PICTURE = join(root, 'docs', 'images', 'demo-flow.png');
const SIZE = { width: 1280, height: 600 };

/** Brings the five tasks into the sidebar, one of them opened. */
async function listTasks(editor: EditorPage): Promise<void> {
  await editor.press('list-tasks-inject');
  const message = editor.messages.last();
  const handles = message.locator('.red-ui-debug-msg-object-handle');
  await handles.nth(0).click();
  await handles.nth(1).click();
  await message.getByText('Reception PC').first().waitFor();
}

/** Shows our nodes in the palette, and nothing that passes: no notification, nothing under the mouse. */
async function tidy({ page, obstacles }: EditorPage): Promise<void> {
  await page.mouse.move(SIZE.width / 2, SIZE.height - 60);
  await page.locator('#red-ui-palette-container-synology').evaluate((category) => {
    category.scrollIntoView({ block: 'end' });
  });
  await obstacles.first().waitFor({ state: 'hidden' });
}

async function main(): Promise<void> {
  const chromium = programPath('chromium');
  if (chromium === null) throw new Error(`There is no Chromium: ${PROGRAMS.chromium.hint}.`);
  const dir = await tempDir('screenshot');
  const demo = await startDemo(dir.path);
  const browser = await openBrowser(chromium);
  try {
    const editor = await openEditor(browser, demo.url, SIZE.width, SIZE.height);
    await listTasks(editor);
    await tidy(editor);
    await mkdir(dirname(PICTURE), { recursive: true });
    await editor.page.screenshot({ path: PICTURE });
    console.log(`Wrote ${PICTURE}`);
  } finally {
    await browser.close();
    await demo.program.end();
    await dir.remove();
  }
}

void main();
