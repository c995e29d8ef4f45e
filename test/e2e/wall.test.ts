import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startNas, type Nas } from '../nas/index';
import { openBrowser } from '../support/browser';
import { LIGHT_EDITOR } from '../support/node-red';
import { describeWith } from '../support/needs';
import { startPacked, type PackedNodeRed } from '../support/packed';
import { until } from '../support/until';
import { DASHBOARD, wallFlow } from '../support/wall';

const PHONE = { width: 390, height: 844 };
const TV = { width: 1920, height: 1080 };

/** In the browser: what axe-core has against the widgets of the wall, which includes contrast. */
const VIOLATIONS = `axe.run('.wall', { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html.slice(0, 120), failureSummary].join(' '))))`;

/** By how many pixels the page is wider than the window. */
const OVERFLOW = `Math.max(...[...document.querySelectorAll('html, body, main, .wall')].map((each) => each.scrollWidth - each.clientWidth))`;

/** Runs of the last 24 hours that the end of their lane cuts off. */
const CUT_RUNS = `[...document.querySelectorAll('.track .mark')]
  .filter((run) => run.getBoundingClientRect().right > run.parentElement.getBoundingClientRect().right + 1)
  .map((run) => run.title)`;

/** Pixels between the list of what needs attention, which is longer than its card, and the end of the card. */
const UNUSED_BELOW_TODO = `document.querySelector('.wall-tall .v-card').getBoundingClientRect().bottom -
  document.querySelector('.todo').getBoundingClientRect().bottom`;

/** In the editor: pairs of nodes of the flow that overlap, and nodes outside of the frame. */
const MISPLACED = `(async () => {
  RED.workspaces.show('wall-tab');
  const nodes = RED.nodes.filterNodes({ z: 'wall-tab' });
  const drawn = () => nodes.every(({ id, w }) => w > 0 && document.getElementById(id) !== null);
  while (!drawn()) await new Promise(requestAnimationFrame);
  const [frame] = RED.nodes.groups('wall-tab');
  const boxes = nodes.map(({ id, x, y, w, h, type }) => ({ id, left: x - w / 2 - (type === 'inject' ? 25 : 0), right: x + w / 2, top: y - h / 2, bottom: y + h / 2 }));
  const isApart = (a, b) => a.right + 10 <= b.left || b.right + 10 <= a.left || a.bottom + 5 <= b.top || b.bottom + 5 <= a.top;
  const pairs = boxes.flatMap((one, at) => boxes.slice(at + 1).filter((other) => !isApart(one, other)).map((other) => one.id + ' ' + other.id));
  const outside = boxes.filter(({ left, right, top, bottom }) => left < frame.x || right > frame.x + frame.w || top < frame.y || bottom > frame.y + frame.h);
  return [...pairs, ...outside.map(({ id }) => id)];
})()`;

describeWith('chromium', 'the wall', (chromium) => {
  let red: PackedNodeRed;
  let browser: Browser;
  let office: Nas;
  let branch: Nas;
  beforeAll(async () => {
    [red, browser, office, branch] = await Promise.all([
      startPacked('wall', { editorTheme: LIGHT_EDITOR }, [DASHBOARD]),
      openBrowser(chromium),
      startNas({ machines: true, speed: 1, schedules: false }),
      startNas({ seed: 7, speed: 1, schedules: false, runSeconds: 600 }),
    ]);
    Object.assign(branch.state.task(5), { name: HACK });
  });
  afterAll(async () => {
    await Promise.all([browser.close(), office.close(), branch.close()]);
    await red.stop();
  });

  const HACK = `<img src=x onerror="window.hacked=1"> A-task-name-that-nobody-would-choose-but-somebody-has.office.example.org`;

  /** Opens the wall; the page fails the test when a script of it fails, or something comes from elsewhere. */
  async function opened(size: { width: number; height: number }): Promise<Page> {
    const { url } = red.nodeRed;
    const context = await browser.newContext({ viewport: size, serviceWorkers: 'block' });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !/^(?:data|blob|ws):/.test(request.url())) errors.push(request.url());
    });
    onTestFinished(async () => {
      const isHacked = await page.evaluate(() => 'hacked' in window);
      await context.close();
      expect({ errors, isHacked }).toEqual({ errors: [], isHacked: false });
    });
    await page.goto(`${url}dashboard/backups`);
    await page.locator('.wall h1').waitFor();
    return page;
  }

  /** What is wrong with a page for those who use it: width and accessibility. */
  async function faults(page: Page): Promise<unknown> {
    await page.evaluate(axe.source);
    return { overflow: await page.evaluate(OVERFLOW), violations: await page.evaluate(VIOLATIONS) };
  }
  const NO_FAULTS = { overflow: 0, violations: [] };

  const both = () => [
    { name: 'Office', url: office.url },
    { name: 'Branch', url: branch.url },
  ];

  test('shows what needs attention on every NAS first, and starts a backup after a confirmation only', async () => {
    await red.nodeRed.deploy(wallFlow({ nas: both(), theme: 'dark', language: 'en' }));
    const page = await opened(TV);
    await page.getByText('CHEN-X1 is late').waitFor();
    await page.getByText(/^SRV-SOUTH: the last 3 backups failed/).waitFor();
    expect(await page.locator('.wall h1').textContent()).toMatch(/^\d+ of \d+ machines need attention$/);
    expect(await page.locator('.lane .name').allTextContents()).toEqual(['Office', 'Branch']);
    expect(await page.locator('.storages .name').count()).toBe(2);
    expect((await page.locator('.tasks tbody tr').first().textContent()) ?? '').toContain('failed');
    expect((await page.locator('.machines li').first().textContent()) ?? '').toContain('failing');
    expect(await page.locator('.machines li').first().locator('.day').count()).toBe(30);
    expect(await page.locator('.track .mark.failed').count()).toBeGreaterThan(0);

    await page.getByRole('searchbox').fill('accounting');
    const row = page.locator('.tasks tbody tr', { hasText: 'Branch' });
    await row.getByRole('button', { name: 'Back up' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(branch.received('backup')).toEqual([]);
    await row.getByRole('button', { name: 'Back up' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Back up' }).click();
    await until(() => branch.received('backup').length > 0);
    expect(branch.received('backup').map(({ parameters }) => parameters['task_ids'])).toEqual(['[2]']);
    expect(office.received('backup')).toEqual([]);
    await row.getByText(/running|waiting/).waitFor();
    await page.getByText('Accounting server · Branch').waitFor();
    await page.getByRole('searchbox').fill('no such task');
    await page.locator('.tasks').waitFor({ state: 'detached' });
    await page.getByText('Nothing found').waitFor();
    await page.getByRole('searchbox').fill('');
    expect(await page.evaluate(CUT_RUNS)).toEqual([]);
    expect(await faults(page)).toEqual(NO_FAULTS);
    await page.setViewportSize(PHONE);
    expect(await faults(page)).toEqual(NO_FAULTS);
  });

  test('a start that is refused is shown with its reason, and a name is shown as text', async () => {
    const page = await opened(PHONE);
    await page.getByRole('searchbox').fill('<img');
    const row = page.locator('.tasks tbody tr');
    expect(await row.getByRole('rowheader').textContent()).toContain(HACK);
    await row.getByRole('button', { name: 'Back up' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Back up' }).click();
    await page
      .getByText(/offline/)
      .first()
      .waitFor();
    expect(await page.evaluate(OVERFLOW)).toBe(0);
  });

  test('in German and light: 500 tasks, a NAS that does not answer, and then one that no longer does', async () => {
    const large = await startNas({ seed: 9, tasks: 500, speed: 1, schedules: false });
    onTestFinished(() => large.close());
    const nas = [...both().slice(1), { name: 'Lager', url: large.url }, { name: 'Keller', url: 'http://127.0.0.1:9' }];
    await red.nodeRed.deploy(wallFlow({ nas, theme: 'light', language: 'de' }));
    const page = await opened(TV);
    await page.getByText('Keine Daten vom NAS').first().waitFor();
    await page.locator('.lane', { hasText: 'Keller' }).getByText('keine Daten').waitFor();
    await page.getByRole('navigation', { name: 'Aufgaben' }).getByText('1 / 64').waitFor();
    expect(await page.locator('.tasks tbody tr').count()).toBe(8);
    expect(await page.evaluate(UNUSED_BELOW_TODO)).toBeLessThan(20);
    await page.locator('.lane', { hasText: 'Lager' }).getByLabel('abgebrochen').waitFor();
    expect(await page.locator('.legend', { hasText: 'läuft' }).textContent()).toContain('abgebrochen');
    expect(await faults(page)).toEqual(NO_FAULTS);
    await page.setViewportSize(PHONE);
    expect(await page.evaluate(CUT_RUNS)).toEqual([]);
    expect(await faults(page)).toEqual(NO_FAULTS);
    await branch.close();
    await page.locator('.lane', { hasText: 'Branch' }).getByText('keine Daten').waitFor();
  });

  test('a NAS without tasks is not called protected', async () => {
    const empty = await startNas({ tasks: 0, speed: 1, schedules: false });
    onTestFinished(() => empty.close());
    await red.nodeRed.deploy(wallFlow({ nas: [{ name: 'Empty', url: empty.url }], theme: 'dark', language: 'en' }));
    const page = await opened(TV);
    await page.locator('.empty', { hasText: 'No tasks' }).nth(1).waitFor();
    await page.getByText('No machine is known').waitFor();
    expect(await page.locator('.headline .mdi-shield-check').count()).toBe(0);
    expect(await page.getByText('Nothing needs attention').count()).toBe(0);
    expect(await page.getByText('Nothing is known yet').count()).toBe(0);
    expect(await faults(page)).toEqual(NO_FAULTS);
  });

  test('without a NAS the page says why there is no report', async () => {
    await red.nodeRed.deploy(wallFlow({ nas: [], theme: 'light', language: 'en' }));
    const page = await opened(PHONE);
    await page.getByText('The report failed').waitFor();
    await page.getByText('No NAS node is deployed').waitFor();
    // What the widgets have shown before is no longer true, and nothing is on its way.
    await page.getByText('No report', { exact: true }).nth(4).waitFor();
    expect(await page.locator('.todo, .tasks, .lane, .machines, .storages, .wait').count()).toBe(0);
  });

  test.each(['en-US', 'de'])('its flow in the editor has no nodes that overlap (%s)', async (locale) => {
    const page = await browser.newPage({ locale, viewport: TV });
    onTestFinished(() => page.close());
    await page.goto(red.nodeRed.url);
    await page.locator('.red-ui-flow-node').first().waitFor();
    expect(await page.evaluate(MISPLACED)).toEqual([]);
  });
});
