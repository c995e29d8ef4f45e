// `npm run test:clients`: DSM clients of other projects against the simulated NAS. Where both succeed, the NAS responds as
// DSM does to the calls that they make. PYTHON: the Python to use. Not part of `npm test`: it installs from PyPI.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../scripts/root';
import { startNas, type ReceivedRequest } from '../nas/index';

const run = promisify(execFile);
const FOLDER = join(root, '.build', 'clients');
const ACCOUNT = { name: 'admin', password: 'synology' };

/** The clients, each with the script beside this file that runs it. */
const CLIENTS = [
  { package: 'synology-api==0.9.4', script: 'n4s4.py' },
  { package: 'py-synologydsm-api==2.11.0', script: 'synologydsm.py' },
] as const;

/** The JSON that a script prints. */
interface Outcome {
  readonly names: readonly string[];
  readonly started: boolean;
  readonly runs: boolean;
  readonly cancelled: boolean;
}

/** The calls that every client must make, in this order. */
const CALLS = ['login', 'list', 'backup', 'list', 'cancel', 'logout'];

/** Path of a Python that can create virtual environments; null when there is none. */
async function findPython(): Promise<string | null> {
  const path = process.env['PYTHON'] || 'python3';
  const works = run(path, ['-c', 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))']);
  return works.then(
    () => path,
    () => null,
  );
}

/** Creates a virtual environment with all clients at the first run. @returns path of its Python */
async function install(python: string): Promise<string> {
  const venv = join(FOLDER, 'venv');
  const inside = join(venv, 'bin', 'python');
  const done = join(FOLDER, 'installed');
  if (existsSync(done)) return inside;
  console.log('Installing the clients: takes a minute …');
  await rm(FOLDER, { recursive: true, force: true });
  await run(python, ['-m', 'venv', venv]);
  await run(inside, ['-m', 'pip', 'install', ...CLIENTS.map((client) => client.package)]);
  await writeFile(done, '');
  return inside;
}

/** Runs one client against a NAS of its own. @throws Error when its output or its calls are not the expected ones */
async function runClient(python: string, script: string): Promise<string> {
  const requests: ReceivedRequest[] = [];
  const onRequest = (request: ReceivedRequest): void => void requests.push(request);
  const nas = await startNas({
    ...{ https: true, tasks: 3, speed: 1, schedules: false, runSeconds: 60 },
    accounts: [ACCOUNT],
    onRequest,
  });
  try {
    const { hostname, port } = new URL(nas.url);
    const path = join(root, 'test', 'clients', script);
    const { stdout } = await run(python, [path, hostname, port, ACCOUNT.name, ACCOUNT.password], { timeout: 60_000 });
    const outcome = JSON.parse(stdout) as Outcome;
    const names = nas.state.tasks.map(({ name }) => name);
    const wanted: Outcome = { names, started: true, runs: true, cancelled: true };
    if (JSON.stringify(outcome) !== JSON.stringify(wanted)) {
      throw new Error(`It printed ${JSON.stringify(outcome)} instead of ${JSON.stringify(wanted)}`);
    }
    const calls = requests.map(({ method }) => method).filter((method) => CALLS.includes(method));
    if (calls.join() !== CALLS.join()) throw new Error(`The NAS received ${calls.join(', ')}`);
    return `${calls.join(', ')}; ${names.length} tasks`;
  } finally {
    await nas.close();
  }
}

async function main(): Promise<void> {
  const python = await findPython();
  if (python === null) {
    console.log('Skipped: there is no Python 3.11 or later with its module venv (set PYTHON to its path).');
    return;
  }
  const installed = await install(python);
  for (const client of CLIENTS) console.log(`✓ ${client.package}: ${await runClient(installed, client.script)}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
