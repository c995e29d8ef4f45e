// `npm run bench`: what this package costs in CPU, time and memory, beside the least that the same work costs without it, in the
// same run. Prints a table and writes it as JSON. `npm run bench -- --help` names the options.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/root';
import { isMet, ratioOf } from './row';
import { runBench } from './run';
import { SECTIONS } from './sections';
import { tableOf } from './table';

const USAGE = `npm run bench -- [options]

  --only <names>     sections, with commas between: ${Object.keys(SECTIONS).join(', ')}
  --sizes <numbers>  sizes in place of the usual ones, with commas between
  --rounds <number>  rounds of which the median counts (5)
  --minutes <number> after which the rest is left out (10)
  --profile <folder> also writes CPU profiles of polls, and prints their functions`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      sizes: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      minutes: { type: 'string', default: '10' },
      profile: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
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
  const machine = { node: process.version, cpu, cores: availableParallelism(), commit: commit(), loadBefore };
  const file = join(root, '.build', 'bench', 'results.json');
  mkdirSync(join(root, '.build', 'bench'), { recursive: true });
  const results = rows.map((row) => ({ ...row, ratio: ratioOf(row), met: isMet(row) }));
  writeFileSync(file, JSON.stringify({ at: new Date().toISOString(), machine, rows: results }, null, 2));
  console.log(tableOf(rows));
  console.log(
    [
      `\nCommit ${machine.commit}, Node ${machine.node}, ${machine.cores} cores (${cpu}), load ${loadBefore.toFixed(1)} before`,
      `${((performance.now() - from) / 60_000).toFixed(1)} minutes; also in ${file}`,
    ].join('; '),
  );
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
