import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** There is no file of that name, or no folder that could contain it. */
const NO_FILE_CODES: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/**
 * Reads a text file (UTF-8).
 * @param maxBytes a larger file counts as empty and is not read
 * @returns null when there is no such file; an error of `node:fs` when the content cannot be read, which may pass: missing
 * rights, too many open files, a failing disk
 */
export function readFileIfPresent(path: string, maxBytes = Infinity): string | null | Error {
  try {
    return statSync(path).size > maxBytes ? '' : readFileSync(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = 'code' in error ? error.code : null;
    return typeof code === 'string' && NO_FILE_CODES.has(code) ? null : error;
  }
}

/**
 * Replaces a whole file: the text is written to a temporary file beside it, synced and read back before that is renamed. A
 * killed process, a full disk or a read-only folder leaves the old content or the new one, never a part of it. Only the
 * owner may read the file. Creates the folder.
 * @returns its size in bytes
 * @throws an error of `node:fs`, or one that another text was read back; the old file is unchanged then
 */
export function replaceFile(path: string, text: string): number {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.new`;
  const content = Buffer.from(text);
  try {
    writeSynced(temporary, content);
    if (!readFileSync(temporary).equals(content)) throw new Error('The file read back differs from the text written');
    renameSync(temporary, path);
    return content.length;
  } catch (error) {
    removeIfPossible(temporary); // it would occupy space on a full disk
    throw error;
  }
}

function writeSynced(path: string, content: Buffer): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeFileSync(file, content); // continues after a short write, unlike writeSync
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The error of the write is the one to report.
  }
}
