import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { readCommandLine } from './command-line';
import { nasForTest } from './test-client';

const CLI = fileURLToPath(new URL('cli.ts', import.meta.url));
const RUN_MS = 20_000;

function run(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const ended = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  return { child, ended, stderr: text(child.stderr) };
}

test.each([
  { args: ['--bogus'], message: '--bogus' },
  { args: ['stray'], message: 'stray' },
  { args: ['--port', 'http'], message: '--port must be a whole number from 0 to 65535, not "http"' },
  { args: ['--port=70000'], message: '--port must be' },
  { args: ['--tasks=-1'], message: '--tasks must be' },
  { args: ['--devices', '1.5'], message: '--devices must be' },
  { args: ['--speed='], message: '--speed must be' },
  { args: ['--otp', '12'], message: '--otp must be' },
  { args: ['--https=yes'], message: '--https' },
])('the command line $args is wrong: $message', ({ args, message }) => {
  expect(readCommandLine(args)).toMatchObject({ kind: 'wrong', message: expect.stringContaining(message) as string });
});

test('a command line becomes options', () => {
  const args = ['--port', '5010', '--https', '--tasks', '12', '--devices', '2', '--speed', '10', '--seed', '7'];
  expect(readCommandLine([...args, '--run-seconds', '30'])).toMatchObject({
    kind: 'start',
    options: { port: 5010, https: true, tasks: 12, devices: 2, speed: 10, seed: 7, runSeconds: 30 },
  });
  expect(readCommandLine([])).toMatchObject({
    kind: 'start',
    options: { port: 5000, https: false, tasks: 5, speed: 60 },
  });
  expect(readCommandLine(['--help'])).toEqual({ kind: 'help' });
});

test('it prints its address and account, and ends cleanly on Ctrl-C', { timeout: RUN_MS }, async () => {
  const { child, ended, stderr } = run('--port', '0', '--https');
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    if (printed.includes('Ctrl-C')) child.kill('SIGINT');
  });
  expect(await ended).toEqual([0, null]);
  expect(printed).toMatch(/https:\/\/127\.0\.0\.1:\d+\n/);
  expect(printed).toContain('admin / synology');
  expect(printed).toMatch(/fingerprint +([0-9A-F]{2}:){31}[0-9A-F]{2}\n/);
  expect(await stderr).toBe('');
});

test('a wrong option: an explanation, the usage and exit code 2', { timeout: RUN_MS }, async () => {
  const { ended, stderr } = run('--tasks', 'many');
  expect(await ended).toEqual([2, null]);
  expect(await stderr).toMatch(/^--tasks must be a whole number.*\n\n.*\n\nnpm run nas/);
});

test('a port in use: an explanation and exit code 1', { timeout: RUN_MS }, async () => {
  const { port } = await nasForTest();
  const { ended, stderr } = run('--port', String(port));
  expect(await ended).toEqual([1, null]);
  expect(await stderr).toBe(`Port ${port} is in use. Choose another one with --port, or 0 for any free one.\n`);
});
