/**
 * A NAS that is not there: a real HTTP(S) server on 127.0.0.1 that answers as DSM 7 with Active Backup for Business does.
 * `startNas()` is all that a test, the demo or a bench needs; `npm run nas` runs it alone.
 *
 * Its clock runs `speed` times as fast as the real one, from the real time on. A test that is about runs or schedules
 * gives `speed: 0` and moves the clock itself; one that is not gives `schedules: false`, lest a task start in it.
 */
export type { Account } from './accounts';
export type { Fault } from './faults';
export { startNas } from './nas';
export type { Nas } from './nas';
export type { NasOptions } from './options';
export type { ReceivedRequest } from './requests';
export { schedule } from './schedule';
export type { Schedule } from './schedule';
export { PLANTED_SECRETS } from './secrets';
export type { NasState } from './state';
export type { Device, Outcome, Result, Run, RunPlan, Task } from './world';
