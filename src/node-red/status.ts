import type { NodeStatus } from 'node-red';
import type { Task } from '../active-backup/types';
import { DsmError, type ErrorCode } from '../dsm/errors';

/** Status texts are keys of the shared catalogue, so that each editor shows them in its own language. */
export const key = (name: string): string => `node-red-contrib-synology-active-backup/nas:status.${name}`;

/** What an error is called under a node: short, and what a person can act on. */
const ERROR_TEXT: Readonly<Record<ErrorCode, string>> = {
  ECONFIG: 'not-configured',
  EPARAM: 'bad-parameter',
  EACCESS: 'access-too-low',
  EAUTH: 'login-refused',
  EOTP: 'code-needed',
  EBLOCKED: 'blocked',
  ESESSION: 'session-lost',
  EPERMISSION: 'no-permission',
  EPACKAGE: 'package-missing',
  EUNSUPPORTED: 'not-supported',
  EBUSY: 'nas-busy',
  EUNREACHABLE: 'unreachable',
  ERESPONSE: 'bad-answer',
  EABB: 'refused',
};

/** Credentials stay behind when a flow is exported, so their absence is named. */
export const MISSING: Readonly<Record<string, NodeStatus>> = {
  username: fixed({ fill: 'red', shape: 'ring', text: key('missing-username') }),
  password: fixed({ fill: 'red', shape: 'ring', text: key('missing-password') }),
};

/** Waiting for messages. */
export const IDLE = fixed({ fill: 'grey', shape: 'ring', text: key('idle') });
/** The session is being opened. */
export const CONNECTING = fixed({ fill: 'yellow', shape: 'ring', text: key('connecting') });
/** A call is under way. */
export const WORKING = fixed({ fill: 'blue', shape: 'dot', text: key('working') });

/** How far backups are: those under way, of `count` in all. Yellow while all of them wait. */
export function progressStatus(underWay: readonly Task[], count: number): NodeStatus {
  const percents = underWay.map(({ progress }) => progress?.percent ?? 0);
  const ended = count - underWay.length;
  const percent = Math.floor((percents.reduce((sum, part) => sum + part, 0) + 100 * ended) / count);
  const of = count > 1 ? ` · ${ended}/${count}` : '';
  if (underWay.every(({ state }) => state === 'queued'))
    return { fill: 'yellow', shape: 'ring', text: `${percent} %${of}` };
  return { fill: 'blue', shape: 'dot', text: `${percent} %${of}` };
}

/** Done, and when: the time of the clock says more than a word that may be hours old. */
export function doneStatus(at: Date, what = ''): NodeStatus {
  const time = at.toTimeString().slice(0, 5);
  return { fill: 'green', shape: 'dot', text: what === '' ? time : `${time} · ${what}` };
}

/** What went wrong: a red dot when the NAS cannot be reached, else a red ring. */
export function errorStatus(error: unknown): NodeStatus {
  const { code = null, property = '' } = error instanceof DsmError ? error : {};
  const missing = MISSING[property];
  if (missing !== undefined) return missing;
  const shape = code === 'EUNREACHABLE' ? 'dot' : 'ring';
  return { fill: 'red', shape, text: key(code === null ? 'failed' : ERROR_TEXT[code]) };
}

/** A status that every node shows: nobody who listens for statuses may change it. */
export function fixed(status: NodeStatus): Readonly<NodeStatus> {
  return Object.freeze(status);
}
