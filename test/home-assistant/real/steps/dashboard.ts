import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../../support/browser';
import { programPath } from '../../../support/programs';
import type { HomeAssistant } from '../home-assistant';
import type { Installation } from '../installation';
import { DASHBOARD } from '../seed';
import { until } from '../until';
import { entityReader, mismatches } from './commands';
import type { Step } from './step';

/** Size of the screenshot in pixels. */
const SIZE = { width: 1600, height: 1400 };
/** The page shows relative times, which change. */
const MAX_SCREENSHOTS = 20;
/** Time limit for loading a page of Home Assistant. */
const PAGE_MS = 60_000;
/** How many times as long a backup runs that is cancelled in the browser. */
const LONG_RUN = 50;
/** What the dashboard says before it cancels a backup. */
const RUNS = /The backup of .+ will be cancelled/;
/** How long a command that must not come is waited for. */
const AFTER_NO_MS = 2000;

/** The dashboard of the bridge. */
export const DASHBOARDS: readonly Step[] = [
  {
    name: 'Home Assistant reads the dashboard of the bridge, and has every entity in it',
    run: async ({ ha, home, installation }) => {
      await ha.showDashboard(await home.dashboard(takesEntityIds(installation) ? 'discovery' : 'names'));
      const config = JSON.stringify(await ha.api.dashboard(DASHBOARD));
      const named = idsIn(config);
      const known = new Set([...(await ha.api.entities()).values()].map(({ entityId }) => entityId));
      const missing = named.filter((id) => !known.has(id));
      if (named.length === 0) throw new Error('It names no entity');
      if (missing.length > 0) throw new Error(`There is no ${missing.join(', ')}`);
      return `${named.length} cards and actions`;
    },
  },
  {
    name: 'and shows it',
    run: async ({ ha, installation }) => {
      const { chromium, skipped } = await browserFor(ha);
      if (chromium === undefined) return skipped;
      const file = join(installation.folder, 'dashboard.png');
      const faults = await onDashboard(ha, chromium, async (page) => {
        await waitUntilStill(page, file);
        return page.locator('hui-error-card, hui-warning').allTextContents();
      });
      if (faults.length > 0) throw new Error(faults.join('\n'));
      return file;
    },
  },
  {
    name: 'and asks before it starts a backup: none starts when the question is answered with “Cancel”',
    run: async ({ ha, nas, installation }) => {
      const { chromium, skipped } = await browserFor(ha);
      if (chromium === undefined) return skipped;
      const before = nas.received('backup').length;
      const question = await onDashboard(ha, chromium, async (page) => {
        await page.locator('hui-button-row').getByText('Back up', { exact: true }).first().click({ timeout: PAGE_MS });
        return answer(page, /Back up .+ now\?/, 'Cancel', join(installation.folder, 'question.png'));
      });
      if (nas.received('backup').length > before) throw new Error('It has started a backup');
      return question;
    },
  },
  {
    name: 'and asks before it cancels a backup: no leaves it running, yes cancels it',
    run: async (environment) => {
      const { ha, nas, installation } = environment;
      const { chromium, skipped } = await browserFor(ha);
      if (chromium === undefined) return skipped;
      const task = nas.state.tasks.at(-1)!;
      const entity = entityReader(environment, task.id);
      nas.state.setOnline(task.id, true);
      nas.state.deviate(task.id, { seconds: LONG_RUN });
      nas.state.startRun(task.id);
      await until('it runs', 20, async () => mismatches(await entity('status'), 'running'));
      const before = nas.received('cancel').length;
      const question = await onDashboard(ha, chromium, async (page) => {
        const tile = page.locator('hui-tile-card').filter({ hasText: `Cancel: ${task.name}` });
        const ask = async (reply: string): Promise<string> => {
          await tile.first().click({ timeout: PAGE_MS });
          return answer(page, RUNS, reply, join(installation.folder, 'question-cancel.png'));
        };
        const [no, yes] = namesAnswers(installation) ? ['Keep running', 'Cancel backup'] : ['Cancel', 'OK'];
        await ask(no);
        await sleep(AFTER_NO_MS);
        if (nas.received('cancel').length > before) throw new Error('It has cancelled although the answer was no');
        return ask(yes);
      });
      await until('the backup is cancelled', 30, async () => mismatches(await entity('last_result'), 'cancelled'));
      const count = nas.received('cancel').length - before;
      if (count !== 1) throw new Error(`The NAS received ${count} requests to cancel`);
      return question;
    },
  },
];

/** The entities that a dashboard names, also in its templates, where quotes are escaped. @param json its configuration */
export function idsIn(json: string): string[] {
  // `button.press` is an action, not an entity.
  return [...json.matchAll(/(?<!"perform_action":)"((?:sensor|binary_sensor|button)\.[a-z0-9_]+)\\?"/g)].map(
    ([, id = '']) => id,
  );
}

/** Before 2025.10 Home Assistant derives entity ids from names, so a dashboard cannot predict them. */
export function takesEntityIds({ version }: Installation): boolean {
  const [year = 0, month = 0] = version.split('.').map(Number);
  return year > 2025 || (year === 2025 && month >= 10);
}

/** From 2026.2 on, the answers to a question have the words of the dashboard; before, they are “Cancel” and “OK”. */
function namesAnswers({ version }: Installation): boolean {
  const [year = 0, month = 0] = version.split('.').map(Number);
  return year > 2026 || (year === 2026 && month >= 2);
}

/** Opens the dashboard in Chromium. @returns what `use` returns */
async function onDashboard<T>(ha: HomeAssistant, chromium: string, use: (page: Page) => Promise<T>): Promise<T> {
  const browser = await openBrowser(chromium);
  try {
    const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: 1 });
    await page.addInitScript((tokens) => localStorage.setItem('hassTokens', tokens), tokensOf(ha));
    await page.goto(`${ha.url}/${DASHBOARD}`);
    // Its text is a template, which arrives after the page.
    await page.locator('hui-markdown-card ha-markdown').filter({ hasText: /\S/ }).first().waitFor({ timeout: PAGE_MS });
    await page.locator('#ha-launch-screen').waitFor({ state: 'detached', timeout: PAGE_MS });
    return await use(page);
  } finally {
    await browser.close();
  }
}

/** Chromium, or why there is nothing to open in it. */
async function browserFor(ha: HomeAssistant): Promise<{ readonly chromium?: string; readonly skipped?: string }> {
  if (!(await ha.api.hasPages())) return { skipped: 'skipped: packages for its pages are missing' };
  const chromium = programPath('chromium');
  return chromium === null ? { skipped: 'skipped: Chromium is missing' } : { chromium };
}

/** Answers an open question. @param path of a screenshot of it @returns the question */
async function answer(page: Page, asked: RegExp, reply: string, path: string): Promise<string> {
  const button = page.getByRole('button', { name: reply, exact: true }).first();
  await button.waitFor({ timeout: PAGE_MS });
  await waitUntilStill(page, path);
  const text = await page.getByText(asked).first().innerText({ timeout: PAGE_MS });
  await button.click();
  await button.waitFor({ state: 'detached', timeout: PAGE_MS });
  return text.replaceAll('\n', ' ');
}

/** Takes screenshots until two in a row are equal, so that the page has stopped changing. */
async function waitUntilStill(page: Page, path: string): Promise<void> {
  let before: Buffer = Buffer.alloc(0);
  for (let tries = 0; tries < MAX_SCREENSHOTS; tries += 1) {
    const screenshot = await page.screenshot({ path });
    if (screenshot.equals(before)) return;
    before = screenshot;
  }
}

/** The tokens as the page stores them after a login. */
function tokensOf({ url, token }: HomeAssistant): string {
  const expires = Date.now() + 86_400_000;
  return JSON.stringify({
    ...{ hassUrl: url, clientId: `${url}/`, expires, refresh_token: '', token_type: 'Bearer' },
    ...{ access_token: token, expires_in: 86_400 },
  });
}
