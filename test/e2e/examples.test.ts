import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startBroker } from '../../scripts/demo/broker';
import type { FlowNode } from '../../scripts/demo/flow';
import { root } from '../../scripts/root';
import { startNas, type Nas } from '../nas/index';
import { jsonOf } from '../support/built';
import { recordedFlow, startDebugRecorder } from '../support/debug-recorder';
import { connectClient, retainedAt } from '../support/mqtt-client';
import type { NodeRed } from '../support/node-red';
import { startPacked } from '../support/packed';
import { until } from '../support/until';

const flowOf = (file: string): FlowNode[] => jsonOf(`examples/${file}`) as FlowNode[];
/** Examples with nodes of a dashboard have a test of their own. */
const FILES = readdirSync(join(root, 'examples')).filter(
  (file) => file.endsWith('.json') && !flowOf(file).some(({ type }) => type.startsWith('ui-')),
);

let nodeRed: NodeRed;
let nas: Nas;
let broker: Awaited<ReturnType<typeof startBroker>>;
let recorder: Awaited<ReturnType<typeof startDebugRecorder>>;
const cleanups: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  const packed = await startPacked('examples');
  cleanups.push(() => packed.stop());
  nodeRed = packed.nodeRed;
  nas = await startNas({ schedules: false, speed: 60, runSeconds: 30 });
  cleanups.push(() => nas.close());
  broker = await startBroker(0);
  cleanups.push(() => broker.close());
  recorder = await startDebugRecorder();
  cleanups.push(() => recorder.close());
  await nodeRed.deploy(recordedFlow(imported(FILES), recorder.url));
});
afterAll(async () => {
  for (const cleanUp of cleanups.reverse()) await cleanUp();
});

/** The nodes of the examples as after importing them one by one and filling in the NAS that they share. */
function imported(files: readonly string[]): FlowNode[] {
  const nodes = new Map(files.flatMap(flowOf).map((node) => [node.id, node]));
  const credentials = { username: 'admin', password: 'synology' };
  const filledIn: Readonly<Record<string, object>> = {
    'active-backup-nas': { host: nas.url, activePollInterval: 1, credentials },
    'active-backup-mqtt-broker': { url: broker.url },
    'active-backup-mqtt-bridge': { commands: true },
  };
  return [...nodes.values()].map((node) => ({ ...node, ...filledIn[node.type] }));
}

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
  '01-list-tasks.json': async () => {
    const [tasks] = await pressed('list-tasks-inject', 'list-tasks-debug');
    expect(tasks).toHaveLength(5);
  },

  '02-failed-tasks.json': async () => {
    const [tasks] = await pressed('failed-tasks-inject', 'failed-tasks-debug');
    expect(tasks).toMatchObject([{ name: 'Drawings archive', lastResult: { status: 'failed' } }]);
  },

  '03-back-up-and-follow.json': async () => {
    const [result] = await pressed('follow-inject', 'follow-result');
    expect(result).toMatchObject({ taskId: 1, status: 'success', durationSeconds: 30 });
    const progress = recorder.outputs.filter(({ nodeId: at }) => at === 'follow-progress');
    expect(progress).not.toEqual([]);
    for (const { value } of progress) expect(value).toMatchObject({ percent: expect.any(Number) as number });
  },

  '04-storage-overview.json': async () => {
    const [overview] = await pressed('storage-inject', 'storage-debug');
    expect(overview).toMatchObject({ storages: [{ volume: { path: '/volume1' } }], totals: { storageCount: 1 } });
    const [volumes] = await pressed('storage-volumes', 'storage-debug');
    expect(volumes).toMatchObject([{ path: '/volume1' }]);
  },

  '05-aem-info.json': async () => {
    const [aem] = await pressed('aem-inject', 'aem-debug');
    expect(aem).toMatchObject({ joined: false, roleCode: 2, statusCode: 0 });
  },

  '06-results-of-a-week.json': async () => {
    const [results] = await pressed('week-inject', 'week-debug');
    expect(results).toMatchObject({ info_list: expect.any(Array), total: expect.any(Number) });
    const { filter } = nas.received('list_result_status_summary')[0]?.parameters ?? {};
    const { time_start, time_end } = JSON.parse(filter ?? '') as Record<string, number>;
    expect((time_end ?? 0) - (time_start ?? 0)).toBe(7 * 86_400);
  },

  '07-notify-on-failure.json': async () => {
    const [sample] = await pressed('failure-inject', 'failure-debug');
    expect(sample).toBe('Reception PC: backup failed after 12 min: no permission on C:\\Data');
    nas.state.setOutcome(1, 'failed');
    expect(await shownDuringBackup('failure-debug')).toEqual([
      expect.stringMatching(/^Reception PC: backup failed after \d+ s: ./),
    ]);
    nas.state.setOutcome(1, 'success');
  },

  '08-mqtt-bridge.json': async () => {
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

  '09-backup-report.json': async () => {
    const [page] = await pressed('protection-inject', 'protection-mail');
    expect(page).toMatch(/^<!DOCTYPE html>/);
    expect(page).toContain('RECEPTION-01');
    const response = await fetch(`${nodeRed.url}active-backup/metrics`);
    expect(response.headers.get('content-type')).toContain('application/openmetrics-text');
    expect(await response.text()).toMatch(/^active_backup_nas_up\{[^}]*\} 1$/m);
  },

  '21-nightly-pc-backups.json': async () => {
    const texts = async (): Promise<unknown[]> => (await pressed('nightly-inject', 'nightly-debug', 2)).sort();
    const offline = expect.stringMatching(/^Anna’s laptop: (?!DsmError).*(offline|not connected)/) as string;
    expect(await texts()).toEqual([offline, 'Reception PC is backed up, in 30 seconds.']);
    nas.state.setOutcome(1, 'partial');
    expect(await texts()).toEqual([offline, expect.stringMatching(/^Reception PC is backed up in part\. ./)]);
    nas.state.setOutcome(1, 'failed');
    expect(await texts()).toEqual([offline, expect.stringMatching(/^Reception PC is not backed up: failed\. ./)]);
    nas.state.setOutcome(1, 'success');
  },

  '22-cancel-at-seven.json': async () => {
    const lists = nas.received('list').length;
    const nothing = await press('cancel-inject', 'cancel-debug');
    await until(() => nas.received('list').length > lists);
    Object.assign(nas.state.task(2).plan, { durationSeconds: 36_000 });
    Object.assign(nas.state.task(3).plan, { prepareSeconds: 36_000 });
    for (const id of [2, 3]) nas.state.startRun(id);
    await until(() => nas.state.runs.some(({ state }) => state === 'running'));
    const cancelled = await pressed('cancel-inject', 'cancel-debug', 2);
    expect(cancelled.sort()).toEqual(['Cancelling: Accounting server', 'Cancelling: Virtual machines']);
    expect(nothing()).toHaveLength(2);
    expect(nas.received('cancel')).toHaveLength(2);
  },

  '23-storage-report.json': async () => {
    const [report] = await pressed('report-inject', 'report-debug');
    expect(report).toMatch(
      /^- ActiveBackupforBusiness on \/volume1: [\d,]+ GB of 5 devices, deduplicated [\d.]+ : 1$/m,
    );
    expect(report).toMatch(/^- \/volume1: [\d,]+ GB free of 23,030 GB, [\d.]+ % used$/m);
  },

  '24-managed-by-a-leader.json': async () => {
    expect(await pressed('leader-inject', 'leader-debug')).toEqual(['No ActiveProtect leader manages this NAS.']);
    Object.assign(nas.state.aem, { joined: true, leaderAddress: 'leader.lan' });
    expect(await pressed('leader-inject', 'leader-debug')).toEqual([
      'This NAS seems to be managed by the ActiveProtect leader at leader.lan.',
    ]);
    nas.state.aem.joined = false;
  },

  '25-notify-when-overdue.json': async () => {
    const overdue = /^Anna’s laptop: backup is overdue\. Not connected: [\w-]+\.$/;
    expect((await pressed('overdue-inject', 'overdue-debug'))[0]).toMatch(overdue);
  },

  '26-daily-digest.json': async () => {
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

  '27-wake-back-up-sleep.json': async () => {
    const pc = createSocket('udp4').bind(0, '127.0.0.1');
    await once(pc, 'listening');
    const woken = once(pc, 'message') as Promise<[Buffer]>;
    const own = { task: 'Reception PC', mac: '02:00:5E:10:20:30', ip: '127.0.0.1', port: pc.address().port, delay: 0 };
    const textsWith = (sleep: string): Promise<unknown[]> => pressed('wake-inject', 'wake-debug', 1, { ...own, sleep });
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

  '28-catch-up.json': async () => {
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
};

test('every example has a test', () => expect(Object.keys(RUNS).sort()).toEqual([...FILES].sort()));

describe.each(FILES)('examples/%s', (file) => {
  test('has only nodes of types that this Node-RED knows', async () => {
    const sets = (await (await nodeRed.get('nodes', { accept: 'application/json' })).json()) as { types: string[] }[];
    const known = ['tab', ...sets.flatMap(({ types }) => types)];
    expect(known).toEqual(expect.arrayContaining(flowOf(file).map(({ type }) => type)));
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
    const flow = imported(['25-notify-when-overdue.json']);
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

test('no example has caused a warning', () => expect(nodeRed.log).not.toMatch(/\[(warn|error)\]/));
