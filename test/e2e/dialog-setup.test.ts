import type { Locator, Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { startBroker } from '../../scripts/demo/broker';
import type { FlowNode } from '../../scripts/demo/flow';
import { startNas, type Nas } from '../nas/index';
import { editorSuite } from '../support/editor-suite';
import { openNasDialog } from '../support/nas-dialog';
import { describeWith } from '../support/needs';
import { until } from '../support/until';
import { openConfigDialog, openNodeDialog } from '../support/editor-page';

describeWith('chromium', 'setting up', (chromium) => {
  const editor = editorSuite(chromium, 'dialog-setup', { width: 1280, height: 1000 });

  async function simulated(): Promise<Nas> {
    const nas = await startNas({ schedules: false });
    onTestFinished(() => nas.close());
    return nas;
  }

  test('lists are offered after a successful test, before any deployment', async () => {
    const nas = await simulated();
    const page = await editor.open(flowWith({ backup: { nas: '' } }));
    const dialog = await openNasDialog(page, 'backup', 'add');
    await dialog.fillIn(nas);
    await dialog.test.click();
    await dialog.result.getByText('DS923+').waitFor();
    await dialog.ok();
    // The menu is drawn anew when the list arrives, so a click can meet a row that is being replaced.
    await until(async () => {
      if ((await rowsOf(page).count()) === 0)
        await page.locator('#active-backup-tasks-box .active-backup-pick').click();
      await rowsOf(page).filter({ hasText: 'Reception PC' }).click();
      return (await page.locator('#active-backup-tasks-field').inputValue()) === '1';
    });
    expect(await editor.deployedFlow()).toHaveLength(flowWith({}).length);
    expect(nas.sessions).toBe(0);
    // A NAS that is changed again has other lists.
    nas.state.tasks[0]!.name = 'Renamed';
    const again = await openNasDialog(page, '', 'edit');
    await again.field('timeout').fill('7');
    await again.ok();
    await page.locator('.active-backup-names').getByText('1 = Renamed').waitFor();
  });

  test('a list is used by keyboard, and screen readers know it as a combobox', async () => {
    const nas = await simulated();
    const page = await editor.open(flowWith({ nas: { host: nas.host, port: nas.port } }));
    const input = await openDialog(page, 'backup', '#active-backup-tasks-field');
    const combobox = page.getByRole('combobox', { name: 'Tasks' });
    expect(await combobox.getAttribute('id')).toBe('active-backup-tasks-field');
    expect(await input.getAttribute('aria-expanded')).toBe('false');
    await input.focus();
    await page.keyboard.press('ArrowDown');
    const list = page.getByRole('listbox', { name: 'Tasks' });
    await list.waitFor();
    expect(await input.getAttribute('aria-expanded')).toBe('true');
    expect(await input.getAttribute('aria-controls')).toBe(await list.getAttribute('id'));
    expect(await list.getByRole('option').count()).toBe(1 + 5);
    expect(await list.getByRole('option').first().getAttribute('aria-disabled')).toBe('true'); // the number of tasks
    await page.keyboard.press('Escape');
    await expect.poll(() => input.getAttribute('aria-expanded')).toBe('false');
    expect(await input.getAttribute('aria-controls')).toBeNull();

    await page.keyboard.press('ArrowDown');
    await list.waitFor();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowUp']) await page.keyboard.press(key);
    const selected = page.locator('[role=option][aria-selected=true]');
    expect(await selected.count()).toBe(1);
    const [, id = ''] = /id (\d+)/.exec(await selected.innerText()) ?? [];
    await page.keyboard.press('Enter');
    expect(await input.inputValue()).toBe(id);
    await expect.poll(() => input.getAttribute('aria-expanded')).toBe('false');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('active-backup-tasks-field');
  });

  test('API and method of a request are comboboxes too', async () => {
    const page = await editor.open(flowWith({}));
    const api = await openDialog(page, 'request', '#node-input-api');
    await page.locator('#active-backup-apis').click();
    const list = page.getByRole('listbox', { name: 'API' });
    await list.getByRole('option', { name: 'SYNO.ActiveBackup.Log' }).click();
    expect(await api.inputValue()).toBe('SYNO.ActiveBackup.Log');
    const operation = page.getByRole('combobox', { name: 'Operation' });
    await operation.fill('list_result');
    await page.keyboard.press('Escape');
    await operation.blur();
    await page.locator('#active-backup-parameters summary').click();
    const hint = page.locator('#active-backup-parameter-filter-hint');
    await hint.getByText('from_timestamp').waitFor();
    expect(await hint.innerText()).toContain('to_timestamp');
  });

  test('a broker is tested with the values of its dialog, and a mere host is completed', async () => {
    const { url, close } = await startBroker(0);
    onTestFinished(close);
    const page = await editor.open(flowWith({}));
    const address = await openBroker(page);
    await address.fill(url.replace('mqtt://', ''));
    await page.locator('#active-backup-mqtt-broker-test').click();
    expect(await address.inputValue()).toBe(url);
    const result = page.locator('#active-backup-mqtt-broker-test-panel');
    await result.getByText('MQTT 3.1.1').waitFor();
    expect(await result.getAttribute('data-tone')).toBe('good');
    await address.fill('mqtt://127.0.0.1:9');
    await result.getByText('MQTT 3.1.1').waitFor({ state: 'detached' });
    await page.locator('#active-backup-mqtt-broker-test').click();
    await result.getByText('Broker not reachable').waitFor();
    await address.fill('http://broker.lan');
    await page.locator('#active-backup-mqtt-broker-test').click();
    await result.getByText('URL: must be like mqtt://host:1883').waitFor();
  });

  test('diagnostics are copied without names, and shown', async () => {
    const nas = await simulated();
    const page = await editor.open(flowWith({ nas: { host: nas.host, port: nas.port } }));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await openNasDialog(page, 'backup', 'edit');
    await page.locator('#active-backup-nas-diagnostics').click();
    const panel = page.locator('#active-backup-nas-diagnostics-panel');
    await panel.getByText('Copied to the clipboard').waitFor();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(JSON.parse(copied)).toMatchObject({
      nodeRed: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      nas: { counts: { tasks: 5 } },
    });
    expect(copied).not.toMatch(/Reception|127\.0\.0\.1|synology"/);
    expect(await panel.locator('textarea').inputValue()).toBe(copied);
  });

  test('a new bridge has names in the language of the editor', async () => {
    const language = "RED.nodes.getType('active-backup-mqtt-bridge').defaults.language.value";
    expect(await (await editor.open(flowWith({}))).evaluate(language)).toBe('en');
    expect(await (await editor.open(flowWith({}), { language: 'de' })).evaluate(language)).toBe('de');
  });
});

function rowsOf(page: Page): Locator {
  return page.locator('.red-ui-autoComplete-container:visible .active-backup-suggestion');
}

/** Opens the dialog of a node and waits for its field. */
async function openDialog(page: Page, id: string, field: string): Promise<Locator> {
  await openNodeDialog(page, id);
  await page.locator(field).waitFor();
  return page.locator(field);
}

async function openBroker(page: Page): Promise<Locator> {
  await openDialog(page, 'bridge', '#node-input-baseTopic');
  await openConfigDialog(page, 'broker');
  const address = page.locator('#node-config-input-url');
  await address.waitFor();
  return address;
}

/** A node of some kinds, with other properties by id. */
function flowWith(changes: Partial<Record<string, object>>): FlowNode[] {
  const at = (y: number): object => ({ z: 'tab', x: 300, y, wires: [[], []], name: '' });
  const credentials = { username: 'admin', password: 'synology' };
  const flow: FlowNode[] = [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'nas', type: 'active-backup-nas', name: 'NAS', host: '127.0.0.1', port: 9, https: false, credentials },
    { id: 'broker', type: 'active-backup-mqtt-broker', name: '', url: 'mqtt://127.0.0.1:9' },
    {
      id: 'backup',
      type: 'active-backup-task-backup',
      ...at(40),
      nas: 'nas',
      params: {},
      operation: 'backup',
      tasks: '',
    },
    { id: 'request', type: 'active-backup-api-request', ...at(100), nas: 'nas', params: {} },
    { id: 'bridge', type: 'active-backup-mqtt-bridge', ...at(160), nas: 'nas', broker: 'broker' },
  ];
  return flow.map((node) => ({ ...node, ...changes[node.id] }));
}
