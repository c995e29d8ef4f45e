import { describe, test } from 'vitest';
import { programPath, PROGRAMS, type Program } from './programs';

/**
 * A suite that needs a program. Where the program is missing, the suite is skipped with the reason in its name;
 * in CI, where nothing may be skipped, it fails.
 */
export function describeWith(program: Program, name: string, suite: (path: string) => void): void {
  const path = programPath(program);
  const missing = `there is no ${program}: ${PROGRAMS[program].hint}`;
  if (path !== null) {
    describe(name, () => suite(path));
  } else if (process.env.CI) {
    test(name, () => {
      throw new Error(missing);
    });
  } else {
    describe.skip(`${name} (skipped: ${missing})`, () => suite(''));
  }
}
