// Writes the files that are generated from the code: the page on MQTT topics, their JSON Schemas, a dashboard for Home Assistant, and the
// drawing of the architecture.
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
