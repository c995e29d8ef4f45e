// `npm run bench`: what this package costs in CPU, time and memory, beside the least that the same work costs without it, in the
// same run. Prints a table and writes it as JSON. `npm run bench -- --help` names the options.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/root';
import { isMet, ratioOf, type Row } from './row';
import { runBench } from './run';
import { SECTIONS } from './sections';
import { tableOf, tableOfRuns } from './table';

const USAGE = `npm run bench -- [options]

  --only <names>     sections, with commas between: ${Object.keys(SECTIONS).join(', ')}
  --sizes <numbers>  sizes in place of the usual ones, with commas between
  --rounds <number>  rounds of which the median counts (5)
  --minutes <number> after which the rest is left out (10); on a busy machine 30, which also gives each section more time
  --runs <number>    runs one after the other, of which one table is made (1)
  --table <files>    runs nothing: the table of these results, with commas between
  --docs             writes the table of several runs into docs/performance.md
  --profile <folder> also writes CPU profiles of polls, and prints their functions`;

const OPTIONS = {
  only: { type: 'string' },
  sizes: { type: 'string' },
  rounds: { type: 'string', default: '5' },
  minutes: { type: 'string', default: '10' },
  runs: { type: 'string', default: '1' },
  table: { type: 'string' },
  docs: { type: 'boolean' },
  profile: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** What the bench writes after a run. */
interface Results {
  readonly at: string;
  readonly machine: {
    readonly node: string;
    readonly cpu: string;
    readonly cores: number;
    readonly commit: string;
    /** Load of the machine before the run. */
    readonly loadBefore: number;
  };
  readonly minutes: number;
  readonly rows: readonly (Row & { readonly ratio: number | null; readonly met: boolean | null })[];
}

const FOLDER = join(root, '.build', 'bench');
const DOCS = join(root, 'docs', 'performance.md');
/** The part of the page that `--docs` replaces. */
const DOCS_TABLE = /(?<=<!-- bench -->\n)[^]*(?=\n<!-- end of bench -->)/;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const results = values.table?.split(',').map(read) ?? [];
  for (let run = 1; values.table === undefined && run <= Number(values.runs); run += 1) {
    const result = await measure(values);
    const file = join(FOLDER, run === 1 ? 'results.json' : `results-${run}.json`);
    writeFileSync(file, JSON.stringify(result, null, 2));
    console.log(`${tableOf(result.rows)}\n\n${sentenceOf(result)}; also in ${file}`);
    results.push(result);
  }
  if (results.length < 2) return;
  const table = `${results.map((each) => `- ${sentenceOf(each)}`).join('\n')}\n\n${tableOfRuns(results.map(({ rows }) => rows))}`;
  console.log(`\n${table}`);
  if (values.docs === true)
    writeFileSync(
      DOCS,
      readFileSync(DOCS, 'utf8').replace(DOCS_TABLE, () => `\n${table}\n`),
    );
}

function read(file: string): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results;
}

async function measure(
  values: Readonly<Record<'rounds' | 'minutes', string>> & { only?: string; sizes?: string; profile?: string },
): Promise<Results> {
  const from = performance.now();
  const [loadBefore = 0] = loadavg();
  const rows = await runBench({
    scale: { rounds: Number(values.rounds), tiny: false },
    sections: values.only?.split(',') ?? Object.keys(SECTIONS),
    sizes: values.sizes?.split(',').map(Number) ?? null,
    profile: values.profile ?? null,
    limitSeconds: 60 * Number(values.minutes),
    progress: (line) => {
      console.error(`${((performance.now() - from) / 1000).toFixed(0).padStart(4)} s  ${line}`);
    },
  });
  const cpu = cpus()[0]?.model ?? '';
  return {
    at: new Date().toISOString(),
    machine: { node: process.version, cpu, cores: availableParallelism(), commit: commit(), loadBefore },
    minutes: (performance.now() - from) / 60_000,
    rows: rows.map((row) => ({ ...row, ratio: ratioOf(row), met: isMet(row) })),
  };
}

function sentenceOf({ at, machine, minutes }: Results): string {
  const { commit, node, cores, cpu, loadBefore } = machine;
  return `${at.slice(0, 16)}Z: commit ${commit}, Node ${node}, ${cores} cores (${cpu}), load ${loadBefore.toFixed(1)} before, ${minutes.toFixed(1)} minutes`;
}

/** The commit of the checkout, with `+` when files differ from it; `?` without git. */
function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty=+'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return '?';
  }
}

void main();
