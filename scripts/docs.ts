// Writes what is made from the entity table: the page on MQTT topics, the JSON Schema of each of them, and a dashboard for
// Home Assistant.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { documentationFiles } from './docs/files';
import { root } from './root';

async function main(): Promise<void> {
  for (const [path, content] of await documentationFiles()) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
    console.log(path);
  }
}

void main();
