#!/usr/bin/env node
import type { Interruption } from './context';
import { runCommand } from './run';

/** The process ends this long after a signal, whatever it waits for. */
const END_MS = 950;

/** Runs the command of this process. The second signal ends it at once. */
async function main(): Promise<void> {
  const interrupting = new AbortController();
  const interrupt = (interruption: Interruption): void => interrupting.abort(interruption);
  for (const [name, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    process.once(name, () => {
      interrupt({ code: 128 + number, isPipe: false });
      setTimeout(() => process.exit(process.exitCode ?? 128 + number), END_MS).unref();
    });
  }
  // The reader of a pipe may end first, as in `active-backup list | head -1`.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => interrupt({ code: 0, isPipe: true }));
  }
  const { env, stdout, stderr } = process;
  process.exitCode = await runCommand(process.argv.slice(2), {
    env,
    signal: interrupting.signal,
    print: (text) => void stdout.write(text),
    warn: (line) => void stderr.write(`active-backup: ${line}\n`),
  });
}

void main();
