import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startBroker } from '../../scripts/demo/broker';
import type { FlowNode } from '../../scripts/demo/flow';
import { startNas, type Nas } from '../nas/index';
import { recordedFlow, startDebugRecorder } from '../support/debug-recorder';
import { exampleFiles, exampleFlow } from '../support/examples';
import { startHttpSink, type HttpSink, type HttpSinkRequest } from '../support/http-sink';
import { connectClient, retainedAt } from '../support/mqtt-client';
import type { NodeRed } from '../support/node-red';
import { startPacked } from '../support/packed';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink';
import { until } from '../support/until';

/** Needs the nodes of a dashboard: it has a test of its own. */
const OWN_TEST = '6-';
const FILES = exampleFiles().filter((file) => !file.startsWith(OWN_TEST));

let nodeRed: NodeRed;
let nas: Nas;
let broker: Awaited<ReturnType<typeof startBroker>>;
let recorder: Awaited<ReturnType<typeof startDebugRecorder>>;
let web: HttpSink;
let mail: SmtpSink;
const cleanups: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  const packed = await startPacked('examples', {}, [], [`node-red-node-email@${EMAIL_VERSION}`]);
  cleanups.push(() => packed.stop());
  nodeRed = packed.nodeRed;
  nas = await startNas({ schedules: false, speed: 60, runSeconds: 30 });
  cleanups.push(() => nas.close());
  broker = await startBroker(0);
  cleanups.push(() => broker.close());
  recorder = await startDebugRecorder();
  cleanups.push(() => recorder.close());
  web = await startHttpSink();
  cleanups.push(() => web.close());
  mail = await startSmtpSink(MAIL_ACCOUNT);
  cleanups.push(() => mail.close());
  await nodeRed.deploy(recordedFlow([...imported(FILES), ...CANCEL_LISTED], recorder.url));
});
afterAll(async () => {
  for (const cleanUp of cleanups.reverse()) await cleanUp();
});

/**
 * Of the mail nodes. Not a development dependency: their package bundles others in a way that `npm ci` installs again and again.
 */
const EMAIL_VERSION = '5.2.5';

/** User name and password of the mail server. */
const MAIL_ACCOUNT = { user: 'node-red', password: 'post' } as const;

/** Shows when the list of *Cancel at seven* has ended: one that finds no task sends no message, and polls read lists too. */
const CANCEL_LISTED: readonly FlowNode[] = [
  { id: 'cancel-done', type: 'complete', z: 'cancel-tab', scope: ['cancel-list'], wires: [['cancel-listed']] },
  { id: 'cancel-listed', type: 'debug', z: 'cancel-tab', active: true, complete: '_msgid', wires: [] },
];

/** The nodes of the examples as after importing them one by one and filling in the NAS that they share. */
function imported(files: readonly string[]): FlowNode[] {
  const nodes = new Map(files.flatMap(exampleFlow).map((node) => [node.id, node]));
  const credentials = { username: 'admin', password: 'synology' };
  const mailCredentials = { userid: MAIL_ACCOUNT.user, password: MAIL_ACCOUNT.password };
  const filledIn: Readonly<Record<string, object>> = {
    'active-backup-nas': { host: nas.url, activePollInterval: 1, credentials },
    'active-backup-mqtt-broker': { url: broker.url },
    'active-backup-mqtt-bridge': { commands: true },
    'e-mail': { server: '127.0.0.1', port: String(mail.port), secure: false, credentials: mailCredentials },
  };
  return [...nodes.values()].map((node) => ({ ...node, ...filledIn[node.type], ...changesOf(node) }));
}

/** What the examples tell to change in a node of theirs. */
function changesOf(node: FlowNode): object {
  const address: Readonly<Record<string, string>> = {
    'ntfy-address': `${web.url}ntfy`,
    'telegram-address': `${web.url}telegram`,
    'teams-address': `${web.url}teams`,
    'heartbeat-address': `${web.url}heartbeat`,
  };
  const to = address[node.id];
  if (to !== undefined) return { rules: (node.rules as Rule[]).map((rule, at) => (at === 0 ? { ...rule, to } : rule)) };
  // The test sends the values of the PC in `msg.own`.
  if (node.id !== 'wake-pc') return {};
  return { rules: (node.rules as Rule[]).map((rule) => ({ ...rule, to: `own.${rule.p}`, tot: 'msg' })) };
}

/** A rule of a change node. */
interface Rule {
  readonly p: string;
}

/** The examples that alert a web service: a failed backup causes alerts of all of them. */
const ALERTING = ['ntfy', 'telegram', 'teams'];

/**
 * Since a moment, what the web service of an example has received about failed backups of the PC. Alerts that a task is overdue
 * may come at any time, as hours pass in minutes.
 */
function alertsOf(example: string, from: number): HttpSinkRequest[] {
  return web.requests
    .slice(from)
    .filter(({ path, body }) => path.startsWith(`/${example}`) && body.includes('Reception PC: backup failed'));
}

/** Lets the backup of a PC fail, and waits for all alerts of it. @returns what a debug node has shown meanwhile */
async function shownAfterFailure(debug: string): Promise<unknown[]> {
  const before = web.requests.length;
  nas.state.setOutcome(1, 'failed');
  const shown = await shownDuringBackup(debug);
  nas.state.setOutcome(1, 'success');
  await until(() => ALERTING.every((example) => alertsOf(example, before).length > 0));
  return shown;
}

/** Presses *Try it* of an example that sends to a web service, and lets a backup fail. @returns what the service has received */
async function alerts(example: string): Promise<HttpSinkRequest[]> {
  const before = web.requests.length;
  const shown = await press(`${example}-inject`, `${example}-debug`);
  await until(() => alertsOf(example, before).length > 0);
  await shownAfterFailure(`${example}-debug`);
  expect([...new Set(shown())]).toEqual([200]);
  return alertsOf(example, before);
}

const TRIED = 'Reception PC: backup failed after 12 min: no permission on C:\\Data';
const FAILED = expect.stringMatching(/^Reception PC: backup failed after \d+ s: ./) as string;

/**
 * Presses the button of an inject node.
 * @param properties of the message, as a user may change them in the dialog; default: as the example has them
 * @returns the values that a debug node has shown since then
 */
async function press(
  inject: string,
  debug: string,
  properties?: Readonly<Record<string, string | number>>,
): Promise<() => unknown[]> {
  const before = recorder.outputs.length;
  const props = Object.entries(properties ?? {}).map(([p, v]) => ({ p, v, vt: typeof v === 'number' ? 'num' : 'str' }));
  const response = await fetch(`${nodeRed.url}inject/${inject}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(properties === undefined ? {} : { __user_inject_props__: props }),
  });
  expect(response.status).toBe(200);
  return () => recorder.outputs.slice(before).flatMap(({ nodeId: at, value }) => (at === debug ? [value] : []));
}

/** Presses the button and waits for `count` values. */
async function pressed(
  inject: string,
  debug: string,
  count = 1,
  properties?: Parameters<typeof press>[2],
): Promise<unknown[]> {
  const shown = await press(inject, debug, properties);
  await until(() => shown().length >= count);
  return shown();
}

/** Values that a debug node shows while a PC is backed up; the backup also causes an immediate poll. */
async function shownDuringBackup(debug: string): Promise<unknown[]> {
  const shown = await press('follow-inject', debug);
  const from = recorder.outputs.length;
  const hasEnded = (): boolean => recorder.outputs.slice(from).some(({ nodeId: at }) => at === 'follow-result');
  await until(() => shown().length > 0 && hasEnded());
  return shown();
}

/** For each example a test of its behaviour when its button is pressed. */
const RUNS: Readonly<Record<string, () => Promise<void>>> = {
  '1-basics/01-list-tasks.json': async () => {
    const [tasks] = await pressed('list-tasks-inject', 'list-tasks-debug');
    expect(tasks).toHaveLength(5);
  },

  '1-basics/02-failed-tasks.json': async () => {
    const [tasks] = await pressed('failed-tasks-inject', 'failed-tasks-debug');
    expect(tasks).toMatchObject([{ name: 'Drawings archive', lastResult: { status: 'failed' } }]);
  },

  '1-basics/03-back-up-and-follow.json': async () => {
    const [result] = await pressed('follow-inject', 'follow-result');
    expect(result).toMatchObject({ taskId: 1, status: 'success', durationSeconds: 30 });
    const progress = recorder.outputs.filter(({ nodeId: at }) => at === 'follow-progress');
    expect(progress).not.toEqual([]);
    for (const { value } of progress) expect(value).toMatchObject({ percent: expect.any(Number) as number });
  },

  '1-basics/04-storage-overview.json': async () => {
    const [overview] = await pressed('storage-inject', 'storage-debug');
    expect(overview).toMatchObject({ storages: [{ volume: { path: '/volume1' } }], totals: { storageCount: 1 } });
    const [volumes] = await pressed('storage-volumes', 'storage-debug');
    expect(volumes).toMatchObject([{ path: '/volume1' }]);
  },

  '1-basics/09-aem-info.json': async () => {
    const [aem] = await pressed('aem-inject', 'aem-debug');
    expect(aem).toMatchObject({ joined: false, roleCode: 2, statusCode: 0 });
  },

  '1-basics/05-results-of-a-week.json': async () => {
    const [results] = await pressed('week-inject', 'week-debug');
    expect(results).toMatchObject({ info_list: expect.any(Array), total: expect.any(Number) });
    const { filter } = nas.received('list_result_status_summary')[0]?.parameters ?? {};
    const { time_start, time_end } = JSON.parse(filter ?? '') as Record<string, number>;
    expect((time_end ?? 0) - (time_start ?? 0)).toBe(7 * 86_400);
  },

  '1-basics/06-notify-on-failure.json': async () => {
    const [sample] = await pressed('failure-inject', 'failure-debug');
    expect(sample).toBe('Reception PC: backup failed after 12 min: no permission on C:\\Data');
    expect(await shownAfterFailure('failure-debug')).toEqual([FAILED]);
  },

  '1-basics/08-mqtt-bridge.json': async () => {
    const V4 = { protocolVersion: 4 } as const;
    const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
    const retained = async (topic: string): Promise<string | undefined> =>
      (await retainedAt(broker.url, '#', V4)).get(topic);
    await until(() => retained(`${root}/task/5/state`), { interval: 100 });
    const client = await connectClient(broker.url, V4);
    const before = recorder.outputs.length;
    await client.publish(`${root}/task/99/command`, 'backup');
    await until(() => recorder.outputs.slice(before).some(({ nodeId: at }) => at === 'bridge-debug'));
    expect(recorder.outputs.slice(before).find(({ nodeId: at }) => at === 'bridge-debug')?.value).toMatchObject({
      action: 'backup',
      status: 'rejected',
      reason: 'unknown_task',
    });
    await client.subscribe(`${root}/#`);
    await client.caughtUp();
    client.forget();
    await press('bridge-again', 'bridge-debug');
    await client.received(`${root}/task/5/state`);
    await press('bridge-purge', 'bridge-debug');
    await until(async () => (await retainedAt(broker.url, '#', V4)).size === 0, { interval: 100 });
    await client.close();
  },

  '1-basics/07-backup-report.json': async () => {
    const [text] = await pressed('summary-inject', 'summary-debug');
    expect(text).toContain('RECEPTION-01');
    const [markdown] = await pressed('summary-chat', 'summary-debug');
    expect(markdown).toMatch(/^\*\*|^#/m);
  },

  '2-notifications/22-ntfy.json': async () => {
    const common = { topic: 'synology-backups-change-me', priority: 4, tags: ['rotating_light'] };
    const title = expect.any(String) as string;
    expect((await alerts('ntfy')).map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { ...common, title: 'Office NAS', message: TRIED },
      { ...common, title, message: FAILED },
    ]);
  },

  '2-notifications/23-telegram.json': async () => {
    const sent = await alerts('telegram');
    expect(sent.map(({ path }) => path)).toEqual(Array(2).fill('/telegram/bot123456:change-me/sendMessage'));
    expect(sent.map(({ body }) => JSON.parse(body) as unknown)).toEqual(
      [TRIED, FAILED].map((text) => ({ chat_id: '123456789', text, disable_notification: false })),
    );
  },

  '2-notifications/24-teams.json': async () => {
    const sent = await alerts('teams');
    for (const [at, text] of [TRIED, FAILED].entries()) {
      const card = { type: 'AdaptiveCard', body: [{ color: 'Attention' }, { type: 'TextBlock', text }] };
      expect(JSON.parse(sent[at]?.body ?? '')).toMatchObject({ type: 'message', attachments: [{ content: card }] });
    }
  },

  '3-reports/31-morning-report-by-mail.json': async () => {
    await press('morning-inject', 'morning-error');
    await until(() => mail.messages.length > 0);
    const [{ from, to, text } = { from: '', to: [''], text: '' }] = mail.messages;
    expect({ from, to }).toEqual({ from: 'node-red@example.com', to: ['you@example.com'] });
    expect(text).toMatch(/^Subject: .*\d+ of \d+ machines need attention/m);
    expect(text).toMatch(/^Content-Type: multipart\/alternative;/m);
    expect(text).toMatch(/^Content-Type: text\/html; charset=utf-8$/m);
    expect(text.match(/^Content-Type:/gim)).toHaveLength(3);
    expect(recorder.outputs.filter(({ nodeId: at }) => at === 'morning-error')).toEqual([]);
  },

  '4-monitoring/41-heartbeat.json': async () => {
    const before = web.requests.length;
    expect(await pressed('heartbeat-inject', 'heartbeat-debug')).toEqual([200]);
    const [{ method, path, body } = { method: '', path: '', body: '' }] = web.requests.slice(before);
    expect({ method, path }).toEqual({ method: 'POST', path: '/heartbeat/fail' });
    expect(body).toContain('archive.office.lan');
  },

  '4-monitoring/42-prometheus.json': async () => {
    const response = await fetch(`${nodeRed.url}active-backup/metrics`);
    expect(response.headers.get('content-type')).toContain('application/openmetrics-text');
    expect(await response.text()).toMatch(/^active_backup_nas_up\{[^}]*\} 1$/m);
  },

  '5-automation/51-nightly-pc-backups.json': async () => {
    const texts = async (): Promise<unknown[]> => (await pressed('nightly-inject', 'nightly-debug', 2)).sort();
    const offline = expect.stringMatching(/^Anna’s laptop: (?!DsmError).*(offline|not connected)/) as string;
    expect(await texts()).toEqual([offline, 'Reception PC is backed up, in 30 seconds.']);
    nas.state.setOutcome(1, 'partial');
    expect(await texts()).toEqual([offline, expect.stringMatching(/^Reception PC is backed up in part\. ./)]);
    nas.state.setOutcome(1, 'failed');
    expect(await texts()).toEqual([offline, expect.stringMatching(/^Reception PC is not backed up: failed\. ./)]);
    nas.state.setOutcome(1, 'success');
  },

  '5-automation/52-cancel-at-seven.json': async () => {
    const from = recorder.outputs.length;
    const nothing = await press('cancel-inject', 'cancel-debug');
    await until(() => recorder.outputs.slice(from).some(({ nodeId }) => nodeId === 'cancel-listed'));
    Object.assign(nas.state.task(2).plan, { durationSeconds: 36_000 });
    Object.assign(nas.state.task(3).plan, { prepareSeconds: 36_000 });
    for (const id of [2, 3]) nas.state.startRun(id);
    await until(() => nas.state.runs.some(({ state }) => state === 'running'));
    const cancelled = await pressed('cancel-inject', 'cancel-debug', 2);
    expect(cancelled.sort()).toEqual(['Cancelling: Accounting server', 'Cancelling: Virtual machines']);
    expect(nothing()).toHaveLength(2);
    expect(nas.received('cancel')).toHaveLength(2);
  },

  '3-reports/33-storage-report.json': async () => {
    const [report] = await pressed('report-inject', 'report-debug');
    expect(report).toMatch(
      /^- ActiveBackupforBusiness on \/volume1: [\d,]+ GB of 5 devices, deduplicated [\d.]+ : 1$/m,
    );
    expect(report).toMatch(/^- \/volume1: [\d,]+ GB free of 23,030 GB, [\d.]+ % used$/m);
  },

  '5-automation/56-managed-by-a-leader.json': async () => {
    expect(await pressed('leader-inject', 'leader-debug')).toEqual(['No ActiveProtect leader manages this NAS.']);
    Object.assign(nas.state.aem, { joined: true, leaderAddress: 'leader.lan' });
    expect(await pressed('leader-inject', 'leader-debug')).toEqual([
      'This NAS seems to be managed by the ActiveProtect leader at leader.lan.',
    ]);
    nas.state.aem.joined = false;
  },

  '2-notifications/21-notify-when-overdue.json': async () => {
    const overdue = /^Anna’s laptop: backup is overdue\. Not connected: [\w-]+\.$/;
    expect((await pressed('overdue-inject', 'overdue-debug'))[0]).toMatch(overdue);
  },

  '3-reports/32-daily-digest.json': async () => {
    Object.assign(nas.state.task(5), { name: 'Sales & <b>Co</b>' });
    const [digest] = await pressed('digest-inject', 'digest-debug');
    Object.assign(nas.state.task(5), { name: 'Anna’s laptop' });
    expect(String(digest).match(/<td>/g)).toHaveLength(5 * 5);
    expect(digest).toMatch(/^<table[^>]*>\s*<tr[^>]*><th>Task<\/th>/);
    expect(digest).toContain('<td>Sales &amp; &lt;b&gt;Co&lt;&#x2F;b&gt;</td>');
    // Failed tasks come first. On this NAS an hour passes in a minute: on a slow machine the task is overdue too.
    expect(digest).toMatch(
      /Drawings archive<\/td><td style="color: #b00020">failed(?:, overdue)?<.*Virtual machines<\/td>.*successful</s,
    );
  },

  '5-automation/53-wake-back-up-sleep.json': async () => {
    const pc = createSocket('udp4').bind(0, '127.0.0.1');
    await once(pc, 'listening');
    const woken = once(pc, 'message') as Promise<[Buffer]>;
    const { port } = pc.address();
    const own = { task: 'Reception PC', mac: '02:00:5E:10:20:30', ip: '127.0.0.1', delay: 0 };
    const textsWith = (sleep: string): Promise<unknown[]> =>
      pressed('wake-inject', 'wake-debug', 1, { port, ...prefixed({ ...own, sleep }) });
    expect(await textsWith('true')).toEqual(['Reception PC is backed up. It was sent to sleep.']);
    expect((await woken)[0].toString('hex')).toBe('ff'.repeat(6) + '02005e102030'.repeat(16));
    pc.close();
    expect(await textsWith('exit 3')).toEqual([
      'Reception PC is backed up. It could not be sent to sleep: the command ended with 3.',
    ]);
    nas.state.setOutcome(1, 'failed');
    expect(await textsWith('true')).toEqual([
      expect.stringMatching(/^Reception PC stays awake: its backup ended with failed\. ./),
    ]);
    nas.state.setOutcome(1, 'success');
  },

  '5-automation/54-catch-up.json': async () => {
    const startsOf = (task: number): number =>
      nas.received('backup').filter(({ parameters }) => parameters['task_ids'] === `[${task}]`).length;
    const before = startsOf(5);
    const lists = nas.received('list').length;
    const shown = await press('catch-up-inject', 'catch-up-debug');
    await until(() => nas.received('list').length > lists);
    expect(startsOf(5)).toBe(before);
    nas.state.setOnline(5, true);
    await shownDuringBackup('follow-progress'); // causes polls
    await until(() => shown().includes('Anna’s laptop is backed up again.'));
    expect(startsOf(5)).toBe(before + 1);
    nas.state.setOnline(5, false);
  },

  '5-automation/55-maintenance.json': async () => {
    const alertsSent = (): number => recorder.outputs.filter(({ nodeId: at }) => at === 'upkeep-alert').length;
    Object.assign(nas.state.task(2).plan, { durationSeconds: 36_000 });
    nas.state.startRun(2);
    await until(() => nas.state.runs.some(({ state }) => state === 'running'));
    expect(await pressed('upkeep-begin', 'upkeep-debug')).toEqual(['Cancelled for maintenance: Accounting server']);
    const before = alertsSent();
    await shownAfterFailure('follow-progress');
    expect(alertsSent()).toBe(before);
    const starts = nas.received('backup').length;
    expect(await pressed('upkeep-end', 'upkeep-debug')).toEqual(['Backed up again: Accounting server']);
    expect(nas.received('backup').slice(starts)).toMatchObject([{ parameters: { task_ids: '[2]' } }]);
    nas.state.endRun(2, 'success');
    await shownAfterFailure('upkeep-alert');
    expect(alertsSent()).toBe(before + 1);
  },
};

/** The properties of a message below `msg.own`. */
function prefixed(own: Readonly<Record<string, string | number>>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(own).map(([key, value]) => [`own.${key}`, value]));
}

test('every example has a test', () => expect(Object.keys(RUNS).sort()).toEqual([...FILES].sort()));

describe.each(FILES)('examples/%s', (file) => {
  test('has only nodes of types that this Node-RED knows', async () => {
    const sets = (await (await nodeRed.get('nodes', { accept: 'application/json' })).json()) as { types: string[] }[];
    const known = ['tab', 'group', ...sets.flatMap(({ types }) => types)];
    expect(known).toEqual(expect.arrayContaining(exampleFlow(file).map(({ type }) => type)));
  });

  test('does what its description says', () => RUNS[file]?.());
});

/** From the start of the test until a task becomes overdue: longer than it takes to deploy the flow and poll once. */
const OVERDUE_IN_SECONDS = 20;

test(
  'example 25 sends a notification when a task becomes overdue, and when it has recovered',
  { timeout: 120_000 },
  async () => {
    const agoSeconds = 3600 - OVERDUE_IN_SECONDS;
    const slow = await startNas({ seed: 25, schedules: false, now: () => Date.now() - agoSeconds * 1000 });
    onTestFinished(() => slow.close());
    const succeed = (): void => {
      slow.state.setOnline(2, true);
      slow.state.startRun(2);
      slow.state.endRun(2, 'success');
      slow.state.setOnline(2, false);
    };
    succeed();
    slow.clock.advance(agoSeconds);
    Object.assign(slow.state.task(3).plan, { durationSeconds: 36_000 });
    slow.state.startRun(3); // while a backup is running, the NAS is polled every second
    const settings = { host: slow.url, overdueHours: 1 };
    const flow = imported(['2-notifications/21-notify-when-overdue.json']);
    const before = recorder.outputs.length;
    await nodeRed.deploy(
      recordedFlow(
        flow.map((node) => (node.type === 'active-backup-nas' ? { ...node, ...settings } : node)),
        recorder.url,
      ),
    );
    const notifications = (): unknown[] => recorder.outputs.slice(before).map(({ value }) => value);
    await until(() => notifications().length > 0, { timeout: 60_000 });
    succeed();
    await until(() => notifications().length > 1);
    expect(notifications()).toEqual([
      expect.stringMatching(/^Accounting server: backup is overdue\. Not connected: [\w-]+\.$/),
      'Accounting server: no longer overdue.',
    ]);
  },
);

/** Example 41 a second time, for a check of Uptime Kuma. */
function forUptimeKuma(flow: readonly FlowNode[]): FlowNode[] {
  const text = JSON.stringify(flow.filter(({ z, type }) => z !== undefined || type === 'tab'));
  return JSON.parse(text.replaceAll('"heartbeat-', '"kuma-').replaceAll('/heartbeat', '/api/push/token')) as FlowNode[];
}

describe('the monitoring', () => {
  const files = FILES.filter((file) => file.startsWith('4-'));

  /** Presses the buttons of both heartbeats. @returns what the services received */
  async function heartbeats(): Promise<string[]> {
    const before = web.requests.length;
    await pressed('heartbeat-inject', 'heartbeat-debug');
    await pressed('kuma-inject', 'kuma-debug');
    return web.requests.slice(before).map(({ method, path, body }) => [method, path, body].join(' ').trim());
  }

  test('reports that all is well, and that the NAS does not respond', { timeout: 120_000 }, async () => {
    const well = await startNas({ seed: 41, schedules: false });
    onTestFinished(() => well.close());
    for (const { id } of well.state.tasks) {
      well.state.setOnline(id, true);
      well.state.startRun(id);
      well.state.endRun(id, 'success');
    }
    const settings = { host: well.url, pollInterval: 5, timeout: 1 };
    const flow = imported(files).map((node) => (node.type === 'active-backup-nas' ? { ...node, ...settings } : node));
    await nodeRed.deploy(recordedFlow([...flow, ...forUptimeKuma(flow)], recorder.url));
    expect(await heartbeats()).toEqual([
      expect.stringMatching(/^POST \/heartbeat \S/),
      expect.stringMatching(/^GET \/api\/push\/token\?status=up&msg=\S+$/),
    ]);
    await well.close();
    await until(async () => (await heartbeats())[0]?.includes('/fail'), { timeout: 60_000 });
    expect(await heartbeats()).toEqual([
      expect.stringMatching(/^POST \/heartbeat\/fail \S/),
      expect.stringMatching(/^GET \/api\/push\/token\?status=down&msg=\S+$/),
    ]);
  });

  test('reports that there is no report', async () => {
    const flow = imported(files).filter(({ type }) => type !== 'active-backup-nas');
    await nodeRed.deploy(recordedFlow([...flow, ...forUptimeKuma(flow)], recorder.url));
    expect(await heartbeats()).toEqual([
      expect.stringMatching(/^POST \/heartbeat\/fail .*NAS/),
      expect.stringMatching(/^GET \/api\/push\/token\?status=down&msg=.*NAS/),
    ]);
    const metrics = await fetch(`${nodeRed.url}active-backup/metrics`);
    expect(metrics.status).toBe(503);
  });
});

test('no example has caused a warning', () => expect(nodeRed.log).not.toMatch(/\[(warn|error)\]/));
