import type { EditorPage } from '../../test/support/editor-page';

export const FLOW_SIZE = { width: 1280, height: 600 } as const;

/** Captures the demo's flow after a press of its first button. */
export async function captureFlow(editor: EditorPage, path: string): Promise<void> {
  await listTasks(editor);
  await tidy(editor);
  await editor.page.screenshot({ path });
}

/** Shows the tasks in the sidebar and expands one of them. */
async function listTasks(editor: EditorPage): Promise<void> {
  await editor.press('list-tasks-inject');
  const message = editor.messages.last();
  const handles = message.locator('.red-ui-debug-msg-object-handle');
  await handles.nth(0).click();
  // More than ten tasks are shown in groups of ten.
  await handles.nth(1).click();
  await handles.nth(2).click();
  await message.getByText('Reception PC').first().waitFor();
}

/** Shows our nodes in the palette and waits until notifications and hover effects are gone. */
async function tidy({ page, obstacles }: EditorPage): Promise<void> {
  await page.mouse.move(FLOW_SIZE.width / 2, FLOW_SIZE.height - 60);
  await page.locator('#red-ui-palette-container-synology').evaluate((category) => {
    category.scrollIntoView({ block: 'end' });
  });
  await obstacles.first().waitFor({ state: 'hidden' });
}
