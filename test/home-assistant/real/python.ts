import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Stop } from './stop';

/** A Python that can run a Home Assistant. */
export interface Python {
  readonly path: string;
  /** `3.14.2` */
  readonly version: string;
  /** The release of Home Assistant for it; null: the newest one. */
  readonly release: string | null;
}

/** The newest Home Assistant for each Python (docs/facts/home-assistant.md §6.2), the best first. */
const RELEASES = [
  { from: [3, 14, 2], below: [4, 0, 0], release: null },
  { from: [3, 13, 2], below: [3, 14, 0], release: '2026.2.3' },
  { from: [3, 12, 0], below: [3, 13, 0], release: '2025.1.4' },
] as const;

const NAMES = ['python3.14', 'python3.13', 'python3.12', 'python3'];

const WANTED = 'Python 3.14.2 or later (or 3.13.2, or 3.12)';

/** Prints its version, if it can create virtual environments. */
const PROBE = 'import ensurepip, sys, venv; print(*sys.version_info[:3], sep=".")';

/** The Python that the environment variable PYTHON names, else the best one in the PATH. @throws Stop when there is none */
export async function findPython(): Promise<Python> {
  const named = process.env['PYTHON'];
  const found: string[] = [];
  for (const path of named ? [named] : NAMES) {
    const version = await versionOf(path);
    if (version === null) continue;
    const row = RELEASES.find(({ from, below }) => compare(version, from) >= 0 && compare(version, below) < 0);
    if (row !== undefined) return { path, version, release: process.env['HOME_ASSISTANT'] || row.release };
    found.push(`${path} is ${version}`);
  }
  if (named) {
    throw new Stop(
      `PYTHON is ${named}, which ${found.length > 0 ? `is too old` : 'does not start, or lacks the module venv'}: ` +
        `set it to the path of a ${WANTED}.`,
    );
  }
  throw new Stop(
    `Home Assistant needs ${WANTED} with its module venv, and there is none in the PATH` +
      `${found.length > 0 ? ` (${found.join(', ')})` : ''}: install one, or set PYTHON to its path.`,
  );
}

async function versionOf(path: string): Promise<string | null> {
  try {
    return (await promisify(execFile)(path, ['-c', PROBE])).stdout.trim();
  } catch {
    return null;
  }
}

function compare(version: string, to: readonly number[]): number {
  const parts = version.split('.').map(Number);
  return to.map((part, index) => (parts[index] ?? 0) - part).find((difference) => difference !== 0) ?? 0;
}
