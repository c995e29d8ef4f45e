import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../../scripts/root';
import { freePort } from '../support/free-port';
import { startProgram } from '../support/program';
import { tempDir } from '../support/temp-dir';

test('a browser that is early waits for the editor of `npm start`, and no error is logged', async () => {
  const dir = await tempDir('demo-early');
  onTestFinished(dir.remove);
  const port = await freePort();
  const env = { PORT: String(port), NAS_PORT: '0', MQTT_PORT: '0', DEMO_DIR: dir.path };
  const program = startProgram(['--import', 'tsx', 'scripts/start.ts'], { cwd: root, env });
  onTestFinished(async () => {
    await program.end('SIGKILL');
  });
  const url = `http://127.0.0.1:${port}/`;
  const firstAnswer = async (): Promise<Response> => {
    for (;;) {
      const response = await fetch(url).catch(() => null); // refused: it does not listen yet
      if (response !== null) return response;
      await sleep(1);
    }
  };
  const response = await firstAnswer();
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('<title>Active Backup demo</title>');
  expect(((await (await fetch(`${url}flows`)).json()) as unknown[]).length).toBeGreaterThan(10);
  await program.printed(/^Ready/m);
  expect(program.output).not.toMatch(/\[(warn|error)\]|Error/);
});

test('`npm run nas` ends with npm', async () => {
  const npm = process.env.npm_execpath;
  const args = ['run', 'nas', '--', '--port', '0'];
  const program = npm
    ? startProgram([npm, ...args], { cwd: root })
    : startProgram([...args], { cwd: root, node: 'npm' });
  onTestFinished(async () => {
    await program.end('SIGKILL');
  });
  const [, url = ''] = await program.printed(/Simulated NAS at (http\S+)/);
  await fetch(url); // it answers
  await program.end('SIGTERM');
  await expect
    .poll(() =>
      fetch(url).then(
        () => 'answers',
        () => 'ended',
      ),
    )
    .toBe('ended');
});
