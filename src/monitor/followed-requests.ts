import { type Check, isFlag, isNumber, isText, arrayOf, isAnyOf, orNull, shaped } from '../storage/checks';
import type { JsonContent } from '../storage/json-file';

/*
 * What a task-backup node follows, as stored on disk. A start is noted as `sending` before it is sent and as `accepted`
 * after DSM has accepted it, so that it is never sent twice.
 */

/** How far the start or cancel of a task has come. */
type Phase =
  /** It waits for a device to come on line. */
  | 'waiting'
  /** It is being sent: whether DSM has accepted it is unknown. */
  | 'sending'
  | 'accepted';

/** Identifies the run of a task. */
export interface RunMark {
  /** The highest id of a backup of this task before the run; the lowest id above it is the run's. */
  readonly knownResultId: number;
  /** The id of the run; null until the task or the log contains it. */
  readonly resultId: number | null;
  /** The furthest state observed. */
  readonly seen: 'nothing' | 'queued' | 'running';
}

/** A task of a request that has not ended. */
export interface FollowedTask {
  readonly id: number;
  readonly name: string | null;
  /** Its place in the sequence of `msg.parts`. */
  readonly index: number;
  readonly phase: Phase;
  /** Since when it is in this phase (epoch ms). */
  readonly since: number;
  /** How long it waits for its start (epoch ms). */
  readonly until: number;
  /** Identifies its run; meaningless while it waits. */
  readonly run: RunMark;
}

/** An error of a task, reported when everything else of its request has ended. Code and cause as in `msg.error`. */
export interface FollowError {
  readonly code: string;
  readonly message: string;
  /** JSON; null: none. */
  readonly cause: string | null;
}

/** One message whose backups are started or followed. */
export interface FollowedRequest {
  /** Also the id of the sequence in `msg.parts`. */
  readonly id: string;
  /** The NAS: id of its node, id as in messages, URL. */
  readonly nas: { readonly node: string; readonly id: string; readonly address: string };
  readonly method: 'backup' | 'cancel';
  /** The parameters but `task_ids`, as JSON. */
  readonly parameters: string;
  /** Whether the runs are followed to their end. */
  readonly wait: boolean;
  /** The limit of waiting and of following, each. */
  readonly waitMs: number;
  /** Number of tasks of the request, ended ones included. */
  readonly count: number;
  /** The tasks that have not ended. */
  readonly tasks: readonly FollowedTask[];
  readonly errors: readonly FollowError[];
  /** `msg.response` as JSON. */
  readonly response: string;
  /** The message as JSON. */
  readonly message: string;
}

const VERSION = 1;

const isJson: Check = (value) => {
  if (typeof value !== 'string') return false;
  JSON.parse(value);
  return true;
};

const isTask = shaped({
  id: isNumber,
  name: orNull(isText),
  index: isNumber,
  phase: isAnyOf('waiting', 'sending', 'accepted'),
  since: isNumber,
  until: isNumber,
  run: shaped({ knownResultId: isNumber, resultId: orNull(isNumber), seen: isAnyOf('nothing', 'queued', 'running') }),
});
const isRequest = shaped({
  id: isText,
  nas: shaped({ node: isText, id: isText, address: isText }),
  method: isAnyOf('backup', 'cancel'),
  parameters: isJson,
  wait: isFlag,
  waitMs: isNumber,
  count: isNumber,
  tasks: arrayOf(isTask),
  errors: arrayOf(shaped({ code: isText, message: isText, cause: orNull(isJson) })),
  response: isJson,
  message: isJson,
});
const isFile = (value: unknown): value is { readonly requests: readonly FollowedRequest[] } =>
  shaped({ version: isAnyOf(VERSION), requests: arrayOf(isRequest) })(value);

/** The content of a file of followed requests. */
export interface FollowedRequestsFile {
  readonly version: typeof VERSION;
  readonly requests: readonly FollowedRequest[];
}

/** The content with these requests. */
export function followedRequestsFile(requests: readonly FollowedRequest[]): FollowedRequestsFile {
  return { version: VERSION, requests };
}

/** @returns null when the text is not JSON or any part of it is invalid */
function parseFollowedRequests(text: string): FollowedRequestsFile | null {
  try {
    const read: unknown = JSON.parse(text);
    return isFile(read) ? followedRequestsFile(read.requests) : null;
  } catch {
    return null;
  }
}

/** The file in which a task-backup node keeps what it follows. */
export const FOLLOWED_REQUESTS_FILE = {
  parse: parseFollowedRequests,
  content: 'Followed backups',
  consequence: 'these backups go on, but are no longer followed, and starts that waited for a device are not sent',
  whileUnread: 'until it can be, the backups in it are not followed',
} as const satisfies JsonContent<FollowedRequestsFile>;
