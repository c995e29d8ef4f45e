// Builds dist/: the package's CommonJS, and beside each node's js its html, catalogues, help and icon, where Node-RED's
// loader searches for them. Built in a folder of its own and moved into place whole, so that dist/ is never incomplete.
import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { editorHtml } from './build/editor-html';
import { makeModulesLazy } from './build/lazy-modules';
import { removeUnusedTypes } from './build/types';
import { faultsOfSet } from './build/verify';
import { root } from './root';

const work = join(root, '.build', String(process.pid));

/** An error in the sources, shown without a stack. */
class BuildError extends Error {}

/** Names of the node sets, from package.json. @throws BuildError when an entry is not the path at which the build writes it */
async function setNames(): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    'node-red': { nodes: Record<string, string> };
  };
  return Object.entries(manifest['node-red'].nodes).map(([name, file]) => {
    const expected = `dist/nodes/${name}/${name}.js`;
    if (file !== expected) throw new BuildError(`package.json, node-red.nodes.${name}: ${file} must be ${expected}`);
    return name;
  });
}

/** Compiles a project. @throws BuildError after the compiler has printed its errors */
async function compile(project: string, ...args: string[]): Promise<void> {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const child = spawn(process.execPath, [tsc, '-p', project, ...args], { cwd: root, stdio: 'inherit' });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new BuildError(`${project}: the compiler found errors (see above)`);
}

/** Writes everything of a node set except its js. */
async function assemble(name: string, out: string): Promise<void> {
  const source = join(root, 'nodes', name);
  const icon = `active-backup-${name}.svg`;
  await mkdir(join(out, 'icons'), { recursive: true });
  const html = await editorHtml(join(source, `${name}.html`), join(source, `${name}.editor.ts`));
  await writeFile(join(out, `${name}.html`), html);
  await cp(join(source, 'locales'), join(out, 'locales'), { recursive: true });
  await cp(join(root, 'icons', icon), join(out, 'icons', icon));
}

/** Replaces dist/ by the new one. After two builds at the same time, dist/ is the complete result of one of them. */
async function swap(fresh: string): Promise<void> {
  const dist = join(root, 'dist');
  for (let tries = 1; ; tries += 1) {
    const old = join(work, `old-${tries}`);
    await rename(dist, old).catch((error: unknown) => ignore(error, 'ENOENT'));
    try {
      await rename(fresh, dist);
      return;
    } catch (error) {
      if (tries === 5) throw error;
      ignore(error, 'ENOTEMPTY', 'EEXIST'); // another build has just moved its result there
    }
  }
}

function ignore(error: unknown, ...codes: string[]): void {
  if (!codes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error as Error;
}

async function build(): Promise<string> {
  const names = await setNames();
  const fresh = join(work, 'dist');
  // Waits for both: a compiler that is still running would write into a folder that is being removed.
  const compiled = [
    compile('tsconfig.build.json', '--outDir', fresh),
    compile('tsconfig.client.json', '--outDir', fresh),
    compile('tsconfig.editor.json'),
  ];
  for (const result of await Promise.allSettled(compiled))
    if (result.status === 'rejected') throw result.reason as Error;
  await makeModulesLazy(fresh);
  await removeUnusedTypes(fresh, 'src/client/index.d.ts');
  const folder = (name: string): string => join(fresh, 'nodes', name);
  const assembled = await Promise.allSettled(names.map((name) => assemble(name, folder(name))));
  const failed = assembled.flatMap((one, i) =>
    one.status === 'rejected' ? [`${names[i]}: ${String(one.reason)}`] : [],
  );
  const faults = failed.length > 0 ? failed : names.flatMap((name) => faultsOfSet(folder(name), name));
  if (faults.length > 0) throw new BuildError(faults.join('\n'));
  await swap(fresh);
  return `Built ${names.length} node sets: ${names.join(', ')}.`;
}

async function main(): Promise<void> {
  try {
    await mkdir(work, { recursive: true });
    console.log('Building the nodes …');
    console.log(await build());
  } catch (error) {
    console.error(error instanceof BuildError ? `Build failed.\n${error.message}` : error);
    process.exitCode = 1;
  } finally {
    await rm(work, { recursive: true, force: true });
    await rmdir(dirname(work)).catch(() => undefined); // not empty: another build is running
  }
}

void main();
