// `npm run docs:site`: the documentation site in .build/site-dist/, from docs/, the nodes' help and the examples. VitePress is
// installed at the first run, apart from the package's own dependencies.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { npm } from '../test/support/npm';
import { root } from './root';
import { homePage, siteConfig } from './site/config';
import { sitePages } from './site/pages';

const work = join(root, '.build', 'site');
const generator = join(root, 'site', 'node_modules', 'vitepress', 'bin', 'vitepress.js');

async function writePage(path: string, text: string): Promise<void> {
  const file = join(work, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

async function main(): Promise<void> {
  if (!existsSync(generator)) {
    console.log('Installing VitePress, which takes a minute …');
    await npm(join(root, 'site'), 'ci', '--no-audit', '--no-fund');
  }
  await rm(work, { recursive: true, force: true });
  const pages = sitePages();
  for (const { path, text } of pages) await writePage(`${path}.md`, text);
  await writePage('index.md', homePage('en'));
  await writePage('de/index.md', homePage('de'));
  await writePage('.vitepress/config.mjs', `export default ${JSON.stringify(siteConfig(pages))};\n`);
  await cp(join(root, 'docs', 'images'), join(work, 'public', 'images'), { recursive: true });
  await cp(join(root, 'examples'), join(work, 'public', 'examples'), { recursive: true });
  const child = spawn(process.execPath, [generator, 'build', work], { cwd: root, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number];
  process.exitCode = code;
}

void main();
