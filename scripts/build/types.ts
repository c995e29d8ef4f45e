import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/**
 * Removes the type declarations that a declaration does not refer to, directly or through others: the compiler writes one for each file
 * of the program.
 * @param folder with the declarations; @param entry a declaration in it
 */
export async function removeUnusedTypes(folder: string, entry: string): Promise<void> {
  const used = new Set<string>();
  const open = [join(folder, entry)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (used.has(file)) continue;
    used.add(file);
    const text = await readFile(file, 'utf8');
    const from = dirname(file);
    for (const [, path = ''] of text.matchAll(/(?:from|import\() ?'(\.{1,2}\/[^']+)'/g))
      open.push(`${resolve(from, path)}.d.ts`);
  }
  const names = await readdir(folder, { recursive: true });
  const unused = names.map((name) => join(folder, name)).filter((file) => file.endsWith('.d.ts') && !used.has(file));
  await Promise.all(unused.map((file) => rm(file)));
}
