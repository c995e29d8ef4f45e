import { readFileSync, statSync } from 'node:fs';

/** There is nothing of that name, or no folder in which it could be. */
const MEANS_NO_FILE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/**
 * Reads a text file (UTF-8).
 * @param maxBytes of a larger file nothing is read: its text is empty
 * @returns null when there is no such file; an error of `node:fs` when nobody can say what is in it, which may pass: no
 * right to read it, too many open files, a disk that fails
 */
export function readIfThere(path: string, maxBytes = Infinity): string | null | Error {
  try {
    return statSync(path).size > maxBytes ? '' : readFileSync(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return MEANS_NO_FILE.has((error as NodeJS.ErrnoException).code ?? '') ? null : error;
  }
}
