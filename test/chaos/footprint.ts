import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileIfPresent } from '../../src/storage/text-file';
import { until } from '../support/until';

/** What a process holds. */
export interface Footprint {
  /** Heap in bytes, right after garbage collections. */
  readonly heap: number;
  /** Open handles and requests: sockets, timers, child processes. */
  readonly resources: number;
  /** Listeners of the process and of Node-RED's events. */
  readonly listeners: number;
}

/** Script to be loaded first: writes a {@link Footprint} at each SIGWINCH. */
const PRELOAD = (file: string): string => `'use strict';
const { createRequire } = require('node:module');
require('node:v8').setFlagsFromString('--expose-gc');
const gc = require('node:vm').runInNewContext('gc');
const count = (emitter) => emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
const write = () => {
  gc();
  const { events } = createRequire(process.argv[1])('@node-red/util');
  const resources = process.getActiveResourcesInfo().length;
  const footprint = { heap: process.memoryUsage().heapUsed, resources, listeners: count(process) + count(events) };
  require('node:fs').appendFileSync(${JSON.stringify(file)}, JSON.stringify(footprint) + '\\n');
};
process.on('SIGWINCH', () => {
  gc();
  setTimeout(write, 200);
});
`;

/** Writes the script into a folder. @returns its path, and a function that asks a process that has loaded it */
export async function footprintScript(
  folder: string,
): Promise<{ script: string; measure: (signal: (name: NodeJS.Signals) => void) => Promise<Footprint> }> {
  const script = join(folder, 'footprint.cjs');
  const file = join(folder, 'footprints.jsonl');
  await writeFile(script, PRELOAD(file));
  const lines = (): string[] =>
    String(readFileIfPresent(file) ?? '')
      .split('\n')
      .filter(Boolean);
  return {
    script,
    measure: async (signal) => {
      const before = lines().length;
      signal('SIGWINCH');
      await until(() => lines().length > before);
      return JSON.parse(lines().at(-1) ?? '') as Footprint;
    },
  };
}
