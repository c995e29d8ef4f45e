import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A child process whose output can be waited for. */
export interface Program {
  /** Everything it has printed to either stream. */
  readonly output: string;
  /** Resolves with the match as soon as the output has one. @throws Error when the program ends first */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal that does not end it. */
  signal(name: NodeJS.Signals): void;
  /** Sends a signal and waits for the end. @returns exit code (null: killed by the signal) and the time it took */
  end(signal?: NodeJS.Signals): Promise<{ code: number | null; tookMs: number }>;
  /** Resolves with the exit code when the program ends by itself. */
  readonly ended: Promise<number | null>;
}

/**
 * Starts Node with the given arguments, without colours.
 * @param options node: path of another program than the Node of this process
 */
export function startProgram(
  args: string[],
  options: { cwd: string; env?: Record<string, string>; node?: string },
): Program {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', NODE_ENV: '', ...options.env };
  const child = spawn(options.node ?? process.execPath, args, {
    cwd: options.cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  let output = '';
  const listeners = new Set<() => void>();
  const append = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', append);
  child.stderr.on('data', append);

  return {
    get output() {
      return output;
    },
    ended,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const match = pattern.exec(output);
          if (match === null) return;
          listeners.delete(check);
          resolve(match);
        };
        listeners.add(check);
        check();
        void ended.then((code) =>
          reject(new Error(`The program ended (${code}) before it printed ${pattern}:\n${output}`)),
        );
      }),
    signal: (name) => void child.kill(name),
    async end(signal = 'SIGTERM') {
      const from = performance.now();
      child.kill(signal);
      return { code: await ended, tookMs: performance.now() - from };
    },
  };
}
