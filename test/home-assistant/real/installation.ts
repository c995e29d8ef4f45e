import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../../scripts/root';
import type { Python } from './python';
import { Stop } from './stop';

/** Cached between runs: a folder for each Python and release. */
const FOLDER = join(root, '.build', 'home-assistant');

/** A Home Assistant in a virtual environment of its own. */
export interface Installation {
  /** Its folder, also for files of a run. */
  readonly folder: string;
  /** The Python of that environment. */
  readonly python: string;
  /** `2026.2.3` */
  readonly version: string;
  /** Folder of Home Assistant's source. */
  readonly source: string;
}

/**
 * Integrations whose packages are installed: first those that are required by `mqtt` and by default integrations (`hassio` because
 * `mqtt` imports it), then voice and cameras, which only its pages need and which require a compiler where there is no wheel.
 */
const REQUIREMENTS = `
import json, pathlib
from homeassistant import bootstrap, components
folder = pathlib.Path(components.__path__[0])
def closure(todo, without):
    seen = {}
    while todo:
        domain = todo.pop()
        if domain in seen or domain in without:
            continue
        manifest = json.loads((folder / domain / "manifest.json").read_text())
        seen[domain] = manifest.get("requirements", [])
        todo.update(manifest.get("dependencies", []))
    return sorted({name for names in seen.values() for name in names})
domains = {"mqtt", "hassio", *bootstrap.DEFAULT_INTEGRATIONS}
needed = closure(set(domains), {"assist_pipeline", "camera", "conversation", "stt", "tts"})
print(json.dumps({"needed": needed, "more": [name for name in closure(domains, ()) if name not in needed]}))
`;

/** Installs Home Assistant, unless an earlier run has done so for the same Python. @throws Stop when its packages cannot be installed */
export async function install({ path, version: pythonVersion, release }: Python): Promise<Installation> {
  const folder = join(FOLDER, `python-${pythonVersion}${release === null ? '' : `-${release}`}`);
  const python = join(folder, 'venv', 'bin', 'python');
  const note = join(folder, 'installed.json');
  if (!existsSync(note)) {
    console.log(
      `Installing Home Assistant ${release ?? '(the newest)'} for Python ${pythonVersion}: takes some minutes …`,
    );
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const log = join(folder, 'install.log');
    await run(log, path, ['-m', 'venv', join(folder, 'venv')]);
    // pip cannot resolve Home Assistant's constraints; uv, which Home Assistant installs, can.
    await run(log, python, ['-m', 'pip', 'install', 'uv']);
    const pip = (...args: string[]): Promise<string> => run(log, python, ['-m', 'uv', 'pip', 'install', ...args]);
    // The constraints are in the package, so it is installed first, alone.
    await pip('--no-deps', `homeassistant${release === null ? '' : `==${release}`}`);
    const source = await run(log, python, ['-c', SOURCE]);
    const version = await run(log, python, ['-c', VERSION]);
    const constraints = join(source, 'package_constraints.txt');
    await pip('--constraint', constraints, `homeassistant==${version}`);
    const requirements = await run(log, python, ['-c', REQUIREMENTS]);
    const { needed, more } = JSON.parse(requirements) as { needed: string[]; more: string[] };
    await pip('--constraint', constraints, ...needed);
    for (const name of more) await pip('--constraint', constraints, name).catch(() => undefined);
    const done: Installation = { folder, python, version, source };
    await writeFile(note, JSON.stringify(done));
  }
  return JSON.parse(await readFile(note, 'utf8')) as Installation;
}

/** Integrations that would not load without these packages. */
const VERSION = 'from importlib.metadata import version; print(version("homeassistant"))';
const SOURCE = 'import importlib.util as u; print(u.find_spec("homeassistant").submodule_search_locations[0])';

/** @returns standard output @throws Stop with the end of standard error */
async function run(log: string, command: string, args: string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  await appendFile(log, `$ ${command} ${args.join(' ')}\n${out}${errors}`);
  if (code === 0) return out.trim();
  const why = errors.trim().split('\n').at(-1) ?? '';
  throw new Stop(
    `Home Assistant could not be installed: “${why}”. ` +
      `It needs a package index that pip can reach, once; what it printed is in ${log}.`,
  );
}
