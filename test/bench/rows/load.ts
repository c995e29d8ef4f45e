import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median } from '../measure';
import type { Context, Measured } from '../row';

const GOAL = { max: 1.3 };
const ROUNDS = 11;

/** Wall time of `require` of all nodes of the built package, each time in a new process. */
export async function measureLoad({ root, scale }: Context): Promise<Measured> {
  const folder = join(root, 'dist', 'nodes');
  const nodes = readdirSync(folder).map((name) => join(folder, name, `${name}.js`));
  const times = { floor: [] as number[], ours: [] as number[] };
  for (let round = 0; round < (scale.tiny ? 1 : ROUNDS); round += 1) {
    times.floor.push(await requireMs(root, ['axios']));
    times.ours.push(await requireMs(root, nodes));
  }
  const row = {
    what: 'require of all nodes, wall',
    size: `${nodes.length} nodes`,
    unit: 'ms',
    floor: median(times.floor),
    ours: median(times.ours),
    goal: GOAL,
    note: `floor: require('axios')`,
  } as const;
  return { rows: [row], samples: [] };
}

async function requireMs(cwd: string, modules: readonly string[]): Promise<number> {
  const load = modules.map((path) => `require(${JSON.stringify(path)});`).join('');
  const script = `const from = performance.now(); ${load} console.log(performance.now() - from);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd });
  return Number(stdout);
}
