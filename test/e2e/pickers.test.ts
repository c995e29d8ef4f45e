import type { Locator, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FlowNode } from '../../scripts/demo/flow';
import { startNas, type Nas } from '../nas/index';
import { editorSuite, type EditorOptions } from '../support/editor-suite';
import { closeNodeDialog, deployByHand } from '../support/nas-dialog';
import { describeWith } from '../support/needs';
import { openNodeDialog } from '../support/editor-page';

const TASKS = 500;
const HOSTILE =
  `"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'😀, $t(status.idle) __id__ `.padEnd(
    200,
    'ä',
  );

/** For a busy machine. */
const until = <T>(get: () => T | Promise<T>) => expect.poll(get, { timeout: 20_000 });

describeWith('chromium', 'the pickers', (chromium) => {
  const editor = editorSuite(chromium, 'pickers', { width: 1280, height: 900 });

  /** A simulated NAS that is closed at the end of the test. */
  async function simulated(): Promise<Nas> {
    const nas = await startNas({ tasks: TASKS, schedules: false, pastDays: 2 });
    onTestFinished(() => nas.close());
    nas.state.tasks[2]!.name = HOSTILE;
    return nas;
  }

  /** The editor on a flow with a node of each kind. */
  function editorOn(nas: Nas, more: Partial<Record<string, object>> = {}, options: EditorOptions = {}): Promise<Page> {
    return editor.open(
      flowWith(nas).map((node) => ({ ...node, ...more[node.id] })),
      options,
    );
  }

  /** Opens the dialog of a node and waits for its field. */
  async function openDialog(page: Page, id: string, field: string): Promise<Field> {
    await openNodeDialog(page, id);
    const input = page.locator(field);
    await input.waitFor();
    const box = page.locator('.active-backup-field', { has: input });
    return {
      input,
      button: box.locator('.active-backup-pick'),
      line: page.locator('.form-row', { has: input }).locator('.active-backup-names'),
      rows: page.locator('.red-ui-autoComplete-container:visible .active-backup-suggestion'),
    };
  }

  test('a task is searched by its name, picked, deployed and backed up', async () => {
    const nas = await simulated();
    const page = await editorOn(nas);
    const paths: string[] = [];
    page.on('request', (request) => paths.push(new URL(request.url()).pathname));
    const { input, button, line, rows } = await openDialog(page, 'backup', '#active-backup-tasks-field');
    await button.click();
    await until(() => rows.allInnerTexts()).toHaveLength(1 + 50 + 1);
    expect(await rows.first().innerText()).toBe('500 to choose from: type to search');
    expect(await rows.last().innerText()).toBe('… 450 more: type to search');

    await input.pressSequentially('reception');
    await until(() => rows.allInnerTexts()).toHaveLength(1);
    expect(await rows.innerText()).toMatch(/^Reception PC\s+id 1 · PC · last: successful · next: /);
    await rows.click();
    expect(await input.inputValue()).toBe('1');
    await until(() => line.innerText()).toBe('1 = Reception PC');

    await button.click();
    await until(() => rows.allInnerTexts()).toHaveLength(1 + 50 + 1);
    await page.keyboard.press('Tab'); // leaving the field adds nothing
    expect(await input.inputValue()).toBe('1');
    await closeNodeDialog(page);
    await deployByHand(page);
    expect(await editor.deployedNode('backup')).toMatchObject({ tasks: '1', tasksType: 'ids' });
    expect(paths.filter((path) => path.includes('active-backup/nas'))).toEqual(['/active-backup/nas/nas/tasks']);

    await page.locator('#inject .red-ui-flow-node-button-button').click();
    await until(() => nas.received('backup').length).toBe(1);
    expect(nas.received('backup')[0]?.parameters['task_ids']).toBe('[1]');
  });

  test('a hostile name is shown as text, and reaches its task when it is picked', async () => {
    const nas = await simulated();
    const page = await editorOn(nas, { backup: { tasks: 'Reception PC', tasksType: 'names' } });
    const { input, rows } = await openDialog(page, 'backup', '#active-backup-tasks-field');
    await input.press('End');
    await input.pressSequentially(', <script>win');
    await until(() => rows.locator('.active-backup-suggestion-name').allInnerTexts()).toEqual([HOSTILE]);
    const name = rows.locator('.active-backup-suggestion-name');
    expect(await name.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBeLessThanOrEqual(1);
    await rows.click();
    await closeNodeDialog(page);
    await deployByHand(page);
    await page.locator('#inject .red-ui-flow-node-button-button').click();
    await until(() => nas.received('backup').map(({ parameters }) => parameters['task_ids'])).toEqual(['[1,3]']);
  });

  test('ids are shown with the names of their tasks; an unknown id is marked and stays', async () => {
    const page = await editorOn(await simulated(), { backup: { tasks: '3, 9999', tasksType: 'ids' } });
    const { input, line, rows } = await openDialog(page, 'backup', '#active-backup-tasks-field');
    await until(() => line.innerText()).toBe(`3 = ${HOSTILE}, 9999: not on the NAS`);
    expect(await line.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBeLessThanOrEqual(1);
    await input.fill('1, 49');
    await input.press('0');
    await until(() => rows.first().innerText()).toContain('id 490');
    await input.fill('77777');
    await closeNodeDialog(page);
    await deployByHand(page);
    expect(await editor.deployedNode('backup')).toMatchObject({ tasks: '77777' });
  });

  describe.each([
    ['stopped', 'NAS not reachable', (nas: Nas) => nas.close()],
    ['answering with HTML', 'no valid answer', (nas: Nas) => void nas.fail({ do: 'html' })],
    [
      'without permission',
      'no permission',
      (nas: Nas) => void nas.fail({ on: { api: 'SYNO.ActiveBackup.Task' }, do: 'refuse', code: 105 }),
    ],
  ])('a NAS that is %s', (_, words, spoil) => {
    test('leaves the saved value, and the dialog shows the reason', async () => {
      const nas = await simulated();
      const page = await editorOn(nas, { backup: { tasks: '1', tasksType: 'ids' } });
      await spoil(nas);
      const { input, line } = await openDialog(page, 'backup', '#active-backup-tasks-field');
      await until(() => line.innerText()).toContain(words);
      expect(await line.evaluate((element) => element.classList.contains('active-backup-warning'))).toBe(true);
      expect(await input.inputValue()).toBe('1');
      await closeNodeDialog(page);
      expect(await page.locator('#backup .red-ui-flow-node-changed:visible').count()).toBe(0);
    });
  });

  test('a NAS that is not deployed is named as the reason', async () => {
    const nas = await simulated();
    const page = await editorOn(nas, { nas: { d: true }, backup: { tasks: '1' } });
    const { line } = await openDialog(page, 'backup', '#active-backup-tasks-field');
    await until(() => line.innerText()).toContain('the NAS is not deployed yet');
  });

  test('the filter of a list suggests names', async () => {
    const page = await editorOn(await simulated());
    const { input, rows } = await openDialog(page, 'list', '#node-input-filterName');
    await input.pressSequentially('recep');
    await until(() => rows.allInnerTexts()).toHaveLength(1);
    await page.keyboard.press('Enter');
    expect(await input.inputValue()).toBe('Reception PC');
    await closeNodeDialog(page);
    await deployByHand(page);
    expect(await editor.deployedNode('list')).toMatchObject({ filterName: 'Reception PC' });
  });

  test.each([
    ['Version', 'list', 'task_id', 'Reception PC', '1', 'num'],
    ['Device', 'list_tasks', 'device_ids', 'ANNA-XPS', '5', 'str'],
    ['Share', 'relink', 'share_name', 'ActiveBackupforBusiness', 'ActiveBackupforBusiness', 'str'],
  ])('%s.%s: the parameter %s is picked', async (api, operation, name, label, value, type) => {
    const page = await editorOn(await simulated(), { request: { api: `SYNO.ActiveBackup.${api}`, operation } });
    const { button, rows, input } = await openDialog(page, 'request', `#active-backup-parameter-${name}`);
    await button.click();
    await until(() => rows.count()).toBeGreaterThan(1);
    await input.pressSequentially(label.slice(0, 6));
    await rows.filter({ hasText: label }).first().click();
    expect(await input.inputValue()).toBe(value);
    await closeNodeDialog(page);
    await deployByHand(page);
    expect(await editor.deployedNode('request')).toMatchObject({ params: { [name]: { value, type } } });
  });

  test('a start that waits for a device is chosen, with its time limit, and only for a start', async () => {
    const page = await editorOn(await simulated(), { backup: { tasks: '1' } });
    await openDialog(page, 'backup', '#active-backup-tasks-field');
    const startWhen = page.locator('#active-backup-start-when');
    const limit = page.locator('#node-input-waitTimeout');
    expect(await startWhen.inputValue()).toBe('now'); // of a node without the property
    expect(await limit.isVisible()).toBe(false);
    await startWhen.selectOption('online');
    expect(await limit.isVisible()).toBe(true);
    await page.locator('#node-input-operation').selectOption('cancel');
    expect(await startWhen.isVisible()).toBe(false);
    expect(await limit.isVisible()).toBe(false);
    await page.locator('#node-input-operation').selectOption('backup');
    await closeNodeDialog(page);
    await deployByHand(page);
    expect(await editor.deployedNode('backup')).toMatchObject({ startWhen: 'online', wait: false, waitTimeout: 720 });
  });

  test('in German too', async () => {
    const page = await editorOn(await simulated(), { backup: { tasks: '1, 9999' } }, { language: 'de' });
    const { button, line, rows } = await openDialog(page, 'backup', '#active-backup-tasks-field');
    await until(() => line.innerText()).toBe('1 = Reception PC, 9999: nicht auf dem NAS');
    await button.click();
    await until(() => rows.first().innerText()).toBe('499 zur Auswahl: tippen, um zu suchen');
  });
});

/** A field with a picker. */
interface Field {
  readonly input: Locator;
  readonly button: Locator;
  /** The line below the field with the names of its ids. */
  readonly line: Locator;
  readonly rows: Locator;
}

const BACKUP = { tasks: '', tasksType: 'ids', wait: false, waitTimeout: 720 };
const LIST = { output: 'array', filterType: [], filterState: [], filterResult: [], filterName: '' };

function flowWith({ host, port }: Nas): FlowNode[] {
  const at = (y: number): object => ({ z: 'tab', x: 300, y, wires: [[], []] });
  const nas = { host, port, https: false, timeout: 2, pollInterval: 3600, activePollInterval: 3600, access: 'operate' };
  const common = { name: '', nas: 'nas', params: {} };
  const credentials = { username: 'admin', password: 'synology' };
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'nas', type: 'active-backup-nas', name: 'NAS', ...nas, credentials },
    { id: 'inject', type: 'inject', ...at(40), props: [], repeat: '', wires: [['backup']] },
    { id: 'backup', type: 'active-backup-task-backup', ...at(100), ...common, operation: 'backup', ...BACKUP },
    { id: 'list', type: 'active-backup-task-list', ...at(160), ...common, operation: 'list', ...LIST },
    { id: 'request', type: 'active-backup-api-request', ...at(220), ...common },
  ];
}
