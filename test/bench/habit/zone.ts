import { offsetAt } from '../../monitor/support/wall-clock';

/** Summer time begins on March 29 and ends on October 25. */
export const ZONE = 'Europe/Berlin';
/** Thursday, the first day of a simulation, at midnight UTC. */
export const START = Date.parse('2026-01-01T00:00Z');
export const HOUR_MS = 3600_000;
export const DAY_MS = 24 * HOUR_MS;

/** The moment (epoch ms) of an hour, with fractions, of a day of the simulation in the time zone of the NAS. */
export function momentAt(day: number, hour: number): number {
  const wall = START + day * DAY_MS + hour * HOUR_MS;
  return wall - offsetAt(ZONE, wall - HOUR_MS);
}
