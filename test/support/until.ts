import { vi } from 'vitest';

/** A machine that does other things too needs longer than vitest's second. */
const PATIENCE = { timeout: 25_000, interval: 10 };

/** Waits until something holds. @returns what it was that held */
export function until<T>(
  holds: () => T | Promise<T>,
  options: { timeout?: number; interval?: number } = {},
): ReturnType<typeof vi.waitUntil<T>> {
  return vi.waitUntil(holds, { ...PATIENCE, ...options });
}
