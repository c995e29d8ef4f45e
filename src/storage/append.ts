import { closeSync, constants, fstatSync, fsync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** What is appended to which file. */
export interface Append {
  readonly path: string;
  /** The file is not created: one that was removed has to be written as a whole. */
  readonly text: string;
  /** Size in bytes that the file must have, so that nothing is appended to what somebody else has written. */
  readonly size: number;
  /** Called when the text may not survive a power cut, because it could not be synced; never after an error was thrown. */
  readonly onUnsynced: (error: Error) => void;
}

/**
 * Appends a text to a file. A killed process does not lose it once this has returned, a power cut does not lose it a few
 * milliseconds later: it is synced to the disk without holding the event loop.
 * @returns the new size in bytes
 * @throws an error of `node:fs`, or one that the file has another size; the file is unchanged then
 */
export function appendText({ path, text, size, onUnsynced }: Append): number {
  const file = openSync(path, constants.O_WRONLY | constants.O_APPEND);
  const bytes = Buffer.from(text);
  try {
    if (fstatSync(file).size !== size) throw new Error(`${path} has been changed by another program`);
    write(file, bytes, size);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  fsync(file, (error) => {
    closeSync(file);
    if (error !== null) onUnsynced(error);
  });
  return size + bytes.length;
}

function write(file: number, bytes: Buffer, size: number): void {
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
  } catch (error) {
    ftruncateSync(file, size);
    throw error;
  }
}
