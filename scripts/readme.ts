// Before npm packs: gives the README absolute addresses (`absolute`); afterwards restores it (`relative`).
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { absoluteReadme, relativeReadme } from './build/readme';
import { root } from './root';

async function main(): Promise<void> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Parameters<
    typeof absoluteReadme
  >[1];
  const file = join(root, 'README.md');
  const convert = process.argv[2] === 'absolute' ? absoluteReadme : relativeReadme;
  await writeFile(file, convert(await readFile(file, 'utf8'), manifest));
}

void main();
