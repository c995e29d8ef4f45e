import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { startNas, type Nas } from '../../test/nas/index';
import { linkInstalled, linkPackage } from '../../test/support/linked-package';
import { startNodeRed } from '../../test/support/node-red';
import { DASHBOARD, wallFlow } from '../../test/support/wall';

/** Of the images. */
const SIZE = { width: 1600, height: 1080 } as const;
const DAY_MS = 86_400_000;
/** Days for which the space of the volumes is known: the date on which a volume is full needs at least seven. */
const KNOWN_DAYS = 12;
/** By how much the volumes fill on a day, in bytes. */
const GROWTH = { office: 90e9, branch: 15e9 } as const;

/** The samples of volumes in the stored state of a NAS. */
interface StoredSamples {
  volumeSamples: Record<string, [at: string, usedBytes: number][]>;
}

/**
 * Captures the wall of two simulated NASes, those of the demo and of a branch, as `wall-light.png` and `wall-dark.png`.
 * @param dir an empty folder for Node-RED; @param images where the images go
 */
export async function captureWall(browser: Browser, dir: string, images: string): Promise<void> {
  const office = await startNas({ speed: 1, runSeconds: 90, machines: true, freeBytes: 1.6e12 });
  const branch = await startNas({ speed: 1, runSeconds: 120, seed: 7, tasks: 9 });
  renamed(branch);
  await linkPackage(dir);
  await linkInstalled(dir, DASHBOARD);
  const red = await startNodeRed(dir);
  const nas = [
    { name: 'Head office', url: office.url },
    { name: 'Hamburg', url: branch.url },
  ];
  const capture = async (theme: 'light' | 'dark', path?: string): Promise<void> => {
    await red.deploy(wallFlow({ nas, theme, language: 'en' }));
    const context = await browser.newContext({ viewport: SIZE, serviceWorkers: 'block', timezoneId: 'Europe/Berlin' });
    const page = await context.newPage();
    await page.goto(`${red.url}dashboard/backups`);
    await page.locator('.storages li').nth(1).waitFor();
    await page.locator('.tasks .bar').nth(1).waitFor();
    await page.evaluate('document.fonts.ready');
    if (path !== undefined) await page.screenshot({ path, animations: 'disabled' });
    await context.close();
  };
  try {
    office.state.startRun(1);
    branch.state.startRun(2);
    await capture('light');
    await red.stop();
    await addSamples(join(dir, 'active-backup', 'wall-nas-0.json'), GROWTH.office);
    await addSamples(join(dir, 'active-backup', 'wall-nas-1.json'), GROWTH.branch);
    await red.start();
    for (const theme of ['light', 'dark'] as const) await capture(theme, join(images, `wall-${theme}.png`));
  } finally {
    await red.stop();
    await Promise.all([office.close(), branch.close()]);
  }
}

/** Gives the tasks of the branch other names than those of the head office. */
function renamed(nas: Nas): void {
  const names = ['Front desk PC', 'Order database', 'Warehouse VMs', 'Photo archive', 'Jonas’s laptop'];
  for (const [index, name] of names.entries()) Object.assign(nas.state.task(index + 1), { name });
}

/** Adds samples of the days before to the stored state of a NAS. @param growth in bytes per day */
async function addSamples(file: string, growth: number): Promise<void> {
  const stored = JSON.parse(await readFile(file, 'utf8')) as StoredSamples;
  for (const [volume, samples] of Object.entries(stored.volumeSamples)) {
    const [at, used] = samples[0] ?? ['', 0];
    const earlier = Array.from({ length: KNOWN_DAYS }, (_, index): [string, number] => {
      const days = KNOWN_DAYS - index;
      return [new Date(Date.parse(at) - days * DAY_MS).toISOString(), Math.round(used - days * growth)];
    });
    stored.volumeSamples[volume] = [...earlier, ...samples];
  }
  await writeFile(file, JSON.stringify(stored));
}
