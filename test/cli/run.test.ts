import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Interruption } from '../../src/cli/context';
import { runCommand } from '../../src/cli/run';
import { startNas, PLANTED_SECRETS, type Nas, type NasOptions } from '../nas/index';
import { tempDir } from '../support/temp-dir';
import { until } from '../support/until';

const ACCOUNT = { SYNOLOGY_USERNAME: 'admin', SYNOLOGY_PASSWORD: 'synology' };

async function simulated(options: NasOptions = {}): Promise<Nas> {
  const nas = await startNas({ schedules: false, ...options });
  onTestFinished(() => nas.close());
  return nas;
}

async function folder(): Promise<string> {
  const { path, remove } = await tempDir('cli');
  onTestFinished(remove);
  return path;
}

/** A command that runs, with what it has printed. */
interface Running {
  output: string;
  warnings: string[];
  readonly code: Promise<number>;
  stop(): Promise<number>;
}

/** Runs a command in this process. @param env instead of the account of the simulated NAS */
function start(args: readonly string[], env: Record<string, string>): Running {
  const interrupting = new AbortController();
  const running: Running = {
    output: '',
    warnings: [],
    code: Promise.resolve().then(() =>
      runCommand(args, {
        env: { ...ACCOUNT, ...env },
        signal: interrupting.signal,
        print: (text) => (running.output += text),
        warn: (line) => running.warnings.push(line),
      }),
    ),
    stop: () => {
      interrupting.abort({ code: 130, isPipe: false } satisfies Interruption);
      return running.code;
    },
  };
  return running;
}

/** Runs a command to its end. */
async function run(args: readonly string[], env: Record<string, string>): Promise<Running & { exit: number }> {
  const running = start(args, env);
  return Object.assign(running, { exit: await running.code });
}

const AWAY = { SYNOLOGY_HOST: 'http://127.0.0.1:1' };

test('list prints a table of the tasks, signs in once and out again', async () => {
  const nas = await simulated();
  const { output, warnings, exit } = await run(['list'], { SYNOLOGY_HOST: nas.url });
  const [title, ...rows] = output.trimEnd().split('\n');
  expect(title).toMatch(/^ID +TYPE +STATE +LAST RESULT +LAST SUCCESS +OVERDUE +NAME$/);
  expect(rows).toHaveLength(5);
  expect({ exit, warnings }).toEqual({ exit: 0, warnings: [] });
  expect(nas.received('login')).toHaveLength(1);
  expect(nas.sessions).toBe(0);
});

test('list --json prints the tasks with what the monitor knows', async () => {
  const nas = await simulated();
  const { output } = await run(['list', '--json'], { SYNOLOGY_HOST: nas.url });
  const tasks = JSON.parse(output) as Record<string, unknown>[];
  expect(tasks).toHaveLength(5);
  for (const task of tasks) expect(task).toMatchObject({ id: expect.any(Number), overdue: expect.any(Boolean) });
});

test.each([
  [[], /^2 of 5 machines need attention\n/],
  [['--language', 'de'], /^2 von 5 /],
  [['--format', 'html'], /^<!DOCTYPE html>/i],
  [['--format', 'csv'], /^[^\n]*protection/],
  [['--format', 'openmetrics'], /# EOF\n$/],
  [['--json', '--days', '7'], /^\{\n {2}"at": "/],
])('report %j prints the report in that format', async (args, expected) => {
  const nas = await simulated();
  const { output, exit } = await run(['report', ...args], { SYNOLOGY_HOST: nas.url });
  expect(output).toMatch(expected);
  expect(exit).toBe(0);
  expect(nas.sessions).toBe(0);
});

test('report --check prints one line with performance data, a line for each finding, and ends as a plug-in does', async () => {
  const nas = await simulated();
  const { output, exit } = await run(['report', '--check'], { SYNOLOGY_HOST: nas.url });
  const [first, ...findings] = output.trimEnd().split('\n');
  expect(first).toBe(
    'ACTIVE BACKUP CRITICAL - 2 of 5 machines need attention | ' +
      'machines=5 failing=1 late=1 never=0 unprotected=0 protected=3 unknown=0',
  );
  expect(findings).toEqual([expect.stringMatching(/^\[error\] /), expect.stringMatching(/^\[error\] /)]);
  expect(exit).toBe(2);
});

test('report --check is unknown where the NAS does not answer, and for wrong settings', async () => {
  const away = await run(['report', '--check'], AWAY);
  expect(away.output).toMatch(/^ACTIVE BACKUP UNKNOWN - .*refused the connection/);
  expect(away.exit).toBe(3);
  expect((await run(['report', '--check', '--days', '5000'], AWAY)).exit).toBe(3);
});

test('metrics and report of a NAS that does not answer say so, and end with 3', async () => {
  const metrics = await run(['metrics'], AWAY);
  expect(metrics.output).toContain('active_backup_nas_up{nas_id="127_0_0_1",nas="127.0.0.1"} 0\n');
  expect(metrics).toMatchObject({ exit: 3, warnings: [expect.stringContaining('refused the connection')] });
  const report = await run(['report', '--json'], AWAY);
  expect(JSON.parse(report.output)).toMatchObject({ nas: [{ online: false }] });
  expect(report.exit).toBe(3);
});

/** Waits until the NAS has answered the first poll of the tasks: what changes from now on is an event. */
const polled = (nas: Nas): Promise<unknown> => until(() => nas.received('list_result').length > 0);

interface PrintedEvent {
  event: string;
  late: boolean;
  task: { id: number };
  nas: { id: string; name: string };
}
const eventsIn = (output: string): PrintedEvent[] =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as PrintedEvent);

test('watch prints each event as one line of JSON, and ends with 0 when it is stopped', async () => {
  const nas = await simulated({ speed: 0 });
  const path = join(await folder(), 'nas.json');
  await writeFile(path, JSON.stringify({ host: nas.url, pollInterval: 5, activePollInterval: 1, name: 'Office' }), {
    mode: 0o600,
  });
  const watching = start(['watch', '--config', path, '--events', 'backup_started,backup_succeeded'], {});
  await polled(nas);
  nas.state.startRun(1);
  nas.clock.advance(5);
  await until(() => watching.output.includes('backup_started'));
  nas.state.endRun(1, 'success');
  await until(() => watching.output.includes('backup_succeeded'));
  expect(await watching.stop()).toBe(0);
  expect(eventsIn(watching.output)).toMatchObject([
    { event: 'backup_started', late: false, task: { id: 1 }, nas: { name: 'Office' } },
    { event: 'backup_succeeded', late: false, task: { id: 1 }, nas: { name: 'Office' } },
  ]);
  expect(nas.sessions).toBe(0);
});

test('watch with a state folder prints what happened between two starts, once', async () => {
  const nas = await simulated({ speed: 0 });
  const directory = await folder();
  const state = join(directory, 'state');
  const config = join(directory, 'nas.json');
  await writeFile(config, JSON.stringify({ host: nas.url, pollInterval: 5 }), { mode: 0o600 });
  const args = ['watch', '--config', config, '--events', 'backup_succeeded', '--state-folder', state];
  const first = start(args, {});
  await until(() => existsSync(join(state, 'events.json')));
  expect(await first.stop()).toBe(0);
  nas.state.startRun(1);
  nas.clock.advance(5);
  nas.state.endRun(1, 'success');
  const second = start(args, {});
  await until(() => second.output.includes('\n'));
  await second.stop();
  expect(eventsIn(second.output)).toMatchObject([{ event: 'backup_succeeded', late: true, task: { id: 1 } }]);
  const third = start(args, {});
  await until(() => nas.received('login').length === 3);
  nas.state.startRun(2);
  nas.state.endRun(2, 'success');
  await until(() => third.output.includes('\n'));
  await third.stop();
  expect(first.output).toBe('');
  expect(eventsIn(third.output)).toMatchObject([{ event: 'backup_succeeded', task: { id: 2 } }]);
});

test('watch ends with 3 when the account is refused, after one login', async () => {
  const nas = await simulated();
  const { exit, warnings, output } = await run(['watch'], { SYNOLOGY_HOST: nas.url, SYNOLOGY_PASSWORD: 'hunter2' });
  expect({ exit, output }).toEqual({ exit: 3, output: '' });
  expect(warnings).toEqual([expect.stringContaining('refused the sign-in')]);
  expect(nas.received('login')).toHaveLength(1);
});

test('watch waits for a NAS that does not answer, and says so once', async () => {
  const watching = start(['watch'], AWAY);
  await until(() => watching.warnings.length > 0);
  expect(await watching.stop()).toBe(0);
  expect(watching.warnings).toEqual([expect.stringContaining('refused the connection')]);
});

test('a self-signed certificate is accepted by its fingerprint only', async () => {
  const nas = await simulated({ https: true });
  const env = { SYNOLOGY_HOST: nas.url };
  expect((await run(['list'], env)).exit).toBe(3);
  expect((await run(['list', '--fingerprint', 'AB'.repeat(32)], env)).exit).toBe(3);
  expect(nas.requests).toEqual([]);
  const pinned = await run(['list'], { ...env, SYNOLOGY_FINGERPRINT: nas.certificate?.fingerprint ?? '' });
  expect(pinned.exit).toBe(0);
});

test('options win over the environment, which wins over the file', async () => {
  const nas = await simulated();
  const path = join(await folder(), 'nas.json');
  await writeFile(path, JSON.stringify({ host: AWAY.SYNOLOGY_HOST, username: 'nobody', password: 'synology' }), {
    mode: 0o600,
  });
  const env = { SYNOLOGY_HOST: AWAY.SYNOLOGY_HOST, SYNOLOGY_PASSWORD: '', ACTIVE_BACKUP_CONFIG: path };
  const { exit, warnings } = await run(['list', '--host', nas.url], env);
  expect({ exit, warnings }).toEqual({ exit: 0, warnings: [] });
});

test('a configuration file that others may read causes a warning', async () => {
  const nas = await simulated();
  const path = join(await folder(), 'nas.json');
  await writeFile(path, JSON.stringify({ host: nas.url }));
  await chmod(path, 0o644);
  const { exit, warnings } = await run(['list', '--config', path], {});
  expect(exit).toBe(0);
  expect(warnings).toEqual([expect.stringContaining('chmod 600')]);
});

const SECRET = 'hunter2';

test.each([
  [['list', `--password=${SECRET}`], {}],
  [['list', '--password', SECRET], {}],
  [['list', `-p${SECRET}`], {}],
  [[SECRET], {}],
  [['list', SECRET], {}],
  [['list', `--json=${SECRET}`], {}],
  [['list', `--${SECRET}`], {}],
  [['list', '--fingerprint', SECRET], AWAY],
  [['report', '--days', SECRET], AWAY],
  [['report', '--format', SECRET], AWAY],
  [['list'], { SYNOLOGY_HOST: `https://admin:${SECRET}@nas.lan` }],
  [['list'], { SYNOLOGY_HOST: '' }],
  [['list'], { ...AWAY, SYNOLOGY_USERNAME: '' }],
  [['list'], { ...AWAY, ACTIVE_BACKUP_CONFIG: '/no/such/file' }],
  [['list', '--days', '7'], AWAY],
  [['watch', '--events', SECRET], AWAY],
  [[], {}],
])('%j with %j is a wrong use: it ends with 2, one line and no secret', async (args, env: Record<string, string>) => {
  const { exit, warnings, output } = await run(args, env);
  expect({ exit, output }).toEqual({ exit: 2, output: '' });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).not.toContain(SECRET);
});

test.each(['{"host": "nas.lan", "password": "hunter2"', '["hunter2"]', '{"hunter2": 1}'])(
  'a configuration file %s is refused without its content',
  async (text) => {
    const path = join(await folder(), 'nas.json');
    await writeFile(path, text, { mode: 0o600 });
    const { exit, warnings } = await run(['list', '--config', path], {});
    expect(exit).toBe(2);
    expect(warnings.join()).not.toContain(SECRET);
  },
);

test.each([['list', '--json'], ['report', '--json'], ['report', '--format', 'html'], ['metrics']])(
  'no secret is in the output or the debug lines of %s %s',
  async (...args) => {
    const nas = await simulated({ accounts: [{ name: 'admin', password: 'planted-password' }] });
    const env = { SYNOLOGY_HOST: nas.url, SYNOLOGY_PASSWORD: 'planted-password' };
    const { output, warnings, exit } = await run([...args, '--debug'], env);
    expect(exit).toBe(0);
    expect(warnings.length).toBeGreaterThan(1);
    const text = output + warnings.join('\n');
    for (const secret of ['planted-password', ...PLANTED_SECRETS]) expect(text).not.toContain(secret);
  },
);

test('a command that is interrupted while it waits ends with the code of the signal, and signs out', async () => {
  const nas = await simulated();
  nas.fail({ do: 'hang', on: { method: 'list' } });
  const listing = start(['list'], { SYNOLOGY_HOST: nas.url });
  await until(() => nas.sessions > 0);
  expect(await listing.stop()).toBe(130);
  await until(() => nas.sessions === 0);
  expect(listing.output).toBe('');
});

test('help and version need no settings', async () => {
  const nothing = { SYNOLOGY_USERNAME: '', SYNOLOGY_PASSWORD: '' };
  const help = await run(['--help'], nothing);
  expect(help.output).toContain('Usage: active-backup <command> [options]');
  expect(help.exit).toBe(0);
  expect((await run(['--version'], nothing)).output).toMatch(/^\d+\.\d+\.\d+/);
});
