import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A clock for the simulated NAS and a Node-RED in another process, on which days pass in seconds. */
export interface FastClock {
  /** Epoch milliseconds at which it shows the same time as the real clock. */
  readonly startMs: number;
  /** Its seconds per real second. */
  readonly speed: number;
}

/** Script to be loaded first: replaces `Date` of the process by the fast clock; timers stay real. */
const PRELOAD = ({ startMs, speed }: FastClock): string => `'use strict';
const Real = Date;
const now = () => ${startMs} + (Real.now() - ${startMs}) * ${speed};
globalThis.Date = new Proxy(Real, {
  construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self),
  apply: () => new Real(now()).toString(),
  get: (target, property) => (property === 'now' ? now : Reflect.get(target, property)),
});
`;

/** Writes the script into a folder. @returns environment variables with which a Node process uses the clock */
export async function fastClockEnv(folder: string, clock: FastClock): Promise<Record<string, string>> {
  const script = join(folder, 'fast-clock.cjs');
  await writeFile(script, PRELOAD(clock));
  return { NODE_OPTIONS: `--require=${script}` };
}
