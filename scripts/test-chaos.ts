// `npm run test:chaos`: backups while everything fails at random, 2,000 of each seed; other seeds: `npm run test:chaos -- 4 5`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from './root';

const SEEDS = ['1', '2', '3'];
const BACKUPS = '2000';

/** @returns whether the run with this seed has passed */
async function run(seed: string): Promise<boolean> {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const env = { CHAOS_BACKUPS: BACKUPS, ...process.env, CHAOS_SEED: seed };
  const child = spawn(process.execPath, [vitest, 'run', 'test/chaos/'], { cwd: root, env, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0;
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const failed: string[] = [];
  for (const seed of wanted.length > 0 ? wanted : SEEDS) if (!(await run(seed))) failed.push(seed);
  if (failed.length === 0) return;
  console.error(
    `The runs with these seeds failed: ${failed.join(', ')}; each is repeated by \`npm run test:chaos -- <seed>\``,
  );
  process.exitCode = 1;
}

void main();
