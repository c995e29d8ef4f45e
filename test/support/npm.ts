import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Runs npm and returns its output; the npm that runs the tests if there is one, since `npm` need not be in the path.
 * @throws Error with npm's own message
 */
export async function npm(cwd: string, ...args: string[]): Promise<string> {
  const script = process.env.npm_execpath;
  const [command, first] = script ? [process.execPath, [script]] : ['npm', []];
  const options = { cwd, shell: !script && process.platform === 'win32', maxBuffer: 32 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(command, [...first, ...args], options);
  return stdout;
}
