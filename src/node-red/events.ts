import type { Node, NodeAPI, NodeStatus } from 'node-red';
import { type EventName, type NasEvent, eventLine } from '../monitor/events';
import { withNasName, nasNameFor, getNas } from './nas-registry';
import { DsmError, ERRORS } from '../dsm/errors';
import type { PollResult } from '../monitor/poller';
import { wordsIn } from '../settings/event-settings';
import { AFTER_FAILURES, FULL_WITHIN_DAYS, LOW_STORAGE } from '../settings/limits';
import { numberIn, Problem, type NumberRange } from '../settings/rules';
import { habitText, unusualText } from './habit-text';
import { deepCopy, messageNas } from './input';
import { isDeleted } from './config-nodes';
import { loggerOf } from './logger';
import { createEventFilter } from '../client/event-filter';
import type { NasConnection } from '../client/nas-connection';
import { Receivers } from './receivers';
import { toNodeError } from './node-error';
import { CONNECTING, doneStatus, errorStatus, progressStatus, taskCount, watchingStatus } from './status';
import type { Message, NasNodeDef } from './types';

/** Events whose text always contains the name of the NAS. */
const NAMES_THE_NAS: ReadonlySet<EventName> = new Set([
  'task_added',
  'task_removed',
  'storage_low',
  'storage_ok',
  'storage_filling',
  'nas_online',
  'nas_offline',
]);

const CATALOGUE = 'node-red-contrib-synology-active-backup/events:text';

/**
 * The text of an event for a notification, in the language of the runtime: `PC-Finance: backup failed after 12 min: no
 * permission on the source`.
 * @param nas name of the NAS
 * @param severalNas whether each text has to contain that name: `Office NAS: PC-Finance: backup is overdue`
 */
export function eventText(RED: NodeAPI, event: NasEvent, nas: string, severalNas = false): string {
  const { task, result, device, storage, outageSeconds, error } = event;
  const sentence = RED._(`${CATALOGUE}.${event.event}`, {
    nas,
    task: task?.name ?? result?.taskName ?? '',
    device: device?.name ?? '',
    storage: storage?.shareName ?? '',
    free: freePercent(storage),
    full: storage?.fullAt?.slice(0, 10) ?? '?',
    percent: String(Math.floor(task?.progress?.percent ?? 0)),
    ...protectionTexts(RED, event),
    duration: durationText(RED, result?.durationSeconds ?? outageSeconds ?? null),
  });
  const named = `${sentence}${failedDevices(result)}`;
  const text = withNasName(named, severalNas && !NAMES_THE_NAS.has(event.event) ? nas : null);
  const reason = result?.reason ?? error?.message ?? '';
  return reason === '' ? text : `${text}: ${reason}`;
}

/** So many names of devices are in a text. */
const MAX_NAMES = 5;

/** The devices of a run of several that failed: ` (PC-1, PC-2)`; `''` when there are none, or the outcomes are unknown. */
function failedDevices(result: NasEvent['result']): string {
  const devices = result?.devices ?? [];
  const failed = devices.filter(({ status }) => status === 'failed').flatMap(({ name }) => name ?? []);
  if (devices.length < 2 || failed.length === 0) return '';
  return ` (${[...failed.slice(0, MAX_NAMES), ...(failed.length > MAX_NAMES ? ['…'] : [])].join(', ')})`;
}

/** Why a machine is late, and how its backup is unusual; an event that is delivered later no longer contains that. */
function protectionTexts(RED: NodeAPI, { at, protection }: NasEvent): Record<'overdue' | 'unusual', string> {
  const { habit = null, unusual = null } = protection ?? {};
  const isKnown = protection !== undefined && habit !== null;
  return {
    overdue: isKnown ? habitText(RED, protection, new Date(at)) : RED._(`${CATALOGUE}.habit.late.unknown`),
    unusual: unusual === null ? RED._(`${CATALOGUE}.unusual.unknown`) : unusualText(RED, unusual),
  };
}

/** A duration in at most two units: `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`; `?` for null. */
function durationText(RED: NodeAPI, seconds: number | null): string {
  if (seconds === null) return '?';
  const unit = (name: string, value: number): string => `${value} ${RED._(`${CATALOGUE}.unit.${name}`)}`;
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) return unit('second', Math.round(seconds));
  if (hours < 1) return unit('minute', minutes);
  if (hours < 24) return [unit('hour', hours), ...(minutes % 60 > 0 ? [unit('minute', minutes % 60)] : [])].join(' ');
  return [unit('day', Math.floor(hours / 24)), ...(hours % 24 > 0 ? [unit('hour', hours % 24)] : [])].join(' ');
}

/** One decimal; `?` when the volume of the storage is unknown. */
function freePercent(storage: NasEvent['storage']): string {
  const { totalBytes = null, freeBytes = null } = storage?.volume ?? {};
  return totalBytes === null || freeBytes === null ? '?' : ((100 * freeBytes) / totalBytes).toFixed(1);
}

/** Properties of the events node (`docs/interface.md §4.1`). Imported flows and `${VAR}` may set other types. */
export interface EventsDef extends NasNodeDef {
  events?: unknown;
  tasks?: unknown;
  storageLowPercent?: unknown;
  afterFailures?: unknown;
  fullWithinDays?: unknown;
}

/** Sends a message for each event that passes the node's filters, until the node closes. */
export function sendEvents(RED: NodeAPI, node: Node, def: EventsDef): void {
  try {
    const nas = getNas(RED, def.nas);
    const { monitor, poller } = nas;
    const passes = filterOf(def);
    const status = createStatusLine(RED, node);
    const logger = loggerOf(node);
    const receivers = new Receivers(RED, node);
    const unsubscribe = [
      monitor.onEvent({
        id: node.id,
        storageLowPercent: numberOf(def, 'storageLowPercent', LOW_STORAGE),
        fullWithinDays: numberOf(def, 'fullWithinDays', FULL_WITHIN_DAYS),
        onEvent: (event) => {
          if (!passes(event)) return;
          status.showEvent(event);
          logger.debug(eventLine(event));
          receivers.note();
          node.send(eventMessage(RED, event, nas, nasNameFor(node) !== null));
        },
        haveReceived: () => receivers.haveReceived(),
      }),
      poller.subscribe(status.showPoll),
    ];
    node.on('close', (removed: boolean, done: () => void) => {
      const isGone = isDeleted(RED, node.id, removed);
      // The monitor keeps the last events if they were not received.
      receivers.whenKnown(() => {
        for (const stop of unsubscribe) stop();
        if (isGone) monitor.forget(node.id);
        done();
      });
    });
    node.status(CONNECTING);
  } catch (error) {
    node.status(errorStatus(error));
    // The Catch nodes of a flow are registered only after all of its nodes are created.
    setImmediate(() => {
      node.error(toNodeError(error, nasNameFor(node)), {});
    });
  }
}

/** The message of an event. A copy: the monitor keeps the event, and flows may change their messages. */
function eventMessage(RED: NodeAPI, event: NasEvent, connection: NasConnection, severalNas: boolean): Message {
  const nas = messageNas(connection, { api: null, method: null });
  const { id, name } = nas;
  const payload = { ...event, nas: { id, name }, text: eventText(RED, event, name, severalNas) };
  return { topic: event.event, ...deepCopy({ payload, nas }) };
}

/** @throws DsmError ECONFIG for an event that does not exist, or a number that is wrong */
function filterOf(def: EventsDef): (event: NasEvent) => boolean {
  const afterFailures = numberOf(def, 'afterFailures', AFTER_FAILURES);
  return createEventFilter({ events: wordsIn(def.events), tasks: wordsIn(def.tasks), afterFailures });
}

/** @throws DsmError ECONFIG naming the property */
function numberOf(def: EventsDef, property: keyof EventsDef, range: NumberRange): number {
  const number = numberIn(range)(def[property]);
  if (!(number instanceof Problem)) return number;
  throw new DsmError('ECONFIG', `The property "${property}" ${number.reason}`);
}

/** The status of the node: the error of the last poll, else the progress of a backup or the last event, else the number of tasks. */
function createStatusLine(
  RED: NodeAPI,
  node: Node,
): {
  showEvent: (event: NasEvent) => void;
  showPoll: (poll: PollResult) => void;
} {
  /** Null before the first event. */
  let eventStatus: NodeStatus | null = null;
  /** Of the last successful poll. */
  let tasks: number | null = null;
  /** Of the last poll; undefined before the first one. */
  let error: DsmError | null | undefined;
  return {
    showEvent({ event, task }) {
      if (event === 'nas_offline') return; // the status shows the error of the poll already
      if (event === 'backup_progress' && task !== undefined) eventStatus = progressStatus([task], 1);
      else eventStatus = doneStatus(new Date(), [nasNameFor(node), task?.name].filter(Boolean).join(' · '));
      if (error === null) node.status(eventStatus);
    },
    showPoll(poll) {
      const previous = error;
      if (!('error' in poll)) {
        error = null;
        const isOther = previous !== null || (eventStatus === null && poll.tasks.length !== tasks);
        tasks = poll.tasks.length;
        if (isOther) node.status(eventStatus ?? watchingStatus(RED, taskCount(RED, tasks)));
        return;
      }
      ({ error } = poll);
      if (error.code === previous?.code) return;
      node.status(errorStatus(error));
      // An offline NAS is an event; errors that only a user can fix go to Catch nodes, too.
      if (ERRORS[error.code].retry === 'never') node.error(toNodeError(error, nasNameFor(node)), {});
    },
  };
}
