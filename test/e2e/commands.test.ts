import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { root } from '../../scripts/root';
import { startDemo, type Demo } from '../support/demo';
import { connectClient } from '../support/mqtt-client';
import { describeWith } from '../support/needs';
import { startProgram } from '../support/program';
import { tempDir } from '../support/temp-dir';

/** A command of a page, with the page. */
interface Command {
  readonly page: string;
  readonly line: string;
}

const PAGES = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .map((path) => join('docs', path))
  .concat('README.md', 'CONTRIBUTING.md', 'SECURITY.md')
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

/** The lines of the blocks of shell commands, without comments. */
const COMMANDS: readonly Command[] = PAGES.flatMap(({ path, text }) =>
  [...text.matchAll(/^ *```(?:sh|bash|shell|console)\n(.*?)^ *```$/gms)].flatMap(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.replace(/(?:^|\s+)#.*$/, '').trim())
      .filter((line) => line !== '')
      .map((line) => ({ page: path, line })),
  ),
);

/** Commands that are not run here: how each begins, why, and the test that runs the same. */
const NOT_RUN: readonly { readonly begins: string; readonly why: string; readonly test: string | null }[] = [
  {
    begins: 'npm install node-red-contrib-synology-active-backup',
    why: 'needs the published package; the packed one is installed',
    test: 'test/e2e/packed.test.ts',
  },
  { begins: 'git clone <this repository>', why: 'names no repository', test: null },
  { begins: 'cd node-red-contrib-synology-active-backup', why: 'belongs to git clone', test: null },
  { begins: 'npm start', why: 'never ends', test: 'test/e2e/start.test.ts' },
  {
    begins: 'SYNOLOGY_HOST=https://nas.lan:5001 SYNOLOGY_USERNAME=node-red SYNOLOGY_PASSWORD=… npm start',
    why: 'needs a NAS; a simulated one takes its place',
    test: 'test/e2e/start.test.ts',
  },
  {
    begins: 'export SYNOLOGY_HOST=https://nas.lan:5001',
    why: 'needs a NAS; a simulated one takes its place',
    test: 'test/package/programs.test.ts',
  },
  { begins: 'npx active-backup', why: 'the packed command is run', test: 'test/package/programs.test.ts' },
  ...['while read', 'echo "$event" | jq', 'done'].map((begins) => ({
    begins,
    why: 'formats the lines of npx active-backup watch, which are tested',
    test: null,
  })),
  { begins: 'openssl s_client', why: 'needs a NAS with HTTPS at this address', test: 'test/dsm/certificate.test.ts' },
  { begins: 'npm run bench:fleet', why: 'uses the whole machine for minutes', test: null },
  { begins: 'npm run bench', why: 'takes ten minutes; its options are compared with its help', test: null },
];

const isMqtt = ({ line }: Command): boolean => /^mosquitto_(?:sub|pub) /.test(line);
const reasonFor = ({ line }: Command) => NOT_RUN.find(({ begins }) => line.startsWith(begins));

describe('the commands on the pages', () => {
  test('are each run by a test, or have a reason why not', () => {
    expect(COMMANDS.length).toBeGreaterThan(10);
    expect(COMMANDS.filter((command) => !isMqtt(command) && reasonFor(command) === undefined)).toEqual([]);
    const unused = NOT_RUN.filter(({ begins }) => !COMMANDS.some(({ line }) => line.startsWith(begins)));
    expect(unused).toEqual([]);
    for (const { test: file } of NOT_RUN) expect(file === null || existsSync(join(root, file))).toBe(true);
  });

  test('name scripts that package.json has, in the text as well', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const named = PAGES.flatMap(({ text }) => [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name));
    expect(named.length).toBeGreaterThan(10);
    expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
  });

  test('give npm run bench only options that it has', async () => {
    const program = startProgram(['--import', 'tsx', 'test/bench/main.ts', '--help'], { cwd: root });
    expect(await program.ended).toBe(0);
    const given = COMMANDS.filter(({ line }) => /^npm run bench\b(?!:)/.test(line)).flatMap(({ line }) => [
      ...line.matchAll(/ (--\w+)/g),
    ]);
    expect(given.length).toBeGreaterThan(3);
    for (const [, option = ''] of given) expect(program.output).toContain(`  ${option} `);
  });

  test('npm run bench:fleet describes itself with --help and starts nothing', async () => {
    const program = startProgram(['--import', 'tsx', 'test/bench/fleet.ts', '--help'], { cwd: root });
    expect(await program.ended).toBe(0);
    expect(program.output).toMatch(/^npm run bench:fleet\n[^]*--help {2}this text\s*$/);
    expect(program.output).not.toContain('NASes run; the next');
  });
});

/** What the pages call the broker and the NAS. */
const BROKER = '-h broker';
const NAS_ID = '1930pdn000000';
/** Exit code of mosquitto_sub when the time of `-W` is over. */
const TIMED_OUT = 27;

describeWith('mosquitto', 'the MQTT commands on the pages, with the broker of npm start', () => {
  const run = promisify(execFile);
  let demo: Demo;
  let broker: string;
  let nasId: string;
  let removeDir: () => Promise<void>;
  beforeAll(async () => {
    const dir = await tempDir('commands');
    removeDir = dir.remove;
    demo = await startDemo(dir.path);
    const [, host = '', port = ''] = await demo.program.printed(/MQTT broker +mqtt:\/\/([\d.]+):(\d+)/);
    broker = `-h ${host} -p ${port}`;
    const topic = await firstLine(`mosquitto_sub ${broker} -t 'active-backup/+/task/+/state' -F %t -C 1 -W 20`);
    nasId = topic.split('/')[1] ?? '';
  });
  afterAll(async () => {
    await demo.program.end();
    await removeDir();
  });

  /** Runs a line in a shell. @returns what it printed; running out of time is its usual end */
  async function output(line: string): Promise<string> {
    try {
      return (await run('bash', ['-o', 'pipefail', '-c', line])).stdout;
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
      if (code !== TIMED_OUT || stdout === undefined) throw error;
      expect(stderr?.replace('Timed out\n', '')).toBe('');
      return stdout;
    }
  }

  async function firstLine(line: string): Promise<string> {
    return (await output(line)).split('\n')[0] ?? '';
  }

  /**
   * The topics of the retained documents of the NAS. The option for retained messages alone is of no use here: with it,
   * mosquitto_sub ends at the first message that is new.
   */
  async function retainedTopics(): Promise<string[]> {
    const printed = await output(`mosquitto_sub ${broker} -t 'active-backup/${nasId}/#' -F '%r %t' -W 4`);
    return printed.split('\n').flatMap((text) => (text.startsWith('1 ') ? [text.slice(2)] : []));
  }

  /** The line with this broker and this NAS, and with an end. `jq` is not part of every machine. */
  async function adapted(line: string): Promise<string> {
    const local = line.replaceAll(BROKER, broker).replaceAll(NAS_ID, nasId);
    const timed = local.includes(' -W ') ? local : local.replace('mosquitto_sub', 'mosquitto_sub -W 4');
    const hasJq = await run('jq', ['--version']).then(
      () => true,
      () => false,
    );
    return hasJq ? timed : timed.replace(/ \| jq .*$/, '');
  }

  const subscriptions = COMMANDS.filter(({ line }) => line.startsWith('mosquitto_sub ') && !line.includes('--remove'));
  test.each(subscriptions)('$line', async ({ line }) => {
    // An event is only seen by those who listen while it happens.
    const isAboutEvents = line.includes('/event');
    const printed = await output(await adapted(line));
    if (isAboutEvents) return;
    expect(printed).toMatch(/"?last_result"?: ?"/);
    expect(printed).toMatch(/"?status"?: ?"idle"/);
  });

  test('a published command gets its response: commands are off', async () => {
    const [command] = COMMANDS.filter(({ line }) => /^mosquitto_pub .*\/command' -m backup$/.test(line));
    const client = await connectClient(/mqtt:\S+/.exec(demo.program.output)?.[0] ?? '', { protocolVersion: 4 });
    onTestFinished(() => client.close());
    await client.subscribe(`active-backup/${nasId}/task/3/response`);
    await output(await adapted(command?.line ?? ''));
    const { payload } = await client.received(`active-backup/${nasId}/task/3/response`);
    expect(JSON.parse(payload)).toMatchObject({ action: 'backup', status: 'rejected', reason: 'commands_off' });
  });

  test('retained documents and a discovery are removed by hand', async () => {
    const removals = COMMANDS.filter(({ line }) => /--remove-retained| -r -n /.test(line));
    expect(removals).toHaveLength(2);
    const retained = await retainedTopics();
    expect(retained.length).toBeGreaterThan(20);
    // A busy machine may need longer than a person waits.
    const lines = await Promise.all(
      removals.map(async ({ line }) => (await adapted(line)).replace(' -W 3', ' -v -W 12')),
    );
    const printed = await Promise.all(lines.map(output));
    const removed = printed
      .join('')
      .split('\n')
      .map((text) => text.split(' ', 1)[0] ?? '');
    expect(retained.filter((topic) => !removed.includes(topic))).toEqual([]);
    expect(printed.join('')).toMatch(/"last_result":"/);
  });

  test('every MQTT command is one of these', () => {
    const others = COMMANDS.filter(isMqtt).filter(
      ({ line }) =>
        !line.startsWith('mosquitto_sub ') && !line.endsWith('-m backup') && !/--remove-retained| -r -n /.test(line),
    );
    expect(others).toEqual([]);
  });
});
