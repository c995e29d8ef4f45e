import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { generate } from 'selfsigned';
import { expect, onTestFinished, test } from 'vitest';
import type { FlowNode } from '../../scripts/demo/flow';
import { startNas, type Nas, type NasOptions } from '../nas/index';
import { editorSuite, type EditorOptions } from '../support/editor-suite';
import { closeNodeDialog, deployByHand, openNasDialog, type NasDialog } from '../support/nas-dialog';
import { describeWith } from '../support/needs';

const PASSWORD = 'planted-password';
const CODE = '246810';
const ACCOUNT = { name: 'admin', password: PASSWORD };
const DAY_MS = 24 * 3600 * 1000;

describeWith('chromium', 'the dialog of a NAS', (chromium) => {
  const editor = editorSuite(chromium, 'nas-dialog', { width: 1280, height: 900 });

  /** A simulated NAS that is closed at the end of the test. */
  async function simulated(options: NasOptions = {}): Promise<Nas> {
    const nas = await startNas({ accounts: [ACCOUNT], schedules: false, ...options });
    onTestFinished(() => nas.close());
    return nas;
  }

  /** The editor on a flow with one node, whose NAS is deployed if one is given. */
  const editorOn = (nas: Nas | null, options: EditorOptions = {}): Promise<Page> => editor.open(flowWith(nas), options);

  async function deployedNas(): Promise<FlowNode> {
    return (await editor.deployedFlow()).find(({ type }) => type === 'active-backup-nas')!;
  }

  async function listedTasks(id: string): Promise<unknown> {
    return (await editor.nodeRed.get(`active-backup/nas/${id}/tasks`)).json();
  }

  test('makes a NAS from nothing, counts its five tasks and stores it', async () => {
    const nas = await simulated();
    const page = await editorOn(null);
    const dialog = await openNasDialog(page, 'list', 'add');
    await dialog.fillIn(nas, PASSWORD);
    await dialog.test.click();
    await dialog.result.getByText('Connected').waitFor();
    expect(await rowsOf(dialog)).toEqual({
      Model: 'DS923+',
      System: 'DSM 7.2.1-69057 Update 5',
      'Active Backup': '3.2.0-25051',
      Tasks: '5',
      Rights: expect.stringMatching(/^Administrator: /),
      'Round trip': expect.stringMatching(/^\d+ ms$/),
    });
    expect(nas.sessions).toBe(0);
    await dialog.ok();
    await closeNodeDialog(page);
    await deployByHand(page);
    const { id, host, port, https } = await deployedNas();
    expect({ host, port, https }).toEqual({ host: nas.host, port: nas.port, https: false });
    // Node-RED answers a deploy before its flows run.
    const fiveTasks = { ok: true, result: Array.from({ length: 5 }, () => ({})) };
    await expect.poll(() => listedTasks(id)).toMatchObject(fiveTasks);
  });

  test('sends no request while the form is invalid, shows the reasons and focuses a field', async () => {
    const page = await editorOn(null);
    const dialog = await openNasDialog(page, 'list', 'add');
    const urls: string[] = [];
    page.on('request', (request) => urls.push(request.url()));
    await dialog.test.click();
    const reasons = dialog.result.getByRole('listitem');
    await reasons.first().waitFor();
    expect(await reasons.allInnerTexts()).toEqual([
      'Host: must not be empty',
      'User name: must not be empty',
      'Password: must not be empty',
    ]);
    expect(urls.filter((url) => url.includes('active-backup'))).toEqual([]);
    await dialog.result.getByText('User name').click();
    await page.keyboard.type('admin');
    expect(await dialog.field('username').inputValue()).toBe('admin');
    expect(await dialog.result.innerText()).toBe('');
  });

  test('shows a wrong password after one login, and can be tested again', async () => {
    const nas = await simulated();
    const page = await editorOn(null);
    const dialog = await openNasDialog(page, 'list', 'add');
    await dialog.fillIn(nas, 'wrong');
    await dialog.test.focus();
    await page.keyboard.press('Enter');
    await dialog.result.getByText('Login refused').waitFor();
    await dialog.result.getByText('the password is wrong').waitFor();
    expect(nas.received('login')).toHaveLength(1);
    await expect.poll(() => dialog.test.evaluate((button) => button === document.activeElement)).toBe(true);
    await dialog.field('password').fill(PASSWORD);
    expect(await dialog.result.innerText()).toBe('');
    await dialog.test.click();
    await dialog.result.getByText('Connected').waitFor();
  });

  test('shows a self-signed certificate, pins it and then trusts only that one', async () => {
    const nas = await simulated({ https: true });
    const fingerprint = nas.certificate!.fingerprint;
    const page = await editorOn(null);
    const dialog = await openNasDialog(page, 'list', 'add');
    await dialog.fillIn(nas, PASSWORD);
    await dialog.test.click();
    await dialog.result.getByText('Certificate not trusted').waitFor();
    await dialog.result.getByRole('button', { name: 'Read certificate' }).click();
    await dialog.result.getByText('synology (self-signed)').waitFor();
    expect((await rowsOf(dialog))['SHA-256']).toBe(fingerprint);
    expect(nas.requests).toEqual([]);
    await dialog.result.getByRole('button', { name: 'Pin this certificate and test again' }).click();
    await dialog.result.getByText('Connected').waitFor();
    expect(await dialog.field('fingerprint').inputValue()).toBe(fingerprint);

    await dialog.readCertificate.click();
    await dialog.certificate.getByText('This certificate is pinned').waitFor();
    await dialog.field('fingerprint').fill('AB'.repeat(32));
    await dialog.certificate.getByText('This is not the pinned certificate').waitFor();
    await dialog.test.click();
    await dialog.result.getByText('Another certificate than the pinned one', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Remove pin' }).click();
    expect(await dialog.field('fingerprint').inputValue()).toBe('');
    await page.getByRole('button', { name: 'Remove pin' }).waitFor({ state: 'hidden' });
    await dialog.certificate.getByRole('button', { name: 'Pin this certificate' }).click();
    await dialog.certificate.getByText('This certificate is pinned').waitFor();
    await dialog.ok();
    await closeNodeDialog(page);
    await deployByHand(page);
    expect(await deployedNas()).toMatchObject({ fingerprint });
  });

  test.each([
    ['expired', -400, -1, 'It expired on'],
    ['is not valid yet', 1, 400, 'It is not valid before'],
  ])('warns of a certificate that %s', async (_, from, to, warning) => {
    const server = await certifiedServer('nas', from, to);
    const page = await editorOn(null);
    const dialog = await openNasDialog(page, 'list', 'add');
    await dialog.fillIn(server, PASSWORD);
    await dialog.readCertificate.click();
    await dialog.certificate.getByText(warning).waitFor();
    expect(await dialog.certificate.getAttribute('data-tone')).toBe('warning');
    await dialog.test.click();
    await dialog.result.getByText('Certificate not trusted').waitFor();
  });

  test('exchanges a one-time code for a token, stores the token and never the code', async () => {
    const nas = await simulated({ accounts: [{ ...ACCOUNT, otp: [CODE] }] });
    const page = await editorOn(null);
    const sent: string[] = [];
    page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`));
    const dialog = await openNasDialog(page, 'list', 'add');
    await dialog.fillIn(nas, PASSWORD);
    await dialog.test.click();
    await dialog.result.getByText('2-factor code needed').waitFor();
    await expect.poll(() => dialog.code.evaluate((input) => input === document.activeElement)).toBe(true);
    expect(await dialog.code.getAttribute('inputmode')).toBe('numeric');
    expect(await dialog.code.getAttribute('autocomplete')).toBe('one-time-code');

    await page.keyboard.type('12');
    await dialog.result.getByRole('button', { name: 'Pair' }).click();
    await dialog.result.getByText('Enter the digits').waitFor();
    expect(nas.received('login')).toHaveLength(1);
    await dialog.code.fill('000000');
    await page.keyboard.press('Enter');
    await dialog.result.getByText('The code was wrong').waitFor();
    expect(await dialog.code.inputValue()).toBe('');
    await dialog.code.fill(`${CODE.slice(0, 3)} ${CODE.slice(3)}`);
    await page.keyboard.press('Enter');
    await dialog.result.getByText('Connected').waitFor();
    await dialog.result.getByText('Paired:').waitFor();
    expect(await dialog.code.count()).toBe(0);
    const token = await dialog.field('deviceId').inputValue();
    expect(token).not.toBe('');

    await dialog.ok();
    await closeNodeDialog(page);
    await deployByHand(page);
    const { id } = await deployedNas();
    const flows = await (await editor.nodeRed.get('flows')).text();
    for (const secret of [PASSWORD, token, CODE]) expect(flows).not.toContain(secret);
    expect(await (await editor.nodeRed.get(`credentials/active-backup-nas/${id}`)).json()).toEqual({
      username: 'admin',
      has_password: true,
      has_deviceId: true,
    });
    expect(sent.filter((request) => request.includes(CODE)).map((request) => /\w+(?= )/.exec(request)?.[0])).toEqual([
      'pair',
    ]);
    await expect.poll(() => listedTasks(id)).toMatchObject({ ok: true });
    expect(nas.received('login').at(-1)!.parameters).not.toHaveProperty('otp_code');
  });

  test('drops an unused code when it is closed', async () => {
    const nas = await simulated({ accounts: [{ ...ACCOUNT, otp: [CODE] }] });
    const page = await editorOn(nas);
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.postData() ?? ''));
    const dialog = await openNasDialog(page, 'list', 'edit');
    await dialog.test.click();
    await dialog.code.fill(CODE);
    await dialog.ok();
    await openNasDialog(page, 'list', 'edit');
    expect(await dialog.code.count()).toBe(0);
    await dialog.cancel();
    expect(sent.join()).not.toContain(CODE);
  });

  test('requires the password again before it is sent to another address', async () => {
    const nas = await simulated();
    const other = await simulated();
    const page = await editorOn(nas);
    const dialog = await openNasDialog(page, 'list', 'edit');
    const hint = page.getByText('enter the password again', { exact: false });
    await hint.waitFor({ state: 'hidden' });
    await dialog.field('port').fill(String(other.port));
    await hint.waitFor();
    await dialog.test.click();
    await dialog.result.getByText('Password: must be entered again').waitFor();
    expect([...nas.requests, ...other.requests]).toEqual([]);
    await dialog.field('password').fill(PASSWORD);
    await hint.waitFor({ state: 'hidden' });
    await dialog.test.click();
    await dialog.result.getByText('Connected').waitFor();
    expect(nas.requests).toEqual([]);
    await dialog.cancel();
  });

  test('shows that it is waiting, and can be closed meanwhile', async () => {
    const nas = await simulated();
    const page = await editorOn(nas);
    const dialog = await openNasDialog(page, 'list', 'edit');
    const endFault = nas.fail({ do: 'hang' });
    await dialog.test.click();
    await dialog.result.locator('.fa-spin').waitFor();
    expect(await dialog.test.isDisabled()).toBe(true);
    await expect.poll(() => nas.requests.length).toBe(1);
    const aborted = page.waitForEvent('requestfailed');
    await dialog.cancel();
    await aborted;
    endFault();
    await openNasDialog(page, 'list', 'edit');
    expect(await dialog.result.innerText()).toBe('');

    nas.fail({ do: 'delay', ms: 1500, on: { method: 'login' } });
    await dialog.test.click();
    await dialog.result.getByText('Asking the NAS').waitFor();
    await dialog.result.getByText('Connected').waitFor();
    expect(await dialog.test.isEnabled()).toBe(true);
    await dialog.cancel();
  });

  test('reports HTML as no valid response of DSM', async () => {
    const nas = await simulated();
    nas.fail({ do: 'html' });
    const page = await editorOn(nas);
    const dialog = await openNasDialog(page, 'list', 'edit');
    await dialog.test.click();
    await dialog.result.getByText('No valid answer').waitFor();
    await dialog.result.getByText('it is a web page').waitFor();
    await dialog.cancel();
  });

  test('reports that Node-RED does not respond', async () => {
    const nas = await simulated();
    const page = await editorOn(nas, { mayLogErrors: true });
    await page.route('**/active-backup/nas/test', (route) => route.abort());
    const dialog = await openNasDialog(page, 'list', 'edit');
    await dialog.test.click();
    await dialog.result.getByText('Node-RED does not answer').waitFor();
  });

  test('shows names with HTML as plain text, and wraps them', async () => {
    const strange = `"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'😀`.padEnd(200, 'ä');
    const server = await certifiedServer(strange, -1, 1);
    const nas = await simulated();
    const page = await editorOn(null);
    // The model of the NAS is replaced by a hostile text.
    await page.route('**/active-backup/nas/test', async (route) => {
      const response = await route.fetch();
      const result = (await response.json()) as { result: object };
      await route.fulfill({ json: { ...result, result: { ...result.result, model: strange } } });
    });
    const dialog = await openNasDialog(page, 'list', 'add');
    await dialog.fillIn(nas, PASSWORD);
    await dialog.test.click();
    await dialog.result.getByText('Connected').waitFor();
    expect((await rowsOf(dialog))['Model']).toBe(strange);
    await dialog.fillIn(server, PASSWORD);
    await dialog.readCertificate.click();
    await dialog.certificate.locator('dl').waitFor();
    expect(await dialog.certificate.locator('dd').first().innerText()).toBe(strange);
    for (const panel of [dialog.result, dialog.certificate]) {
      expect(await panel.evaluate((box) => box.scrollWidth <= box.clientWidth)).toBe(true);
      expect(await panel.locator('img, script').count()).toBe(0);
    }
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  });

  test('leaves a node unchanged when nothing was edited', async () => {
    const nas = await simulated({ https: true });
    const page = await editorOn(nas);
    const dialog = await openNasDialog(page, 'list', 'edit');
    await dialog.test.click();
    await dialog.result.getByText('Certificate not trusted').waitFor();
    await dialog.readCertificate.click();
    await dialog.certificate.locator('dl').waitFor();
    await dialog.ok();
    await closeNodeDialog(page);
    expect(await page.locator('.red-ui-flow-node-changed:visible').count()).toBe(0);
    expect(await page.locator('#red-ui-header-button-deploy').getAttribute('class')).toContain('disabled');
  });

  test('is in German too, with its dates', async () => {
    const server = await certifiedServer('nas', -1, 1);
    const page = await editorOn(null, { language: 'de' });
    const dialog = await openNasDialog(page, 'list', 'add');
    await dialog.fillIn(server, PASSWORD);
    await dialog.test.click();
    await dialog.result.getByText('Zertifikat nicht vertrauenswürdig').waitFor();
    await dialog.result.getByRole('button', { name: 'Zertifikat lesen' }).click();
    await dialog.result.getByText('nas (selbstsigniert)').waitFor();
    const day = new Date(Date.now() + DAY_MS).toLocaleDateString('de', { dateStyle: 'long' });
    expect((await rowsOf(dialog))['Gültig']).toContain(` bis ${day}`);
  });

  test('names every input for screen readers', async () => {
    const nas = await simulated({ accounts: [{ ...ACCOUNT, otp: [CODE] }] });
    const page = await editorOn(null);
    const dialog = await openNasDialog(page, 'list', 'add');
    await dialog.fillIn(nas, PASSWORD);
    await dialog.test.click();
    await dialog.code.waitFor();
    const inputs = page.locator('.active-backup-nas').locator('input, select');
    const nameless = await inputs.evaluateAll((all) =>
      all.filter((input) => !('labels' in input && (input.labels as NodeList).length > 0)).map(({ id }) => id),
    );
    expect(nameless).toEqual([]);
    expect(await dialog.result.getByRole('status').getAttribute('aria-live')).toBe('polite');
    for (const button of await page.locator('.active-backup-nas button').all())
      expect(await button.getAttribute('type')).toBe('button');
  });
});

const FILTERS = { filterType: [], filterState: [], filterResult: [], filterName: '' };
const LIST = { id: 'list', type: 'active-backup-task-list', z: 'tab', x: 200, y: 80, name: '', wires: [[]] };
const INTERVALS = { pollInterval: 60, activePollInterval: 5, overdueHours: 0, timeout: 30 };
const NAS = {
  id: 'nas',
  type: 'active-backup-nas',
  name: '',
  fingerprint: '',
  tls: '',
  access: 'operate',
  quietHours: '',
};

/** A task list node without a NAS, or with a deployed one. */
function flowWith(nas: Nas | null): FlowNode[] {
  const tab = { id: 'tab', type: 'tab', label: 'test' };
  const list = { ...LIST, nas: nas === null ? '' : 'nas', operation: 'list', params: {}, output: 'array', ...FILTERS };
  if (nas === null) return [tab, list];
  const { host, port, certificate } = nas;
  const address = { host, port, https: certificate !== null, verifyCertificate: true };
  return [tab, { ...NAS, ...address, ...INTERVALS, credentials: { username: 'admin', password: PASSWORD } }, list];
}

/** The rows of the test result, by name. */
async function rowsOf(dialog: NasDialog): Promise<Record<string, string>> {
  const names = await dialog.result.locator('dt').allInnerTexts();
  const values = await dialog.result.locator('dd').allInnerTexts();
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

/** A TLS server with a certificate for `name`, valid between two days from now; closed at the end of the test. */
async function certifiedServer(
  name: string,
  fromDays: number,
  toDays: number,
): Promise<Pick<Nas, 'host' | 'port' | 'certificate'>> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: escaped(name) }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() + fromDays * DAY_MS),
    notAfterDate: new Date(Date.now() + toDays * DAY_MS),
  });
  const server = createServer({ cert, key }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    certificate: { pem: cert, fingerprint: '' },
  };
}

/** A name escaped for the generator of certificates (RFC 4514). */
function escaped(name: string): string {
  return name.replace(/[",=+<>#;\\]/g, '\\$&');
}
