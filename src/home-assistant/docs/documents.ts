import {
  ATTRIBUTE_FIELDS,
  ATTRIBUTES_BYTES,
  DEVICE_FIELDS,
  MAX_DEVICES,
  MAX_RESULTS,
  RESULT_FIELDS,
} from '../attributes';
import { ENTITIES } from '../entities';
import { NAS_EVENTS } from '../entities/nas';
import { TASK_EVENTS } from '../entities/task';
import { EVENT_FIELDS } from '../events';
import { STATE_LENGTH } from '../text';
import { code, table, words } from './markdown';
import { fieldTable } from './tables';

/** The state documents and their fields. @param example the state of a task, as JSON */
export function documentsChapter(example: string): string[] {
  return [
    '## Documents',
    `A document is a flat JSON object in UTF-8. Every key is always there; \`null\` says that the NAS does not tell, or that there is nothing to tell. \`"schema": 1\` is the version of the document: keys may be added within it, none will change its meaning or go. Flags are \`"ON"\` and \`"OFF"\`, times ISO 8601 in UTC (\`2026-03-01T02:00:03.000Z\`), sizes bytes, durations seconds. Texts are one line of at most ${STATE_LENGTH} characters. A number of DSM that nobody knows becomes the word \`unknown\`. Things are told apart by DSM's numbers for them, which stay when a name changes.`,
    '### The NAS: `state`',
    fieldTable(ENTITIES.nas),
    '### A task: `task/<taskId>/state`',
    fieldTable(ENTITIES.task),
    code('json', pretty(example)),
    '### A task: `task/<taskId>/attributes`',
    `What changes seldom, or is long; less than ${ATTRIBUTES_BYTES / 1024} KiB. Home Assistant shows it as the attributes of *Last result*.`,
    fieldTable(ATTRIBUTE_FIELDS),
    `\`results\` lists the last backups that have ended, newest first, at most ${MAX_RESULTS}:`,
    fieldTable(RESULT_FIELDS),
    `\`devices\` lists machines of the task, at most ${MAX_DEVICES} and as many as there is room for; \`device_count\` tells how many there are:`,
    fieldTable(DEVICE_FIELDS),
    '### A storage: `storage/<storageId>/state`',
    fieldTable(ENTITIES.storage),
    '### A machine: `device/<deviceId>/state`',
    `Only if *machines* is \`all\` or \`problems\` in the dialog of the bridge: \`problems\` are those that are off line, have no task, or have a task of their own whose backups fail. Active Backup tells the end of a backup for the task as a whole: when a task of several machines fails, nobody can say which of them, so that none of them counts as one with a problem, and its task alone says so.`,
    fieldTable(ENTITIES.device),
  ];
}

/** The events and their fields. @param example an event, as JSON */
export function eventsChapter(example: string): string[] {
  return [
    '## Events',
    `An event is a JSON object with \`event_type\` and these keys, each of which is always there; \`null\` where it has nothing to do with the event. Events are not retained: who is not there misses them. Each end of a backup is told once per \`result_id\`, also over restarts; one that came while Node-RED was down is told when it is back, with \`"late": true\`. It counts as delivered when the broker has acknowledged it. Where the connection is cut or Node-RED killed before the acknowledgement is noted, it comes twice, which \`event_type\`, \`result_id\` and \`started_at\` tell; none is ever lost. A bridge that stands by while another one publishes the NAS keeps the ends that the other has not published, and sends them when it takes over.`,
    fieldTable(EVENT_FIELDS),
    table(
      ['topic', 'event types'],
      [
        ['`task/<taskId>/event`', words(TASK_EVENTS)],
        ['`event`', `the same, and ${words(NAS_EVENTS.filter((event) => !TASK_EVENTS.some((own) => own === event)))}`],
      ],
    ),
    code('json', pretty(example)),
  ];
}

function pretty(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 2);
}
