import { readFile, truncate } from 'node:fs/promises';

/** The lines of a file to which a process appends. The last one does not count while it has no end. */
export async function wholeLines(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).split('\n').slice(0, -1);
}

/** Removes the beginning of a line at the end of a file: a process that was killed while it appended it has not written it. */
export async function removeCutOffLine(file: string): Promise<void> {
  const bytes = await readFile(file);
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) await truncate(file, end);
}
