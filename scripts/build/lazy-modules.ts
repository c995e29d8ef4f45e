// Lets the built nodes load a module when they use it first: Node-RED requires every node set of a palette at its start,
// whether a flow uses it or not, and 260 small files take longer than all of axios.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The folders whose modules load others at first use: those that Node-RED requires, and the adapters that these call. */
const LAZY_FOLDERS = /^(?:nodes|src\/node-red)\//;

/** What the compiler writes for an import of a module of this package. */
const REQUIRE = /^const (\w+_\d+) = require\("(\.[^"]+)"\);$/gm;

/**
 * Rewrites the imports of a compiled CommonJS module so that each module is required by the first statement that uses it.
 * Names of the compiler's own form (`name_1`) only occur as `name_1.member`.
 * @param code of the compiler. @throws Error when a name is used in a way that is not known here
 */
export function lazyModules(code: string): string {
  const names: string[] = [];
  const declared = code.replace(REQUIRE, (_, name: string, path: string) => {
    names.push(name);
    return `let ${name}$;\nconst ${name} = () => (${name}$ ??= require("${path}"));`;
  });
  return names.reduce((text, name) => {
    const used = text
      .replace(new RegExp(`\\bnew ${name}\\.(\\w+)`, 'g'), `new (${name}().$1)`)
      .replace(new RegExp(`\\b${name}\\.`, 'g'), `${name}().`);
    const unknown = new RegExp(`\\b${name}\\b(?!\\$|\\(\\)\\.| = \\(\\) => )`).exec(used);
    if (unknown !== null)
      throw new Error(`${name} is used in an unknown way: ${used.slice(unknown.index, unknown.index + 80)}`);
    return used;
  }, declared);
}

/** Rewrites the modules of a built `dist/` that are to load others at first use. */
export async function makeModulesLazy(dist: string): Promise<void> {
  const files = await readdir(dist, { recursive: true });
  const lazy = files.map((file) => file.replaceAll('\\', '/')).filter((file) => LAZY_FOLDERS.test(file));
  await Promise.all(
    lazy
      .filter((file) => file.endsWith('.js'))
      .map(async (file) => {
        const path = join(dist, file);
        await writeFile(path, lazyModules(await readFile(path, 'utf8')));
      }),
  );
}
