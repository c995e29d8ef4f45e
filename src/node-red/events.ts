import type { Node, NodeAPI } from 'node-red';
import { matchesGlob } from '../active-backup/glob';
import { DsmError, ERRORS } from '../dsm/errors';
import { quoted } from '../dsm/quote';
import { EVENTS, type EventName, type NasEvent } from '../monitor/events';
import type { PollResult } from '../monitor/poller';
import { eventNamed, wordsIn } from '../settings/event-settings';
import { LOW_STORAGE } from '../settings/limits';
import { numberIn, Problem } from '../settings/rules';
import { deepCopy } from './deep-copy';
import { isDeleted } from './deletion';
import { eventLine } from '../monitor/event-line';
import { loggerOf } from './diagnostics';
import { eventText } from './event-text';
import type { NasConnection } from './nas-connection';
import { nasNameFor } from './nas-names';
import { getNas } from './nas-registry';
import { toNodeError } from './node-error';
import { messageNas } from './outgoing-message';
import { CONNECTING, doneStatus, errorStatus, IDLE, progressStatus } from './status';
import type { Message, NasNodeDef } from './types';

/** Properties of the events node (`docs/interface.md §4.1`). Imported flows and `${VAR}` may set other types. */
export interface EventsDef extends NasNodeDef {
  events?: unknown;
  tasks?: unknown;
  storageLowPercent?: unknown;
}

/** Sends a message for each event that passes the node's filters, until the node closes. */
export function sendEvents(RED: NodeAPI, node: Node, def: EventsDef): void {
  try {
    const nas = getNas(RED, def.nas);
    const { monitor, poller } = nas;
    const passes = eventFilter(def);
    const status = createStatusLine(node);
    const logger = loggerOf(node);
    const unsubscribe = [
      monitor.onEvent({
        id: node.id,
        storageLowPercent: lowPercentOf(def),
        onEvent: (event) => {
          if (!passes(event)) return;
          status.showEvent(event);
          logger.debug(eventLine(event));
          node.send(eventMessage(RED, event, nas, nasNameFor(node) !== null));
        },
      }),
      poller.subscribe(status.showPoll),
    ];
    node.on('close', (removed: boolean, done: () => void) => {
      for (const stop of unsubscribe) stop();
      if (isDeleted(RED, node.id, removed)) monitor.forget(node.id);
      done();
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

/** @throws DsmError ECONFIG for an event that does not exist */
function eventFilter(def: EventsDef): (event: NasEvent) => boolean {
  const events = new Set(wordsIn(def.events).map(parseEventName));
  const globs = wordsIn(def.tasks);
  return ({ event, task, result }) => {
    const passesEvents = events.size === 0 ? event !== 'backup_progress' : events.has(event);
    const name = task?.name ?? result?.taskName ?? null;
    return passesEvents && (globs.length === 0 || name === null || globs.some((glob) => matchesGlob(glob, name)));
  };
}

function parseEventName(text: string): EventName {
  const event = eventNamed(text);
  if (event !== null) return event;
  throw new DsmError('ECONFIG', `There is no event ${quoted(text)}; there are ${EVENTS.join(', ')}`);
}

/** @throws DsmError ECONFIG */
function lowPercentOf({ storageLowPercent: value }: EventsDef): number {
  const percent = numberIn(LOW_STORAGE)(value);
  if (!(percent instanceof Problem)) return percent;
  throw new DsmError('ECONFIG', `The property "storageLowPercent" ${percent.reason}`);
}

/** The status of the node: the error of the last poll, else the progress of a backup, else the time of the last event. */
function createStatusLine(node: Node): {
  showEvent: (event: NasEvent) => void;
  showPoll: (poll: PollResult) => void;
} {
  let statusWithoutError = IDLE;
  /** Of the last poll; undefined before the first one. */
  let error: DsmError | null | undefined;
  return {
    showEvent({ event, task }) {
      if (event === 'nas_offline') return; // the status shows the error of the poll already
      if (event === 'backup_progress' && task !== undefined) statusWithoutError = progressStatus([task], 1);
      else statusWithoutError = doneStatus(new Date(), [nasNameFor(node), task?.name].filter(Boolean).join(' · '));
      if (error === null) node.status(statusWithoutError);
    },
    showPoll(poll) {
      const previous = error;
      error = 'error' in poll ? poll.error : null;
      if (error === null) {
        if (previous !== null) node.status(statusWithoutError);
      } else if (error.code !== previous?.code) {
        node.status(errorStatus(error));
        // An offline NAS is an event; errors that only a user can fix go to Catch nodes, too.
        if (ERRORS[error.code].retry === 'never') node.error(toNodeError(error, nasNameFor(node)), {});
      }
    },
  };
}
