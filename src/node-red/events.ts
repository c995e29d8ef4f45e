import type { Node, NodeAPI } from 'node-red';
import { matchesGlob } from '../active-backup/glob';
import { DsmError, ERRORS } from '../dsm/errors';
import { quoted } from '../dsm/quote';
import { EVENTS, type EventName, type NasEvent } from '../monitor/events';
import type { PollResult } from '../monitor/poller';
import { eventNamed, wordsIn } from '../settings/event-settings';
import { LOW_STORAGE } from '../settings/limits';
import { numberIn, Problem } from '../settings/rules';
import { isDeleted } from './deletion';
import { eventLine, loggerOf } from './diagnostics';
import { eventText } from './event-text';
import { nasNameFor } from './nas-names';
import { nasOfMessage } from './outgoing';
import { ownCopy } from './own-copy';
import { ownError } from './own-error';
import { getNas, type NasConnection } from './nas-registry';
import { CONNECTING, doneStatus, errorStatus, IDLE, progressStatus } from './status';
import type { Message, NasNodeDef } from './types';

/** Properties of the node that tells what happens (INTERFACE 4). Imports and `${VAR}` may bring other types. */
export interface EventsDef extends NasNodeDef {
  events?: unknown;
  tasks?: unknown;
  storageLowPercent?: unknown;
}

/** Sends a message for every event that the node's properties let through, from now until the node closes. */
export function sendEvents(RED: NodeAPI, node: Node, def: EventsDef): void {
  try {
    const nas = getNas(RED, def.nas);
    const { monitor: feed, poller: watch } = nas;
    const wanted = filterOf(def);
    const line = statusLine(node);
    const logger = loggerOf(node);
    const undo = [
      feed.onEvent({
        id: node.id,
        storageLowPercent: lowPercentOf(def),
        onEvent: (event) => {
          if (!wanted(event)) return;
          line.showEvent(event);
          logger.debug(eventLine(event));
          node.send(messageOf(RED, event, nas, nasNameFor(node) !== null));
        },
      }),
      watch.subscribe(line.showLook),
    ];
    node.on('close', (removed: boolean, done: () => void) => {
      for (const stop of undo) stop();
      if (isDeleted(RED, node.id, removed)) feed.forget(node.id);
      done();
    });
    node.status(CONNECTING);
  } catch (error) {
    node.status(errorStatus(error));
    // The Catch nodes of a flow are known only when all of its nodes are there.
    setImmediate(() => {
      node.error(ownError(error, nasNameFor(node)), {});
    });
  }
}

/**
 * A message for one event: `msg.topic` is the event, `msg.payload` all about it, with a text for people. It is a copy: the
 * event's task and the rest belong to the watch, and flows change what they get.
 */
function messageOf(RED: NodeAPI, event: NasEvent, connection: NasConnection, isOneOfSeveral: boolean): Message {
  const nas = nasOfMessage(connection, { api: null, method: null });
  const { id, name } = nas;
  const payload = { ...event, nas: { id, name }, text: eventText(RED, event, name, isOneOfSeveral) };
  return { topic: event.event, ...ownCopy({ payload, nas }) };
}

/** @throws DsmError ECONFIG for an event that does not exist */
function filterOf(def: EventsDef): (event: NasEvent) => boolean {
  const events = new Set(wordsIn(def.events).map(knownEvent));
  const globs = wordsIn(def.tasks);
  return ({ event, task, result }) => {
    const isWanted = events.size === 0 ? event !== 'backup_progress' : events.has(event);
    const name = task?.name ?? result?.taskName ?? null;
    return isWanted && (globs.length === 0 || name === null || globs.some((glob) => matchesGlob(glob, name)));
  };
}

function knownEvent(word: string): EventName {
  const event = eventNamed(word);
  if (event !== null) return event;
  throw new DsmError('ECONFIG', `There is no event ${quoted(word)}; there are ${EVENTS.join(', ')}`);
}

/** @throws DsmError ECONFIG */
function lowPercentOf({ storageLowPercent: value }: EventsDef): number {
  const percent = numberIn(LOW_STORAGE)(value);
  if (!(percent instanceof Problem)) return percent;
  throw new DsmError('ECONFIG', `The property "storageLowPercent" ${percent.reason}`);
}

/** The line under the node: what is wrong with the NAS, else how far a backup is, or when the last event was. */
function statusLine(node: Node): { showEvent: (event: NasEvent) => void; showLook: (look: PollResult) => void } {
  let usual = IDLE;
  /** Of the last look; undefined before the first one. */
  let trouble: DsmError | null | undefined;
  return {
    showEvent({ event, task }) {
      if (event === 'nas_offline') return; // the look that failed has said why
      if (event === 'backup_progress' && task !== undefined) usual = progressStatus([task], 1);
      else usual = doneStatus(new Date(), [nasNameFor(node), task?.name].filter(Boolean).join(' · '));
      if (trouble === null) node.status(usual);
    },
    showLook(look) {
      const before = trouble;
      trouble = 'error' in look ? look.error : null;
      if (trouble === null) {
        if (before !== null) node.status(usual);
      } else if (trouble.code !== before?.code) {
        node.status(errorStatus(trouble));
        // A NAS that is away is an event; what only a person can mend is an error too.
        if (ERRORS[trouble.code].retry === 'never') node.error(ownError(trouble, nasNameFor(node)), {});
      }
    },
  };
}
