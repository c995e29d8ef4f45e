import type { Locator, Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import type { FlowNode } from '../../scripts/demo/flow';
import { startNas, type Nas } from '../nas/index';
import { editorSuite } from '../support/editor-suite';
import { closeNodeDialog, deployByHand } from '../support/nas-dialog';
import { describeWith } from '../support/needs';
import { openNodeDialog } from '../support/editor-page';

const HOSTILE = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

describeWith('chromium', 'the dialog of the report', (chromium) => {
  const editor = editorSuite(chromium, 'report-dialog', { width: 1280, height: 1400 });

  async function simulated(): Promise<Nas> {
    const nas = await startNas({ tasks: 3, schedules: false });
    onTestFinished(() => nas.close());
    nas.state.devices[0]!.hostName = HOSTILE;
    return nas;
  }

  async function openDialog(page: Page): Promise<Locator> {
    await openNodeDialog(page, 'report');
    const form = page.locator('.active-backup-report');
    await form.locator('#active-backup-report-preview').waitFor();
    return form;
  }

  test.each([
    ['usual', {}],
    ['unusual', { nas: ['gone'], format: '${FORMAT}', days: '45', language: 'fr' }],
  ])('changes nothing when it is closed without a change: %s values', async (_, values) => {
    const page = await editor.open(flowWith(await simulated(), values));
    await openDialog(page);
    await closeNodeDialog(page);
    expect(await page.evaluate('RED.nodes.dirty()')).toBe(false);
    expect(await page.evaluate("RED.nodes.convertNode(RED.nodes.node('report'), false)")).toMatchObject(values);
  });

  test('stores what is chosen', async () => {
    const page = await editor.open(flowWith(await simulated()));
    const form = await openDialog(page);
    await form.getByLabel('Office').check();
    await form.locator('#active-backup-report-format').selectOption('markdown');
    await form.locator('#node-input-days').fill('14');
    await form.locator('#active-backup-report-language').selectOption('de');
    await closeNodeDialog(page);
    await deployByHand(page);
    expect(await editor.deployedNode('report')).toMatchObject({
      nas: ['nas'],
      format: 'markdown',
      days: 14,
      language: 'de',
    });
  });

  test('shows the report of the deployed NAS, in which names are text', async () => {
    const page = await editor.open(flowWith(await simulated()));
    const form = await openDialog(page);
    await form.locator('#active-backup-report-preview').click();
    const frame = form.frameLocator('iframe');
    await frame.getByRole('heading', { name: 'Machines', exact: true }).waitFor();
    expect(await frame.locator('body').innerText()).toContain(HOSTILE);
    await form.locator('#active-backup-report-format').selectOption('csv');
    await form.locator('#active-backup-report-preview').click();
    await expect.poll(() => form.getByRole('textbox', { name: 'Report' }).inputValue()).toMatch(/^nas_id,/);
  });

  test('shows why there is no report', async () => {
    const page = await editor.open(flowWith(await simulated(), { nas: ['gone'] }));
    const form = await openDialog(page);
    await form.locator('#active-backup-report-preview').click();
    await form.locator('[data-tone="bad"]').waitFor();
  });
});

function flowWith(nas: Nas, values: object = {}): FlowNode[] {
  return [
    { id: 'flow', type: 'tab', label: 'flow', disabled: false, info: '' },
    {
      ...{ id: 'report', type: 'active-backup-report', z: 'flow', name: '', x: 300, y: 100, wires: [[]] },
      ...{ nas: [], format: 'html', days: 30, language: '' },
      ...values,
    },
    {
      ...{ id: 'nas', type: 'active-backup-nas', name: 'Office', host: nas.url },
      credentials: { username: 'admin', password: 'synology' },
    },
  ];
}
