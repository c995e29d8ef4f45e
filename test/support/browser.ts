import { chromium, type Browser, type Page } from 'playwright-core';

/** Flags with which Chromium runs in a container and sends nothing to the network. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a Chromium without a window. @param executablePath of the program */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS });
}

/** Ends transitions and animations of CSS and jQuery at once; programs that wait for their end by a timer still do. */
const NO_ANIMATIONS = `addEventListener('DOMContentLoaded', () => {
  const style = document.createElement('style');
  style.textContent = '*, ::before, ::after { transition: none !important; animation: none !important; }';
  document.head.append(style);
  if (window.jQuery !== undefined) jQuery.fx.off = true;
});`;

/**
 * Lets a page show everything without animations from its next navigation on: Chromium draws them on the processor, which takes
 * a third of its time in the tests of the editor.
 */
export async function withoutAnimations(page: Page): Promise<Page> {
  await page.addInitScript(NO_ANIMATIONS);
  return page;
}
