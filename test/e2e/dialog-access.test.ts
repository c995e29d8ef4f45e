import type { Locator, Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import type { FlowNode } from '../../scripts/demo/flow';
import { startNas, type Nas } from '../nas/index';
import { cutOffIn, loadAxe, lowContrastIn, THEME_RULES, violationsOf } from '../support/dialog-audit';
import { dialogHasSlidIn, openConfigDialog } from '../support/editor-page';
import { editorSuite } from '../support/editor-suite';
import { describeWith } from '../support/needs';

/** A window in which the sidebar leaves a dialog less than it would take. */
const NARROW = { width: 800, height: 1000 };
/** One of the longest names that DSM accepts, without a place to break it. */
const LONG_NAME = 'Buchhaltung-Rechnungswesen-Erdgeschoss-links'.padEnd(120, '-x');
const PASSWORD = 'synology';
/** For a busy machine: all dialogs are one test, since they share a page. */
const BUSY_MS = 240_000;

describeWith('chromium', 'every dialog', (chromium) => {
  const editor = editorSuite(chromium, 'dialog-access', NARROW);

  test.each([
    ['in German', 'de'],
    ['in English', 'en-US'],
  ])(
    'is readable, labelled and not cut off: 800 pixels with the sidebar open, light and dark, %s',
    { timeout: BUSY_MS },
    async (_, language) => {
      const nas = await startNas({ tasks: 6, schedules: false });
      onTestFinished(() => nas.close());
      nas.state.tasks[2]!.name = LONG_NAME;
      const page = await editor.open(flowWith(nas), { language, mayLogErrors: true });
      await loadAxe(page);
      await page.addStyleTag({ content: DARK });
      await findsPlantedFaults(page);
      const findings: Record<string, string[]> = {};
      const audit = async (name: string, dialog: Locator): Promise<void> => {
        const found = [...(await cutOffIn(dialog)), ...(await auditThemes(page, dialog))];
        if (found.length > 0) findings[name] = found;
      };
      for (const [name, prepare] of Object.entries(DIALOGS)) {
        await page.evaluate(`RED.editor.edit(RED.nodes.node('${name}'))`);
        const dialog = page.locator('.red-ui-tray .active-backup-dialog').last();
        await dialogHasSlidIn(page);
        await prepare(page, dialog);
        await audit(name, dialog);
        if (name === 'backup') await auditConfig(page, 'nas', testNas, audit);
        if (name === 'bridge') await auditConfig(page, 'broker', fillBroker, audit);
        await page.evaluate(CLOSE);
      }
      expect(findings).toEqual({});
    },
  );
});

/** What is to be seen in the dialog of each flow node. */
const DIALOGS: Readonly<Record<string, (page: Page, dialog: Locator) => Promise<unknown>>> = {
  backup: (_, dialog) => dialog.getByText('9999').waitFor(),
  list: (_, dialog) => dialog.locator('#node-input-filterName').fill('PC'),
  storage: (_, dialog) => dialog.waitFor(),
  aem: (_, dialog) => dialog.waitFor(),
  events: (_, dialog) => dialog.waitFor(),
  report: async (_, dialog) => {
    await dialog.locator('#active-backup-report-preview').click();
    await dialog.locator('iframe').waitFor();
  },
  request: async (_, dialog) => {
    await dialog.locator('summary').click();
    await dialog.locator('#active-backup-parameter-filter').fill('no JSON');
  },
  bridge: (_, dialog) => dialog.locator('#node-input-nasId').fill('my nas'),
};

/** Audits the dialog of the config node that the open dialog uses. */
async function auditConfig(
  page: Page,
  which: 'nas' | 'broker',
  prepare: (dialog: Locator) => Promise<void>,
  audit: (name: string, dialog: Locator) => Promise<void>,
): Promise<void> {
  await openConfigDialog(page, which);
  const dialog = page.locator('.red-ui-tray .active-backup-dialog').last();
  await dialog.locator('#node-config-input-username').waitFor();
  await prepare(dialog);
  await audit(which, dialog);
  await page.evaluate('new Promise((closed) => RED.tray.close(closed))');
}

/** A successful test, a warning and the diagnostics. */
async function testNas(dialog: Locator): Promise<void> {
  await dialog.locator('#active-backup-nas-test').click();
  await dialog.locator('#active-backup-nas-test-panel dl').waitFor();
  await dialog.locator('#active-backup-nas-access').selectOption('delete');
  await dialog.locator('#active-backup-nas-diagnostics').click();
  await dialog.locator('#active-backup-nas-diagnostics-panel textarea').waitFor();
}

/** Copied values, and a URL that is none. */
async function fillBroker(dialog: Locator): Promise<void> {
  await dialog.locator('#active-backup-mqtt-broker-copy-button').click();
  await dialog.locator('#node-config-input-url').fill('http://broker.lan');
  await dialog.locator('#node-config-input-url-problem').waitFor();
}

async function auditThemes(page: Page, dialog: Locator): Promise<string[]> {
  const found: string[] = [];
  for (const isDark of [false, true]) {
    await page.evaluate((dark) => document.documentElement.classList.toggle('nr-theme-dark', dark), isDark);
    const problems = [
      ...(await violationsOf(dialog, isDark ? THEME_RULES : undefined)),
      ...(await lowContrastIn(dialog)),
    ];
    found.push(...problems.map((problem) => `${isDark ? 'dark' : 'light'}: ${problem}`));
  }
  await page.evaluate(() => document.documentElement.classList.remove('nr-theme-dark'));
  return found;
}

/** The audits must find what is wrong: a field without a label, grey text, a part that is too wide, a select that is too narrow. */
async function findsPlantedFaults(page: Page): Promise<void> {
  await page.evaluate(`RED.editor.edit(RED.nodes.node('aem'))`);
  const dialog = page.locator('.red-ui-tray .active-backup-dialog').last();
  await dialog.waitFor();
  await dialogHasSlidIn(page);
  await dialog.evaluate((element) => {
    element.insertAdjacentHTML(
      'beforeend',
      '<div><input type="text"><p style="color: #888; width: 900px">grey</p>' +
        '<select style="width: 90px" aria-label="planted"><option>A label that is too long</option></select></div>',
    );
  });
  expect((await violationsOf(dialog)).join()).toContain('label: ');
  expect(await lowContrastIn(dialog)).toEqual(['3.54: grey']);
  const cutOff = (await cutOffIn(dialog)).join();
  expect(cutOff).toContain('outside: P');
  expect(cutOff).toContain('A label that is too long');
  await page.evaluate(CLOSE);
}

const CLOSE = `(async () => {
  while (document.querySelector('.red-ui-tray') !== null) await new Promise((closed) => RED.tray.close(closed));
})()`;

/** The colours of Node-RED 5's dark theme that dialogs use, for Node-RED 4, which has no such theme. */
const DARK = `html.nr-theme-dark {
  --red-ui-primary-background: #15151a; --red-ui-secondary-background: #1b1b23;
  --red-ui-tertiary-background: #17171d; --red-ui-primary-text-color: #f0f0f0;
  --red-ui-secondary-text-color: #aaaaaa; --red-ui-tertiary-text-color: #9a9a9a; --red-ui-text-color-error: #ff6369;
  --red-ui-text-color-warning: #f1a10d; --red-ui-text-color-success: #4cc38a; --red-ui-text-color-code: #00d4c8;
  --red-ui-text-color-link: #e84a4a; --red-ui-primary-border-color: #252527;
  --red-ui-secondary-border-color: #252527; --red-ui-tertiary-border-color: #2a2a2c;
  --red-ui-form-background: #1b1b23; --red-ui-form-placeholder-color: #8a8a8a; --red-ui-form-text-color: #f0f0f0;
  --red-ui-form-text-color-disabled: #7a7a7b; --red-ui-form-input-border-color: #2a2a2c;
  --red-ui-form-input-background: #0e0e12; --red-ui-form-input-background-disabled: #15151a;
  --red-ui-form-button-background: #22222c; --red-ui-workspace-button-background: #15151a;
  --red-ui-workspace-button-background-hover: #1e1e27; --red-ui-workspace-button-background-active: #22222c;
  --red-ui-workspace-button-color: #aaaaaa; --red-ui-workspace-button-color-disabled: #7a7a7b;
  --red-ui-workspace-button-color-focus: #e84a4a; --red-ui-workspace-button-color-hover: #e84a4a;
  --red-ui-workspace-button-color-active: #f0f0f0; --red-ui-menuBackground: #15151a; --red-ui-menuColor: #f0f0f0;
  --red-ui-menuActiveBackground: #22222c; --red-ui-menuHoverColor: #f0f0f0; --red-ui-menuHoverBackground: #22222c;
  --red-ui-popover-background: #15151a; --red-ui-popover-color: #f0f0f0;
}`;

const CORE: FlowNode = {
  id: 'core',
  type: 'mqtt-broker',
  name: '',
  broker: 'core.lan',
  port: '8883',
  autoConnect: false,
};

/** A node of each kind; the NAS is a real one, the broker does not exist. */
function flowWith({ host, port }: Nas): FlowNode[] {
  const at = (y: number): object => ({ z: 'tab', x: 300, y, wires: [[], []], name: '' });
  const nas = { host, port, https: false, timeout: 5, pollInterval: 3600, access: 'operate' };
  const credentials = { username: 'admin', password: PASSWORD };
  const uses = { nas: 'nas', params: {} };
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'nas', type: 'active-backup-nas', name: LONG_NAME, ...nas, credentials },
    CORE,
    { id: 'broker', type: 'active-backup-mqtt-broker', name: '', url: 'mqtt://127.0.0.1:9', credentials },
    { id: 'backup', type: 'active-backup-task-backup', ...at(40), ...uses, operation: 'remove', tasks: '1, 3, 9999' },
    { id: 'list', type: 'active-backup-task-list', ...at(100), ...uses, operation: 'list' },
    { id: 'storage', type: 'active-backup-share-storage', ...at(160), ...uses, operation: 'unlink' },
    { id: 'aem', type: 'active-backup-aem-info', ...at(220), ...uses },
    { id: 'events', type: 'active-backup-events', ...at(280), ...uses },
    { id: 'report', type: 'active-backup-report', ...at(340), nas: [], format: 'html', days: 30 },
    {
      id: 'request',
      type: 'active-backup-api-request',
      ...at(400),
      ...uses,
      api: 'SYNO.ActiveBackup.Log',
      operation: 'list_result',
    },
    { id: 'bridge', type: 'active-backup-mqtt-bridge', ...at(460), nas: 'nas', broker: 'broker', commands: true },
  ];
}
