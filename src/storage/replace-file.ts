import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file as a whole: written to a temporary file beside it, synced, read back, and only then renamed over it. A
 * process that dies, a full disk or a read-only folder therefore leaves the old content or the new one, never a part of it.
 * Readable by the owner alone. Creates the folder.
 * @throws an error of `node:fs`, or one that says that something else was read back; the old file is untouched then
 */
export function replaceFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.new`;
  const content = Buffer.from(text);
  try {
    writeSynced(temporary, content);
    if (!readFileSync(temporary).equals(content)) throw new Error('What was read back is not what was written');
    renameSync(temporary, path);
  } catch (error) {
    removeIfPossible(temporary); // on a full disk it takes the room that others need
    throw error;
  }
}

function writeSynced(path: string, content: Buffer): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeFileSync(file, content); // goes on after a short write, as writeSync does not
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The error that led here is the one to report.
  }
}
