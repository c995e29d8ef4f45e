import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { FlowNode } from '../../scripts/demo/flow';
import { editorSuite, type EditorOptions } from '../support/editor-suite';
import { closeNodeDialog, deployByHand } from '../support/nas-dialog';
import { describeWith } from '../support/needs';
import { closeConfigDialog, openConfigDialog, openNodeDialog } from '../support/editor-page';

const PASSWORD = 'planted-password';
const HOSTILE =
  `"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'😀, $t(status.idle) __id__ `.padEnd(
    200,
    'ä',
  );

describeWith('chromium', 'the dialogs for MQTT', (chromium) => {
  const editor = editorSuite(chromium, 'mqtt-dialogs', { width: 1280, height: 1400 });
  const editorOn = (changes: Changes = {}, options: EditorOptions = {}): Promise<Page> =>
    editor.open(flowWith(changes), options);

  describe.each<[string, Changes]>([
    ['usual', {}],
    [
      'unusual',
      {
        broker: { url: '${MQTT_URL}', keepalive: '60', protocolVersion: 5, clientId: HOSTILE },
        bridge: { discovery: 'false', commands: '${COMMANDS}', detail: '${DETAIL}', devices: 'none of them' },
      },
    ],
  ])('with %s values', (_, changes) => {
    test('change nothing when they are closed without a change', async () => {
      const page = await editorOn(changes);
      const before = [await editor.deployedNode('bridge'), await editor.deployedNode('broker')];
      const broker = await openBroker(page);
      await broker.ok();
      await closeNodeDialog(page);
      expect(await page.evaluate('RED.nodes.dirty()')).toBe(false);
      const now = await page.evaluate(
        "['bridge', 'broker'].map((id) => RED.nodes.convertNode(RED.nodes.node(id), false))",
      );
      expect(now).toMatchObject(before);
    });
  });

  describe('the broker', () => {
    test('is copied from one of Node-RED, without its password and its client id', async () => {
      const page = await editorOn({ broker: { url: '' }, core: [CORE] });
      const broker = await openBroker(page);
      await broker.copy.click();
      await broker.copied.getByText('Copied', { exact: true }).waitFor();
      await broker.copied.getByText('Enter user name and password').waitFor();
      const values = await Promise.all(
        ['url', 'tls', 'keepalive', 'clientId', 'username', 'password'].map(broker.value),
      );
      expect(values).toEqual(['mqtts://core.lan:8883', 'tls', '30', '', '', '']);
      expect(await broker.version.inputValue()).toBe('5');
      await broker.ok();
      await closeNodeDialog(page);
      await deployByHand(page);
      const copied = { url: 'mqtts://core.lan:8883', tls: 'tls', keepalive: 30, clientId: '', protocolVersion: '5' };
      expect(await editor.deployedNode('broker')).toMatchObject(copied);
      expect(await (await editor.nodeRed.get('credentials/active-backup-mqtt-broker/broker')).text()).not.toContain(
        'core',
      );
    });

    test('is copied from the selected one, and shows what is still to be entered', async () => {
      const core = [CORE, { ...CORE, id: 'core-2', name: HOSTILE, broker: '${MQTT_HOST}', tls: '' }];
      const page = await editorOn({ core });
      const broker = await openBroker(page);
      expect(await broker.copyFrom.locator('option').allInnerTexts()).toEqual(['Core', HOSTILE.trim()]);
      await broker.copyFrom.selectOption('core-2');
      await broker.copy.click();
      await broker.copied.getByText('${MQTT_HOST} is only replaced where it is all that a field holds').waitFor();
      expect(await broker.value('url')).toBe('mqtt://127.0.0.1:9');
      expect(await broker.value('tls')).toBe('_ADD_');
    });

    test('offers nothing to copy where there is nothing', async () => {
      const broker = await openBroker(await editorOn());
      await broker.copy.waitFor({ state: 'hidden' });
    });

    test('shows what is wrong with its URL', async () => {
      const page = await editorOn();
      const broker = await openBroker(page);
      const problem = page.locator('#node-config-input-url-problem');
      const wrong = [
        ['http://broker.lan', 'must be like mqtt://host:1883'],
        [`mqtt://admin:${PASSWORD}@broker.lan`, 'must not contain an account; user name and password have fields'],
      ] as const;
      for (const [url, words] of wrong) {
        await broker.field('url').fill(url);
        await problem.getByText(words).waitFor();
      }
      await broker.ok();
      expect(await errorsOf(page, 'broker')).toContain('URL: must not contain an account');
      await openConfigDialog(page, 'broker');
      await problem.waitFor();
      await broker.field('url').fill('');
      await problem.waitFor({ state: 'hidden' });
      await broker.ok();
      expect(await errorsOf(page, 'broker')).toContain('URL: must not be empty');
    });

    test('requires a user name with a password, and warns that the password can be read', async () => {
      const page = await editorOn();
      const broker = await openBroker(page);
      const warning = page.getByText('everybody on the network can read the password');
      await broker.field('password').fill(PASSWORD);
      await warning.waitFor({ state: 'hidden' }); // not on loopback
      await broker.field('url').fill('mqtt://broker.lan');
      await warning.waitFor();
      await broker.tls.waitFor({ state: 'hidden' });
      await broker.field('url').fill('mqtts://broker.lan');
      await broker.tls.waitFor();
      await warning.waitFor({ state: 'hidden' });
      await broker.ok();
      expect(await errorsOf(page, 'broker')).toContain('User name: must not be empty when there is a password');
    });
  });

  describe('the bridge', () => {
    test('shows the resulting topics while the user types', async () => {
      const page = await editorOn();
      const bridge = await openBridge(page);
      expect(await bridge.topics()).toEqual([
        'active-backup/<serial number>/task/3/state',
        'homeassistant/device/active_backup_<serial number>_task_3/config',
      ]);
      await bridge.field('baseTopic').fill('home/backup');
      await bridge.field('nasId').fill('attic');
      await bridge.field('discoveryPrefix').fill('ha');
      await bridge.commands.check();
      expect(await bridge.topics()).toEqual([
        'home/backup/attic/task/3/state',
        'home/backup/attic/task/3/command',
        'ha/device/active_backup_attic_task_3/config',
      ]);
    });

    test('shows what is wrong with topics and ids', async () => {
      const page = await editorOn();
      const bridge = await openBridge(page);
      const wrong = [
        ['discoveryPrefix', '$SYS', 'must not begin with $', 'Prefix'],
        ['baseTopic', 'a/#', 'must not contain + or #', 'Base topic'],
        ['nasId', 'my nas', 'may have letters, digits, _ and - only', 'ID of the NAS'],
      ] as const;
      for (const [property, text, words] of wrong) {
        await bridge.field(property).fill(text);
        await page.locator(`#node-input-${property}-problem`).getByText(words).waitFor();
        expect(await bridge.field(property).getAttribute('aria-invalid')).toBe('true');
        expect((await bridge.topics()).join()).not.toContain(text);
      }
      await bridge.discovery.uncheck(); // an invalid prefix stays visible
      await bridge.field('discoveryPrefix').waitFor({ state: 'visible' });
      await closeNodeDialog(page);
      const reasons = await errorsOf(page, 'bridge');
      for (const [, , words, label] of wrong) expect(reasons).toContain(`${label}: ${words}`);
    });

    test('requires a broker', async () => {
      const page = await editorOn({ bridge: { broker: '' } });
      expect(await errorsOf(page, 'bridge')).toContain('Broker');
    });

    test('hides the options of Home Assistant while discovery is off', async () => {
      const page = await editorOn();
      const bridge = await openBridge(page);
      await bridge.discovery.uncheck();
      for (const part of [bridge.detail, bridge.language, bridge.field('discoveryPrefix'), bridge.dashboard])
        await part.waitFor({ state: 'hidden' });
      expect(await bridge.topics()).toEqual(['active-backup/<serial number>/task/3/state']);
      await bridge.discovery.check();
      await bridge.detail.selectOption('full');
      await bridge.language.selectOption('de');
      await bridge.devices.selectOption('problems');
      await bridge.form.getByText('Names of computers are personal data').waitFor();
      await closeNodeDialog(page);
      await deployByHand(page);
      expect(await editor.deployedNode('bridge')).toMatchObject({
        ...BRIDGE,
        detail: 'full',
        language: 'de',
        devices: 'problems',
      });
    });

    test('warns about commands before it is deployed', async () => {
      const page = await editorOn();
      const bridge = await openBridge(page);
      const warning = bridge.form.getByText('Anyone who may publish on the broker can then start and cancel backups');
      expect(await bridge.commands.isChecked()).toBe(false);
      await warning.waitFor({ state: 'hidden' });
      await bridge.commands.check();
      await warning.waitFor();
      await closeNodeDialog(page);
      await deployByHand(page);
      expect(await editor.deployedNode('bridge')).toMatchObject({ commands: true });
    });

    test('copies a dashboard', async () => {
      const page = await editorOn();
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      const paths = await replyWith(page, [{ ok: true, result: { yaml: 'views:\n  - title: Bäckups\n' } }]);
      const bridge = await openBridge(page);
      await bridge.dashboard.click();
      await bridge.result.getByText('The dashboard is in the clipboard').waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe('views:\n  - title: Bäckups\n');
      expect(paths).toEqual(['/active-backup/bridge/bridge/dashboard']);
    });

    test('shows the dashboard where the browser does not copy', async () => {
      const page = await editorOn({}, { newPage: true });
      await replyWith(page, [{ ok: true, result: { yaml: HOSTILE } }]);
      await page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))");
      await page.evaluate('document.execCommand = () => false');
      const bridge = await openBridge(page);
      await bridge.dashboard.click();
      await bridge.result.getByText('copy the text below').waitFor();
      const text = bridge.result.getByRole('textbox', { name: 'Dashboard as YAML' });
      expect(await text.inputValue()).toBe(HOSTILE);
      expect(await page.evaluate('String(getSelection())')).toContain('<img src=x');
    });

    test('shows why there is no dashboard, and can be tried again', async () => {
      const page = await editorOn();
      await replyWith(page, [
        { ok: true, result: { yaml: '' } },
        { ok: false, error: { code: 'ECONFIG', message: `The bridge has no NAS ${HOSTILE}` } },
      ]);
      const bridge = await openBridge(page);
      const expected = [
        ['Nothing to show yet', 'plain'],
        ['The bridge has no NAS "><img', 'bad'],
      ];
      for (const [words = '', tone] of expected) {
        await bridge.dashboard.click();
        await bridge.result.getByText(words).waitFor();
        expect(await bridge.result.getAttribute('data-tone')).toBe(tone);
      }
    });

    test('shows HTTP errors of the request for a dashboard', async () => {
      const page = await editorOn({}, { mayLogErrors: true });
      const bridge = await openBridge(page);
      const expected = [
        [404, 'This node is not deployed yet'],
        [403, 'You may not ask this'],
        [500, 'Node-RED does not answer'],
      ] as const;
      for (const [status, words] of expected) {
        await page.route('**/active-backup/bridge/**', (route) => route.fulfill({ status, body: 'no' }));
        await bridge.dashboard.click();
        await bridge.result.getByText(words).waitFor();
        expect(await bridge.result.getAttribute('data-tone')).toBe('bad');
      }
    });

    test('can be closed while it waits for a dashboard', async () => {
      const page = await editorOn();
      await page.route('**/active-backup/bridge/**', () => undefined);
      const bridge = await openBridge(page);
      await bridge.dashboard.click();
      await bridge.result.locator('.fa-spin').waitFor();
      expect(await bridge.dashboard.isDisabled()).toBe(true);
      const aborted = page.waitForEvent('requestfailed');
      await closeNodeDialog(page);
      await aborted;
    });
  });

  test('name every input for screen readers', async () => {
    const page = await editorOn({ core: [CORE] });
    await openBridge(page);
    await openConfigDialog(page, 'broker');
    await page.locator('#node-config-input-url').waitFor();
    const inputs = page.locator('.active-backup-mqtt-bridge, .active-backup-mqtt-broker').locator('input, select');
    const nameless = await inputs.evaluateAll((all) =>
      all.filter((input) => !('labels' in input && (input.labels as NodeList).length > 0)).map(({ id }) => id),
    );
    expect(nameless).toEqual([]);
    const described = await inputs.evaluateAll((all) =>
      all.flatMap((input) => (input.getAttribute('aria-describedby') ?? '').split(' ')).filter((id) => id !== ''),
    );
    for (const id of described) expect(await page.locator(`[id="${id}"]`).count(), id).toBe(1);
  });

  test('are in German too, and wrap long values', async () => {
    const broker = { name: HOSTILE, url: `mqtt://${'broker'.repeat(10)}.lan`, clientId: HOSTILE };
    const bridge = { name: HOSTILE, baseTopic: `${'ebene/'.repeat(30)}a`, nasId: 'n'.repeat(64), commands: true };
    const page = await editorOn({ broker, bridge, core: [CORE] }, { language: 'de' });
    const { form: bridgeForm } = await openBridge(page);
    await bridgeForm.getByText('Wer auf dem Broker veröffentlichen darf').waitFor();
    for (const form of ['.active-backup-mqtt-bridge', '.active-backup-mqtt-broker']) {
      const box = page.locator(form);
      expect(await box.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBeLessThanOrEqual(1);
      if (form === '.active-backup-mqtt-bridge') await openConfigDialog(page, 'broker');
      await page.locator('#node-config-input-url').waitFor();
    }
    await page.getByText('Zwei Clients mit derselben ID').waitFor();
  });
});

/** Differences to the flow of {@link flowWith}. */
interface Changes {
  readonly broker?: object;
  readonly bridge?: object;
  /** Broker nodes of Node-RED itself. */
  readonly core?: readonly FlowNode[];
}

/** The dialog of the broker. */
interface BrokerDialog {
  field(name: string): Locator;
  readonly value: (name: string) => Promise<string>;
  readonly version: Locator;
  readonly tls: Locator;
  readonly copyFrom: Locator;
  readonly copy: Locator;
  readonly copied: Locator;
  ok(): Promise<void>;
}

async function openBroker(page: Page): Promise<BrokerDialog> {
  await openBridge(page);
  await openConfigDialog(page, 'broker');
  const field = (name: string): Locator => page.locator(`#node-config-input-${name}`);
  await field('url').waitFor();
  return {
    field,
    value: (name) => field(name).inputValue(),
    version: page.locator('#active-backup-mqtt-broker-version'),
    tls: page.locator('#active-backup-mqtt-broker-tls'),
    copyFrom: page.locator('#active-backup-mqtt-broker-copy-from'),
    copy: page.locator('#active-backup-mqtt-broker-copy-button'),
    copied: page.locator('#active-backup-mqtt-broker-copy-panel'),
    ok: () => closeConfigDialog(page, 'ok'),
  };
}

/** The dialog of the bridge. */
interface BridgeDialog {
  readonly form: Locator;
  field(name: string): Locator;
  topics(): Promise<string[]>;
  readonly discovery: Locator;
  readonly commands: Locator;
  readonly detail: Locator;
  readonly language: Locator;
  readonly devices: Locator;
  readonly dashboard: Locator;
  /** Result of the request for a dashboard. */
  readonly result: Locator;
}

async function openBridge(page: Page): Promise<BridgeDialog> {
  await openNodeDialog(page, 'bridge');
  const field = (name: string): Locator => page.locator(`#node-input-${name}`);
  const part = (name: string): Locator => page.locator(`#active-backup-mqtt-bridge-${name}`);
  await field('baseTopic').waitFor();
  return {
    form: page.locator('.active-backup-mqtt-bridge'),
    field,
    topics: () => part('topics').locator('dd').allInnerTexts(),
    discovery: part('discovery'),
    commands: part('commands'),
    detail: part('detail'),
    language: part('language'),
    devices: part('devices'),
    dashboard: part('dashboard'),
    result: part('dashboard-panel'),
  };
}

/** The validation errors of a node, one per line. */
function errorsOf(page: Page, id: string): Promise<string> {
  return page.evaluate<string>(
    `(() => { const { validationErrors = [] } = RED.nodes.node('${id}'); return validationErrors.join('\\n'); })()`,
  );
}

/** Replies to requests in place of the runtime, one reply after the other. @returns the paths of the requests */
async function replyWith(page: Page, replies: readonly object[]): Promise<string[]> {
  const paths: string[] = [];
  await page.route('**/active-backup/bridge/**', (route) => {
    const reply = replies[paths.length];
    paths.push(new URL(route.request().url()).pathname);
    return route.fulfill({ json: reply });
  });
  return paths;
}

const CORE: FlowNode = {
  id: 'core',
  type: 'mqtt-broker',
  name: 'Core',
  broker: 'core.lan',
  port: '8883',
  clientid: 'core-client',
  usetls: true,
  tls: 'tls',
  keepalive: '30',
  protocolVersion: '5',
  autoConnect: false,
  credentials: { user: 'core-user', password: PASSWORD },
};
const BROKER = { url: 'mqtt://127.0.0.1:9', tls: '', clientId: '', protocolVersion: 'auto', keepalive: 60 };
const BRIDGE = {
  baseTopic: 'active-backup',
  nasId: '',
  discovery: true,
  discoveryPrefix: 'homeassistant',
  detail: 'standard',
  language: 'en',
  commands: false,
  devices: 'none',
};

/** A bridge whose NAS and broker do not exist. */
function flowWith({ broker, bridge, core = [] }: Changes): FlowNode[] {
  const nas = { host: '127.0.0.1', port: 9, https: false, timeout: 2 };
  const credentials = { username: 'admin', password: PASSWORD };
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'nas', type: 'active-backup-nas', name: 'NAS', ...nas, credentials },
    { id: 'tls', type: 'tls-config', name: 'TLS' },
    ...core,
    { id: 'broker', type: 'active-backup-mqtt-broker', name: '', ...BROKER, ...broker },
    {
      id: 'bridge',
      type: 'active-backup-mqtt-bridge',
      ...{ z: 'tab', x: 300, y: 100, wires: [[]] },
      ...{ name: '', nas: 'nas', broker: 'broker' },
      ...BRIDGE,
      ...bridge,
    },
  ];
}
