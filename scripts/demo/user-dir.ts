import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { root } from '../root';
import { writeFlow } from './credentials';
import { demoCredentials, demoFlow, type Example, type FlowNode } from './flow';

/** Order of the sidebars, the first one open: the demo's results appear under "debug". */
const SIDEBAR = ['debug', 'info', 'help', 'config', 'context'];

/** Node-RED's folder. */
export interface UserDir {
  path: string;
  /** Encrypts the credentials file; created at the first start. */
  credentialSecret: string;
}

/** Prepares Node-RED's folder: links the package to this checkout and writes a flow at the first start; never changes existing files. */
export async function prepareUserDir(path: string): Promise<UserDir> {
  await mkdir(join(path, 'node_modules'), { recursive: true });
  await linkPackage(join(path, 'node_modules', await packageName()));
  await writeNew(join(path, '.config.users.json'), JSON.stringify({ _: { editor: { sidebar: { order: SIDEBAR } } } }));
  const secret = join(path, '.credential-secret');
  await writeNew(secret, randomBytes(24).toString('hex'));
  const credentialSecret = await readFile(secret, 'utf8');
  if (!(await isThere(join(path, 'flows.json')))) {
    const flow = demoFlow(await examples());
    await writeFlow(path, flow, demoCredentials(flow), credentialSecret);
  }
  return { path, credentialSecret };
}

async function packageName(): Promise<string> {
  return (JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { name: string }).name;
}

/** Every example, in the order of their numbers. */
async function examples(): Promise<Example[]> {
  const folder = join(root, 'examples');
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(
    files.map(async (file) => ({
      number: parseInt(basename(file), 10),
      nodes: JSON.parse(await readFile(join(folder, file), 'utf8')) as FlowNode[],
    })),
  );
}

async function linkPackage(link: string): Promise<void> {
  if ((await readlink(link).catch(() => null)) === root) return;
  await rm(link, { recursive: true, force: true });
  await mkdir(dirname(link), { recursive: true });
  await symlink(root, link, 'junction');
}

async function writeNew(file: string, text: string): Promise<void> {
  if (!(await isThere(file))) await writeFile(file, text, { mode: 0o600 });
}

function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
