import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { root } from '../../scripts/root';
import { startNas, type Nas } from '../nas/index';
import { manifest } from '../support/built';
import { npm } from '../support/npm';
import { startProgram } from '../support/program';
import { tempDir } from '../support/temp-dir';
import { until } from '../support/until';

const CLIENT = `${manifest.name}/client`;
const run = promisify(execFile);

describe('the packed package, installed into a program', () => {
  let folder: string;
  let nas: Nas;
  let env: Record<string, string>;
  const cleanups: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const { path, remove } = await tempDir('program');
    cleanups.push(remove);
    folder = path;
    await cp(inject('installedPackage'), path, { recursive: true });
    nas = await startNas({ schedules: false });
    cleanups.push(() => nas.close());
    env = { SYNOLOGY_HOST: nas.url, SYNOLOGY_USERNAME: 'admin', SYNOLOGY_PASSWORD: 'synology' };
  });
  afterAll(async () => {
    for (const cleanUp of cleanups.reverse()) await cleanUp();
  });

  /** Runs a script in the folder of the program. @returns what it printed */
  async function runScript(name: string, text: string): Promise<string> {
    await writeFile(join(folder, name), text);
    return (await run(process.execPath, [name], { cwd: folder, env: { ...process.env, ...env } })).stdout;
  }

  const bin = (): string => join(folder, 'node_modules', '.bin', 'active-backup');

  test('npx active-backup list prints the tasks', async () => {
    Object.assign(process.env, env);
    try {
      expect(await npm(folder, 'exec', '--no', '--', 'active-backup', 'list')).toMatch(/^ID +TYPE.*\n1 +pc /);
    } finally {
      for (const name of Object.keys(env)) Reflect.deleteProperty(process.env, name);
    }
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a watch within a second, and its session', async (signal) => {
    const before = nas.received('list_result').length;
    const watching = startProgram([bin(), 'watch'], { cwd: folder, env });
    await until(() => nas.received('list_result').length > before);
    expect(nas.sessions).toBe(1);
    expect((await watching.end(signal)).code).toBe(0);
    expect(nas.sessions).toBe(0);
    expect(watching.output).toBe('');
  });

  test('a reader that ends first causes no message, and the session is closed', async () => {
    const child = spawn(process.execPath, [bin(), 'list', '--json'], { cwd: folder, env: { ...process.env, ...env } });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.stdout.destroy();
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(nas.sessions).toBe(0);
  });

  test('the arguments of the process contain no secret, and a password among them is refused', async () => {
    await expect(
      run(process.execPath, [bin(), 'list', '--password', 'synology'], { cwd: folder }),
    ).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.not.stringContaining("'synology'"),
    });
  });

  test('the example of the documentation runs', async () => {
    const page = await readFile(join(root, 'docs', 'programs.md'), 'utf8');
    const example = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const printed = await runScript('example.js', example);
    // How many depends on the time of day: one machine is late only in some hours of it.
    const [, headline = ''] =
      /^1 Reception PC success\n[\s\S]*\n([12] of 5 machines? needs? attention)\n$/.exec(printed) ?? [];
    const { stdout } = await run(process.execPath, [bin(), 'report'], { cwd: folder, env: { ...process.env, ...env } });
    expect(stdout).toContain(headline || 'a headline');
    expect(nas.sessions).toBe(0);
  });

  test('the example of a watch in the documentation prints events', async () => {
    const page = await readFile(join(root, 'docs', 'programs.md'), 'utf8');
    const example = /### Events\n\n```sh\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const options = /active-backup (watch [^|]*?) \|/.exec(example)?.[1]?.split(' ') ?? [];
    expect(options).toContain('--state-folder');
    const config = join(folder, 'nas.json');
    await writeFile(config, '{"pollInterval": 5, "activePollInterval": 1}', { mode: 0o600 });
    const before = nas.received('list_result').length;
    const watching = startProgram([bin(), ...options, '--config', config], { cwd: folder, env });
    await until(() => nas.received('list_result').length > before);
    nas.state.startRun(4);
    nas.state.endRun(4, 'failed');
    const [line] = await watching.printed(/^\{.*\}$/m);
    expect(JSON.parse(line)).toMatchObject({ event: 'backup_failed', task: { id: 4 }, result: { status: 'failed' } });
    expect((await watching.end('SIGINT')).code).toBe(0);
  });

  test('an ES module imports the same names as CommonJS requires', async () => {
    const names =
      'console.log(Object.keys(client).filter((name) => !/^(?:default|module\\.exports|__esModule)$/.test(name)).sort().join());';
    const imported = await runScript('names.mjs', `import * as client from '${CLIENT}'; ${names}`);
    expect(imported).toBe(await runScript('names.cjs', `const client = require('${CLIENT}'); ${names}`));
    expect(imported).toContain('ActiveBackup,DiskStation,DsmError,EVENTS,METHODS,buildReport,headlineOf,openNas');
  });

  test('a program loads nothing of Node-RED and no MQTT.js', async () => {
    const loaded = await runScript(
      'loaded.js',
      `require('${CLIENT}'); console.log(Object.keys(require.cache).filter((file) => file.includes('node_modules/')).map((file) => file.split('node_modules/').at(-1))
        .filter((file) => !/^${manifest.name}\\/dist\\/src\\/(?!node-red|bridge|mqtt|editor)/.test(file)).join());`,
    );
    expect(loaded.trim()).toBe('');
  });

  test('the schemas can be resolved, and other files cannot', async () => {
    const script = `
      console.log(require('${manifest.name}/schemas/task-state.schema.json').$schema);
      try { require('${manifest.name}/dist/src/dsm/errors.js'); } catch (error) { console.log(error.code); }
      console.log(require('${manifest.name}/package.json').name);`;
    const printed = await runScript('schemas.js', script);
    expect(printed.trim().split('\n')).toEqual([
      expect.stringContaining('json-schema.org'),
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
      manifest.name,
    ]);
  });

  test.each([
    ['node16', 'node16'],
    ['preserve', 'bundler'],
  ])('TypeScript finds the types with module %s and moduleResolution %s', async (module, moduleResolution) => {
    const own = join(folder, `types-${moduleResolution}`);
    await mkdir(own);
    await writeFile(
      join(own, 'program.ts'),
      `import { openNas, DsmError, type NasEvent, type Task } from '${CLIENT}';
export async function names(password: string): Promise<(string | null)[]> {
  const nas = openNas({ host: 'nas.lan', username: 'monitoring', password });
  try {
    nas.onEvent((event: NasEvent) => { const { event: name } = event; void name; });
    const tasks: Task[] = await nas.listTasks();
    return tasks.map((task) => task.name);
  } catch (error) {
    if (error instanceof DsmError && error.code === 'EAUTH') return [];
    throw error;
  } finally {
    await nas.close();
  }
}
// @ts-expect-error a password is required
openNas({ host: 'nas.lan', username: 'monitoring' });
`,
    );
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'es2022',
      strict: true,
      noEmit: true,
      types: ['node'],
      lib: ['es2022'],
      skipDefaultLibCheck: true,
    };
    await writeFile(join(own, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
    await mkdir(join(own, 'node_modules', '@types'), { recursive: true });
    for (const name of ['@types/node', 'undici-types'])
      await symlink(join(root, 'node_modules', name), join(own, 'node_modules', name)).catch(() => undefined);
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', own]).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(stdout).toBe('');
  });
});
