// `npm run bench`: what this package costs in CPU, time and memory, beside the least that the same work costs without it, in the
// same run. Prints a table and writes it as JSON. `npm run bench -- --help` names the options.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
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
  --rounds <number>  rounds of which the median counts (7)
  --profile <folder> also writes CPU profiles of polls, and prints their functions`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      sizes: { type: 'string' },
      rounds: { type: 'string', default: '7' },
      profile: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const from = performance.now();
  const rows = await runBench({
    scale: { rounds: Number(values.rounds), tiny: false },
    sections: values.only?.split(',') ?? Object.keys(SECTIONS),
    sizes: values.sizes?.split(',').map(Number) ?? null,
    profile: values.profile ?? null,
    progress: (line) => {
      console.error(`${((performance.now() - from) / 1000).toFixed(0).padStart(4)} s  ${line}`);
    },
  });
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? '', cores: availableParallelism() };
  const file = join(root, '.build', 'bench', 'results.json');
  mkdirSync(join(root, '.build', 'bench'), { recursive: true });
  const results = rows.map((row) => ({ ...row, ratio: ratioOf(row), met: isMet(row) }));
  writeFileSync(file, JSON.stringify({ at: new Date().toISOString(), machine, rows: results }, null, 2));
  console.log(tableOf(rows));
  console.log(`\nNode ${machine.node}, ${machine.cores} cores (${machine.cpu}); also in ${file}`);
}

void main();
