import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../../support/browser';
import { programPath } from '../../../support/programs';
import type { HomeAssistant } from '../home-assistant';
import type { Installation } from '../installation';
import { DASHBOARD } from '../seed';
import type { Step } from './step';

export const NOT_TRIED = 'not tried: this release does not take the entity ids that it names';
/** Of the picture, in pixels. */
const SIZE = { width: 1600, height: 1400 };
/** Times on the page are in words, which change too. */
const MOST_PICTURES = 20;
/** Home Assistant's pages load their parts one after the other. */
const PAGE_MS = 60_000;

/** The dashboard that the bridge offers. */
export const DASHBOARDS: readonly Step[] = [
  {
    name: 'Home Assistant reads the dashboard that the bridge offers, and has every entity in it',
    run: async ({ ha, home, installation }) => {
      if (!takesEntityIds(installation)) return NOT_TRIED;
      await ha.showDashboard(await home.dashboard());
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
      if (!takesEntityIds(installation)) return NOT_TRIED;
      const chromium = programPath('chromium');
      if (chromium === null) return 'not looked at: there is no Chromium';
      if (!(await ha.api.hasPages())) return 'not looked at: packages are missing that its pages need';
      const file = join(installation.folder, 'dashboard.png');
      const faults = await picture(ha, chromium, file);
      if (faults.length > 0) throw new Error(faults.join('\n'));
      return file;
    },
  },
];

/** The entities that a dashboard names. @param json its configuration */
export function idsIn(json: string): string[] {
  return [...json.matchAll(/"entity(?:_id)?":\s*"([^"]+)"/g)].map(([, id = '']) => id);
}

/** Before 2025.10 Home Assistant makes the entity ids itself, of the names, so that a dashboard cannot know them. */
export function takesEntityIds({ version }: Installation): boolean {
  const [year = 0, month = 0] = version.split('.').map(Number);
  return year > 2025 || (year === 2025 && month >= 10);
}

/** @returns the cards that Home Assistant cannot show */
async function picture(ha: HomeAssistant, chromium: string, file: string): Promise<string[]> {
  const browser = await openBrowser(chromium);
  try {
    const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: 1 });
    await page.addInitScript((tokens) => localStorage.setItem('hassTokens', tokens), tokensOf(ha));
    await page.goto(`${ha.url}/${DASHBOARD}`);
    await page.locator('hui-tile-card').first().waitFor({ timeout: PAGE_MS });
    await page.locator('#ha-launch-screen').waitFor({ state: 'detached', timeout: PAGE_MS });
    await still(page, file);
    return await page.locator('hui-error-card, hui-warning').allTextContents();
  } finally {
    await browser.close();
  }
}

/** Takes pictures until two in a row are the same: then nothing moves any more. */
async function still(page: Page, path: string): Promise<void> {
  let before: Buffer = Buffer.alloc(0);
  for (let tries = 0; tries < MOST_PICTURES; tries += 1) {
    const picture = await page.screenshot({ path });
    if (picture.equals(before)) return;
    before = picture;
  }
}

/** As the page keeps them of somebody who has signed in. */
function tokensOf({ url, token }: HomeAssistant): string {
  const expires = Date.now() + 86_400_000;
  return JSON.stringify({
    ...{ hassUrl: url, clientId: `${url}/`, expires, refresh_token: '', token_type: 'Bearer' },
    ...{ access_token: token, expires_in: 86_400 },
  });
}
