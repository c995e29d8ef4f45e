import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { FlowNode } from '../../scripts/demo/flow';
import { PICKERS } from '../../src/node-red/admin/pickers';
import { startNas, type Nas } from '../nas/index';
import { openBrowser } from '../support/browser';
import { linkPackage } from '../support/linked-package';
import { openNasDialog } from '../support/nas-dialog';
import { describeWith } from '../support/needs';
import { LIGHT_EDITOR, startNodeRed, type NodeRed } from '../support/node-red';
import { tempDir } from '../support/temp-dir';

const PASSWORD = 'password';
/** bcrypt hash of `PASSWORD`. */
const HASH = '$2b$04$OYY.cbutjl/vPjZng0CHKOpsxMNo9RNZbzbDvxUANAxLx0JalBqoC';
const PERMISSIONS = { owner: '*', reader: 'read' };
const USERS = Object.entries(PERMISSIONS).map(([username, permissions]) => ({ username, password: HASH, permissions }));
const SETTINGS = { adminAuth: { type: 'credentials', users: USERS }, editorTheme: LIGHT_EDITOR };

const ACCOUNT = { username: 'admin', password: 'synology' };
const ADMIN_ACTIONS = ['test', 'pair', 'certificate'];

type User = keyof typeof PERMISSIONS;

describe('a Node-RED with logins', () => {
  let nas: Nas;
  let nodeRed: NodeRed;
  let dir: Awaited<ReturnType<typeof tempDir>>;
  const tokens = new Map<User | null, string>();
  beforeAll(async () => {
    dir = await tempDir('admin-auth');
    await linkPackage(dir.path);
    nas = await startNas({ schedules: false });
    nodeRed = await startNodeRed(dir.path, SETTINGS);
    for (const user of ['owner', 'reader'] as const) tokens.set(user, await logIn(user));
    await deploy();
  });
  afterAll(async () => {
    await nodeRed.stop();
    await nas.close();
    await dir.remove();
  });

  async function logIn(username: User): Promise<string> {
    const login = { client_id: 'node-red-admin', grant_type: 'password', scope: '', username, password: PASSWORD };
    const response = await fetch(`${nodeRed.url}auth/token`, { method: 'POST', body: new URLSearchParams(login) });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  /** Sends a request as a user; null: without a login. */
  function send(user: User | null, path: string, body?: object): Promise<Response> {
    const token = tokens.get(user);
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json', 'node-red-api-version': 'v2' }),
    };
    const request = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    return fetch(`${nodeRed.url}${path}`, { ...request, headers });
  }

  async function deploy(): Promise<void> {
    const { host, port } = nas;
    const flows: FlowNode[] = [
      { id: 'tab', type: 'tab', label: 'test' },
      { id: 'nas', type: 'active-backup-nas', name: '', host, port, https: false, credentials: ACCOUNT },
      { id: 'list', type: 'active-backup-task-list', z: 'tab', x: 200, y: 80, nas: 'nas', wires: [[]] },
    ];
    expect((await send('owner', 'flows', { flows })).status).toBe(200);
  }

  function unsavedNas(): object {
    return { id: 'nas', host: nas.host, port: nas.port, https: false, credentials: ACCOUNT, code: '123456' };
  }

  describe.each(ADMIN_ACTIONS)('a POST of %s', (name) => {
    test.each([
      ['owner', 200],
      ['reader', 401],
      [null, 401],
    ] as const)('by %s gets %i', async (user, status) => {
      const before = nas.requests.length;
      const response = await send(user, `active-backup/nas/${name}`, unsavedNas());
      expect(response.status).toBe(status);
      if (status === 200) return;
      expect(await response.text()).not.toMatch(/DS923|ok/);
      expect(nas.requests).toHaveLength(before);
    });
  });

  describe.each(Object.keys(PICKERS))('the list of %s', (name) => {
    test.each([
      ['owner', 200],
      ['reader', 200],
      [null, 401],
    ] as const)('gets %2$i for %1$s', async (user, status) => {
      const before = nas.requests.length;
      const response = await send(user, `active-backup/nas/nas/${name}`);
      expect(response.status).toBe(status);
      if (status === 200) expect(await response.json()).toMatchObject({ ok: true });
      else expect(nas.requests).toHaveLength(before);
    });
  });

  describeWith('chromium', 'and its editor', (chromium) => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await openBrowser(chromium);
    });
    afterAll(() => browser.close());

    test.each([
      ['reader', 'You may not ask this'],
      ['owner', 'Connected'],
    ])('shows %s: %s', async (user, words) => {
      // A context of its own, without the login of the test before.
      const page = await browser.newPage({ locale: 'en-US' });
      onTestFinished(() => page.close());
      await page.goto(nodeRed.url);
      await page.locator('#node-dialog-login-username').fill(user);
      await page.locator('#node-dialog-login-password').fill(PASSWORD);
      await page.locator('#node-dialog-login-submit').click();
      await page.locator('#list').waitFor();
      const dialog = await openNasDialog(page, 'list', 'edit');
      await dialog.test.click();
      await dialog.result.getByText(words).waitFor();
    });
  });
});
