// `npm run test:node-red -- 5`: the suites that run a Node-RED, with another version of it than the development dependency.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { installNodeRed, NODE_RED_VERSIONS } from './node-red-versions';
import { root } from './root';

/** Suites of the nodes in Node-RED's test helper, of the editor and of the packed package in a whole Node-RED. */
const SUITES = ['test/nodes/', 'test/node-red/', 'test/e2e/', 'test/package/load'];

async function main(): Promise<void> {
  const [wanted, ...others] = process.argv.slice(2);
  const version = NODE_RED_VERSIONS.find((each) => each === wanted);
  if (version === undefined) throw new Error(`Say which Node-RED: ${NODE_RED_VERSIONS.join(' or ')}`);
  const { folder, node } = await installNodeRed(version);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(node, [vitest, 'run', ...(others.length > 0 ? others : SUITES)], {
    cwd: root,
    env: { ...process.env, NODE_RED_FOLDER: folder, RESULTS_FILE: `coverage/results-node-red-${version}.json` },
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'close')) as [number | null];
  process.exitCode = code ?? 1;
}

void main();
