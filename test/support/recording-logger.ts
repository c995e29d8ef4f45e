import type { Logger } from '../../src/dsm/request-log';

/** A logger that stores its lines. */
export function recordingLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const add = (message: string): void => void lines.push(message);
  return { debug: add, warn: add, lines };
}
