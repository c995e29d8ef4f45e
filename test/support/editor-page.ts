import type { Browser, Locator, Page } from 'playwright-core';
import { withoutAnimations } from './browser';

/** Node-RED's editor in a browser, with the parts of it that tests and screenshots need. */
export interface EditorPage {
  readonly page: Page;
  /** Errors of the page's own scripts since the last {@link takeErrors}, thrown or logged. */
  readonly errors: readonly string[];
  /** Returns the errors and empties the list. */
  takeErrors(): string[];
  /** Presses the button of an inject node. */
  press(nodeId: string): Promise<void>;
  /** Messages in the debug sidebar, latest last. */
  readonly messages: Locator;
  /** Everything that may cover the flow: dialogs, tours, notifications. */
  readonly obstacles: Locator;
}

/** Size of the window in pixels, and language of the browser (default `en-US`). */
export interface EditorView {
  readonly width?: number;
  readonly height?: number;
  readonly locale?: string;
}

/** How long an element may take on a busy machine. */
const PATIENCE_MS = 60_000;

/** Opens the editor and waits until its flow is drawn. */
export async function openEditor(
  browser: Browser,
  url: string,
  { width = 1280, height = 720, locale = 'en-US' }: EditorView = {},
): Promise<EditorPage> {
  const page = await withoutAnimations(
    await browser.newPage({ viewport: { width, height }, locale, colorScheme: 'light' }),
  );
  page.setDefaultTimeout(PATIENCE_MS);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    const from = message.location().url;
    // Node-RED requests its public catalogue of nodes, which a machine without a network does not reach.
    if (message.type() === 'error' && from.startsWith(url)) errors.push(`${message.text()} ${from}`);
  });
  await page.goto(url);
  await page.locator('.red-ui-flow-node').first().waitFor();
  return {
    page,
    errors,
    takeErrors: () => errors.splice(0),
    press: (nodeId) => page.locator(`#${nodeId} .red-ui-flow-node-button-button`).click(),
    messages: page.locator('.red-ui-debug-content:visible .red-ui-debug-msg'),
    obstacles: page.locator(
      '.ui-dialog:visible, .red-ui-notification:visible, .red-ui-tourGuide-shade:visible, .red-ui-popover:visible',
    ),
  };
}

/** Time for a dialog to open after a click or a double click, and how often it is tried. */
const OPEN_MS = 8000;
const TRIES = 4;

/**
 * Double-clicks a node until its dialog opens, and waits until it can be used. Node-RED takes two clicks that a busy machine
 * handles late for single ones.
 */
export async function openNodeDialog(page: Page, id: string): Promise<void> {
  const dialog = page.locator('.red-ui-tray').first();
  await repeat(async () => {
    await page.locator(`#${id}`).dblclick({ timeout: OPEN_MS });
    await dialog.waitFor({ timeout: OPEN_MS });
  });
  await dialogHasSlidIn(page);
}

/**
 * Opens the dialog of a config node from the dialog that is open, and waits until it can be used. Node-RED ignores a click
 * while a dialog is sliding.
 * @param property the property that names the config node, such as `nas`
 */
export async function openConfigDialog(page: Page, property: string, which: 'add' | 'edit' = 'edit'): Promise<void> {
  const dialog = page.locator('.red-ui-tray', { has: page.locator('#node-config-dialog-ok') });
  await repeat(async () => {
    await page.locator(`#node-input-btn-${property}-${which}`).click({ timeout: OPEN_MS });
    await dialog.waitFor({ timeout: OPEN_MS });
  });
  await dialogHasSlidIn(page);
}

/**
 * Waits until the topmost dialog has slid in. Node-RED moves the focus into it then, so what is typed before can land in
 * another field.
 */
export async function dialogHasSlidIn(page: Page): Promise<void> {
  const dialog = page.locator('.red-ui-tray').last();
  await dialog.locator(':focus').waitFor();
  await dialog.evaluate(async (tray) => {
    await Promise.all(tray.getAnimations().map(({ finished }) => finished));
  });
}

/** Closes the dialog of a config node by one of its buttons, and waits until the dialog below is back in its place. */
export async function closeConfigDialog(page: Page, button: 'ok' | 'cancel'): Promise<void> {
  const closing = page.locator(`#node-config-dialog-${button}`);
  await closing.click();
  await closing.waitFor({ state: 'detached' });
  await page
    .locator('.red-ui-tray')
    .last()
    .evaluate(async (tray) => {
      while (getComputedStyle(tray).right !== '0px') await new Promise(requestAnimationFrame);
    });
}

async function repeat(action: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await action();
      return;
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
}
