import type { Browser, Locator, Page } from 'playwright-core';

/** Node-RED's editor in a browser, with the parts of it that tests and pictures need. */
export interface EditorPage {
  readonly page: Page;
  /** Errors of the page's own scripts, and whatever they logged as one. */
  readonly errors: readonly string[];
  /** Presses the button of an inject node. */
  press(nodeId: string): Promise<void>;
  /** Messages in the debug sidebar, newest last. */
  readonly messages: Locator;
  /** Whatever may stand between a person and the flow: dialogs, tours, questions. */
  readonly obstacles: Locator;
}

/** Opens the editor and waits until its flow is drawn. */
export async function openEditor(
  browser: Browser,
  url: string,
  width = 1280,
  height = 720,
  locale = 'en-US',
): Promise<EditorPage> {
  const page = await browser.newPage({ viewport: { width, height }, locale, colorScheme: 'light' });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    const from = message.location().url;
    // Node-RED looks for its public catalogue of nodes, which a machine without a network does not reach.
    if (message.type() === 'error' && from.startsWith(url)) errors.push(`${message.text()} ${from}`);
  });
  await page.goto(url);
  await page.locator('.red-ui-flow-node').first().waitFor();
  return {
    page,
    errors,
    press: (nodeId) => page.locator(`#${nodeId} .red-ui-flow-node-button-button`).click(),
    messages: page.locator('.red-ui-debug-content:visible .red-ui-debug-msg'),
    obstacles: page.locator(
      '.ui-dialog:visible, .red-ui-notification:visible, .red-ui-tourGuide-shade:visible, .red-ui-popover:visible',
    ),
  };
}
