import { execFileSync } from 'node:child_process';

/**
 * Mounts a file system of its own on a folder, on which one can run out of space.
 * @param options of `tmpfs`
 * @returns a function that unmounts it; null where this user may not mount one
 */
export function smallDisk(path: string, options: string): (() => void) | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'ignore' });
    return () => execFileSync('umount', [path]);
  } catch {
    return null;
  }
}
