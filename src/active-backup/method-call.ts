import type { Json } from '../dsm/json';
import type { ByteBudget } from '../dsm/transport';
import type { ProgressContext } from './model/progress';
import type { Share, Storage, StorageOverview, Volume } from './storage-types';
import type { AemInfo, Device, Result, Task, TaskDeviceRow } from './types';

/** Abort signal of a poll, and the values needed for the speed of runs. */
export interface PollContext {
  signal?: AbortSignal | undefined;
  /** Time of the request, and the samples of the previous poll (see `takeSamples`). The speed of runs needs both. */
  now?: Date | undefined;
  samples?: ProgressContext['samples'] | undefined;
  /** Shared byte limit of the pages of one list. */
  budget?: ByteBudget | undefined;
}

/** One method call of a node or an MQTT command. */
export interface MethodCall extends PollContext {
  /** `SYNO.ActiveBackup.Task` … */
  api: string;
  /** A method of the API, or `overview` of Share. */
  method: string;
  /** Parameters from the user; see `parseParameters`. */
  parameters?: unknown;
}

/** Result of a call: a type of the data model (docs/interface.md §4), or DSM's data for methods without one. */
export type CallPayload =
  Task[] | TaskDeviceRow[] | Share[] | Storage[] | Volume[] | Result[] | Device[] | StorageOverview | AemInfo | Json;

/** Result of a method call. */
export interface CallResult {
  /** DSM's `data` without secrets, null when DSM sent none. For `overview`, the data of its three methods by name. */
  data: Json;
  payload: CallPayload;
  /** The payload of a method that lists tasks; null for every other method. */
  tasks: Task[] | null;
}
