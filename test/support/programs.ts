import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs from outside npm, where they may be and how to install them. */
export const PROGRAMS = {
  chromium: {
    // The shell is Chromium without windows: it takes a sixth less CPU.
    paths: [
      process.env.CHROMIUM,
      '/usr/bin/chromium-headless-shell',
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/bin/google-chrome',
    ],
    names: [],
    hint: 'install Chromium, or set CHROMIUM to its path',
  },
  mosquitto: { paths: ['/usr/sbin/mosquitto'], names: ['mosquitto'], hint: 'install mosquitto' },
} as const;
export type Program = keyof typeof PROGRAMS;

/** Path of a program; null when it is not installed. */
export function programPath(program: Program): string | null {
  const { paths, names } = PROGRAMS[program];
  const inPath = names.flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)));
  return [...paths, ...inPath].find((path) => path !== undefined && path !== '' && existsSync(path)) ?? null;
}
