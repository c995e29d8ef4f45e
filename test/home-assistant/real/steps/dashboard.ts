import { join } from 'node:path';
import { openBrowser } from '../../../support/browser';
import { programPath } from '../../../support/programs';
import type { HomeAssistant } from '../home-assistant';
import { DASHBOARD } from '../seed';
import type { Step } from './step';

/** Of the picture, in pixels. */
const SIZE = { width: 1600, height: 1100 };
/** Home Assistant's pages load their parts one after the other. */
const PAGE_MS = 60_000;

/** The view that the bridge offers. */
export const DASHBOARDS: readonly Step[] = [
  {
    name: 'Home Assistant reads the view that the bridge offers, and has every entity in it',
    run: async ({ ha, home }) => {
      await ha.showView(await home.view());
      const config = JSON.stringify(await ha.api.dashboard(DASHBOARD));
      const named = [...config.matchAll(/"entity(?:_id)?":\s*"([^"]+)"/g)].map(([, id]) => id);
      const known = new Set([...(await ha.api.entities()).values()].map(({ entityId }) => entityId));
      const missing = named.filter((id) => id === undefined || !known.has(id));
      if (named.length === 0) throw new Error('It names no entity');
      if (missing.length > 0) throw new Error(`There is no ${missing.join(', ')}`);
      return `${named.length} cards and actions`;
    },
  },
  {
    name: 'and shows it',
    run: async ({ ha, folder }) => {
      const chromium = programPath('chromium');
      if (chromium === null) return 'not looked at: there is no Chromium';
      if (!(await ha.api.hasPages())) return 'not looked at: packages are missing that its pages need';
      const file = join(folder, 'dashboard.png');
      const faults = await picture(ha, chromium, file);
      if (faults.length > 0) throw new Error(faults.join('\n'));
      return file;
    },
  },
];

/** @returns the cards that Home Assistant cannot show */
async function picture(ha: HomeAssistant, chromium: string, file: string): Promise<string[]> {
  const browser = await openBrowser(chromium);
  try {
    const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: 1 });
    await page.addInitScript((tokens) => localStorage.setItem('hassTokens', tokens), tokensOf(ha));
    await page.goto(`${ha.url}/${DASHBOARD}`);
    await page.locator('hui-tile-card').first().waitFor({ timeout: PAGE_MS });
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: file });
    return await page.locator('hui-error-card, hui-warning').allTextContents();
  } finally {
    await browser.close();
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
