/**
 * A simulated NAS: an HTTP(S) server on 127.0.0.1 that answers as DSM 7 with Active Backup for Business does. Start it with
 * `startNas()`, or alone with `npm run nas`.
 *
 * Its clock starts at the real time and runs `speed` times as fast. A test about runs or schedules passes `speed: 0` and advances
 * the clock itself; other tests pass `schedules: false`, so that no task starts by schedule.
 */
export type { Account } from './accounts';
export type { Fault } from './faults';
export { manyRows, missingFields, shuffled, timesUntil, unknownIds, wrongTypes } from './odd-answers';
export { startNas } from './nas';
export type { Nas } from './nas';
export type { NasOptions } from './options';
export type { ReceivedRequest } from './requests';
export { schedule } from './schedule';
export { PLANTED_SECRETS } from './secrets';
export type { Outcome } from './world';
