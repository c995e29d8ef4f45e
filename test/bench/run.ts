import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../../scripts/root';
import { startMosquitto, type Mosquitto } from '../support/mosquitto';
import { programPath, PROGRAMS } from '../support/programs';
import { tempDir } from '../support/temp-dir';
import { flatRows, growthRows } from './growth';
import { CHANGED_PUBLISH } from './rows/changed-publish';
import type { Context, Measured, Row, Scale } from './row';
import { SECTION_SECONDS, SECTIONS } from './sections';

/** Options of {@link runBench}. */
export interface BenchOptions {
  readonly scale: Scale;
  /** Names of the sections to run. */
  readonly sections: readonly string[];
  /** Sizes in place of those of the sections; null: theirs. */
  readonly sizes: readonly number[] | null;
  /** Folder for CPU profiles; null: none are written. */
  readonly profile: string | null;
  /** Seconds after which no further section starts, and a running one is ended: its row then says so. */
  readonly limitSeconds: number;
  /** Receives a line when a child process starts. */
  readonly progress: (line: string) => void;
}

/** A changed task at 5,000 tasks may cost so many times what it costs at 10. */
const MAX_GROWTH_OF_CHANGE = 1.5;
/** A Mosquitto that writes nothing for each message: its log would cost more than the message. */
const QUIET_LOG = ['log_type none', 'log_type information', 'connection_messages false', 'max_queued_messages 0'];
const USUAL_LIMIT_SECONDS = 600;
/** Folder of the compiled bench, ignored by git. */
export const COMPILED = join(root, '.build', 'bench');

/** Runs the sections one after the other, each size in a process of its own. */
export async function runBench(options: BenchOptions): Promise<Row[]> {
  const end = performance.now() + options.limitSeconds * 1000;
  await compile();
  const measured: Measured[] = [];
  for (const name of options.sections) {
    for (const size of options.sizes ?? SECTIONS[name]?.sizes ?? []) {
      options.progress(size === 0 ? name : `${name} ${size}`);
      measured.push(
        await runSection(name, size, options, end).catch((error: unknown) => notMeasured(name, size, error)),
      );
    }
  }
  const samples = measured.flatMap((each) => each.samples);
  const flat = flatRows(samples, CHANGED_PUBLISH, MAX_GROWTH_OF_CHANGE);
  return [...measured.flatMap((each) => each.rows), ...flat, ...growthRows(samples)];
}

/** Compiles to plain JavaScript as the package is: `tsx` adds a call to each function, which would count. */
export async function compile(): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['child', 'nas-process', 'fleet-process'].map((name) => `test/bench/${name}.ts`),
    outdir: COMPILED,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    packages: 'external',
    logLevel: 'warning',
  });
}

/** A row that says why there is no figure. */
function notMeasured(name: string, size: number, error: unknown): Measured {
  const note = error instanceof Error ? error.message : String(error);
  const none = { unit: 'count', floor: null, ours: null, goal: null } as const;
  return { rows: [{ what: name, size: size === 0 ? '' : size.toLocaleString('en-US'), ...none, note }], samples: [] };
}

/** @param end of the whole bench, by `performance.now` */
async function runSection(
  name: string,
  size: number,
  { scale, profile, limitSeconds }: BenchOptions,
  end: number,
): Promise<Measured> {
  if (performance.now() > end) throw new Error('the time of the bench was over before');
  const broker = await startBenchBroker();
  const folder = await tempDir('bench');
  try {
    const nasScript = join(COMPILED, 'nas-process.js');
    const context: Context = { scale, size, broker: broker.url, nasScript, folder: folder.path, root, profile };
    const own = secondsOf(name, limitSeconds);
    return await inChild(name, context, { end, own });
  } finally {
    await broker.close();
    await folder.remove();
  }
}

/** Starts a Mosquitto. @throws Error when it is not installed */
export function startBenchBroker(): Promise<Mosquitto> {
  const path = programPath('mosquitto');
  if (path === null) throw new Error(`The bench needs mosquitto: ${PROGRAMS.mosquitto.hint}`);
  return startMosquitto(path, { config: QUIET_LOG });
}

/** The seconds that one size of a section may take: more if the whole bench may take longer than usual. */
function secondsOf(name: string, limitSeconds: number): number {
  return (SECTIONS[name]?.seconds ?? SECTION_SECONDS) * Math.max(1, limitSeconds / USUAL_LIMIT_SECONDS);
}

/** @param end of the whole bench, by `performance.now` @param own seconds for this section */
async function inChild(
  name: string,
  context: Context,
  { end, own }: { readonly end: number; readonly own: number },
): Promise<Measured> {
  const left = Math.max(0, end - performance.now());
  const args = [name, JSON.stringify(context)];
  const child = fork(join(COMPILED, 'child.js'), args, { cwd: root, execArgv: ['--expose-gc'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), Math.min(left, own * 1000));
  const ended = once(child, 'exit').then(([code, signal]) => {
    if (signal === null) throw new Error(`its process ended (${String(code)})`);
    throw new Error(own * 1000 < left ? `it took longer than ${own} s` : 'the time of the bench was over');
  });
  try {
    const [measured] = (await Promise.race([once(child, 'message'), ended])) as [Measured];
    return measured;
  } finally {
    clearTimeout(timer);
    ended.catch(() => undefined);
  }
}
