import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A clock that the simulated NAS and a Node-RED in another process share, on which days pass in seconds. */
export interface FastClock {
  /** Epoch milliseconds at which it and the real clock show the same. */
  readonly startMs: number;
  /** How many of its seconds pass in a real one. */
  readonly speed: number;
}

/** Gives the process that it is loaded into first the fast clock as its `Date`; timers stay real. */
const PRELOAD = ({ startMs, speed }: FastClock): string => `'use strict';
const Real = Date;
const now = () => ${startMs} + (Real.now() - ${startMs}) * ${speed};
globalThis.Date = new Proxy(Real, {
  construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self),
  apply: () => new Real(now()).toString(),
  get: (target, property) => (property === 'now' ? now : Reflect.get(target, property)),
});
`;

/** Writes the script that makes a process live by the clock. @returns what to add to its environment */
export async function fastClockEnv(folder: string, clock: FastClock): Promise<Record<string, string>> {
  const script = join(folder, 'fast-clock.cjs');
  await writeFile(script, PRELOAD(clock));
  return { NODE_OPTIONS: `--require=${script}` };
}
