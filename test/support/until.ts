import { vi } from 'vitest';

/** Vitest's default of a second is too short for a busy machine. */
const PATIENCE = { timeout: 50_000, interval: 10 };

/** Waits until a condition returns a truthy value, and returns that value. */
export function until<T>(
  holds: () => T | Promise<T>,
  options: { timeout?: number; interval?: number } = {},
): ReturnType<typeof vi.waitUntil<T>> {
  return vi.waitUntil(holds, { ...PATIENCE, ...options });
}
