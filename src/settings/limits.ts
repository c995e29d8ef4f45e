import { oneOf, Problem, trimmedText, type NumberRange, type Rule } from './rules';

/** How long a run is followed, in minutes. No timer of Node.js lasts longer than the maximum. */
export const WAIT_TIMEOUT = { default: 720, max: 30_000 } as const;

/** Minutes to wait for the end of a run: above 0, at most {@link WAIT_TIMEOUT}. */
export const parseWaitTimeout: Rule<number> = (value) => {
  const text = trimmedText(value);
  const minutes = text === '' ? WAIT_TIMEOUT.default : Number(text);
  const { max } = WAIT_TIMEOUT;
  if (minutes > 0 && minutes <= max) return minutes;
  return new Problem('problem.upTo', { max }, `must be a number of minutes up to ${max}`);
};

/** When a start is sent: at once, or as soon as a device of the task is on line. */
export const START_WHEN = ['now', 'online'] as const;

/** One of {@link START_WHEN}. */
export type StartWhen = (typeof START_WHEN)[number];

/** When a start is sent; a missing value means at once. */
export const parseStartWhen: Rule<StartWhen> = oneOf(START_WHEN, 'now');

/** Free space below which a storage is low, in percent. */
export const LOW_STORAGE = { default: 10, min: 0, max: 100 } as const satisfies NumberRange;

/** The failure in a row from which on `backup_failed` is sent; 1: every failure. */
export const AFTER_FAILURES = { default: 1, min: 1, max: 100, whole: true } as const satisfies NumberRange;

/** A storage that will be full within so many days is filling. */
export const FULL_WITHIN_DAYS = { default: 30, min: 1, max: 365 } as const satisfies NumberRange;

/** Limits of an MQTT command. */
export const COMMAND_LIMITS = {
  maxBytes: 1024,
  maxIdLength: 128,
  /** How long after its `ts` a command is carried out, unless it has a `ttl`. */
  defaultTtlSeconds: 30,
  maxTtlSeconds: 3600,
  maxPerMinute: 30,
  /** The same action for the same target is rejected within this time. */
  debounceSeconds: 5,
  /** The same id is rejected within this time. */
  idMinutes: 10,
} as const;

/** Words in the `reason` of a rejected command. */
export type RejectionReason =
  | 'commands_off'
  | 'retained'
  | 'too_large'
  | 'malformed'
  | 'unknown_action'
  | 'stale'
  | 'unknown_task'
  | 'repeated'
  | 'too_many'
  | 'not_ready'
  | 'nas_offline'
  | 'access_level'
  | 'already_running'
  | 'not_running';
