import { HtmlValidate } from 'html-validate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { buildReport } from '../../src/report/report';
import { htmlReport } from '../../src/report/html';
import { openBrowser } from '../support/browser';
import { describeWith } from '../support/needs';
import { failing, late, nas, OPTIONS, protectionOf, storage, taskOf } from '../report/sources';

const LONG = 'A-host-name-that-nobody-would-choose-but-somebody-has.office.example.org';

/** A page with every kind of content, also long names. */
function page(language: 'en' | 'de'): string {
  const machines = [
    failing(1, 'SRV-SOUTH', 'Windows shadow copy (VSS) failed'),
    late(2, 'CHEN-X1', false),
    protectionOf(3, LONG),
    protectionOf(4, 'KIOSK', { protection: 'unprotected', taskIds: [], days: [], lastSuccessAt: null }),
    protectionOf(5, 'NEW', { protection: 'never', lastSuccessAt: null, days: ['cancelled', 'partial', 'none'] }),
  ];
  const sources = [
    nas(machines, {
      storages: [storage({ growthBytesPerDay: 90e9, fullAt: '2026-12-12T06:00:00Z' }, 92)],
      tasks: [taskOf(1, LONG, [])],
    }),
    nas(null, { id: 'b', name: 'Branch NAS', snapshot: null, error: 'no connection to nas2.lan' }),
  ];
  return htmlReport(buildReport(sources, { ...OPTIONS, language }), language, OPTIONS.timeZone);
}

test.each(['en', 'de'] as const)('the page in %s is valid HTML and accessible', async (language) => {
  const validator = new HtmlValidate({
    root: true,
    extends: ['html-validate:standard', 'html-validate:a11y'],
    // Mail programs need inline styles; `<br />` is valid.
    rules: { 'no-inline-style': 'off', 'void-style': 'off', 'no-trailing-whitespace': 'off' },
  });
  const report = await validator.validateString(page(language));
  expect(
    report.results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => `${ruleId}: ${message}`)),
  ).toEqual([]);
});

/** In the browser: the texts whose contrast with their background is below 4.5, as WCAG computes it. */
const LOW_CONTRASTS = String.raw`(() => {
  const channels = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backgroundOf = (element) => {
    for (let each = element; each !== null; each = each.parentElement) {
      const color = getComputedStyle(each).backgroundColor;
      if (channels(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('body *')].flatMap((element) => {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    const { color, fontSize } = getComputedStyle(element);
    if (!hasText || fontSize === '0px' || element.getClientRects().length === 0) return [];
    const [light, dark] = [luminance(color), luminance(backgroundOf(element))].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    return contrast < 4.5 ? [contrast.toFixed(2) + ' ' + element.textContent.trim().slice(0, 30)] : [];
  });
})()`;

describeWith('chromium', 'the page in a browser', (chromium) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser(chromium);
  });
  afterAll(() => browser.close());

  async function opened(language: 'en' | 'de', colorScheme: 'light' | 'dark', width: number): Promise<Page> {
    const tab = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
    await tab.setContent(page(language));
    return tab;
  }

  test.each([
    ['en', 'light', 1200],
    ['en', 'dark', 360],
    ['de', 'dark', 1200],
    ['de', 'light', 360],
  ] as const)(
    '%s, %s, %i px: nothing is wider than the page, every text is readable',
    async (language, scheme, width) => {
      const tab = await opened(language, scheme, width);
      const overflow = await tab.evaluate('document.documentElement.scrollWidth - window.innerWidth');
      expect(overflow).toBeLessThanOrEqual(0);
      expect(await tab.evaluate(LOW_CONTRASTS)).toEqual([]);
      await tab.close();
    },
  );
});
