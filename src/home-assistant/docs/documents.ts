import {
  ATTRIBUTE_FIELDS,
  ATTRIBUTES_BYTES,
  DEVICE_FIELDS,
  MAX_DEVICES,
  MAX_RESULTS,
  RESULT_FIELDS,
} from '../state-documents';
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
    `A document is a JSON object in UTF-8, flat except for a few lists. Every key is always present; \`null\` means that there is no value, or that the NAS does not provide it. \`"schema": 1\` is the version of the document: within it keys may be added, but none is removed or changes its meaning. Flags are \`"ON"\` and \`"OFF"\`, times ISO 8601 in UTC (\`2026-03-01T02:00:03.000Z\`), sizes bytes, durations seconds. Texts are one line of at most ${STATE_LENGTH} characters. An unknown number of DSM becomes the word \`unknown\`. Items are identified by DSM's numbers, which stay when a name changes.`,
    '### The NAS: `state`',
    fieldTable(ENTITIES.nas),
    '### A task: `task/<taskId>/state`',
    fieldTable(ENTITIES.task),
    code('json', pretty(example)),
    '### A task: `task/<taskId>/attributes`',
    `Rarely changing and long values; less than ${ATTRIBUTES_BYTES / 1024} KiB. Home Assistant shows it as the attributes of *Last result*.`,
    fieldTable(ATTRIBUTE_FIELDS),
    `\`results\` lists the last backups that have ended, newest first, at most ${MAX_RESULTS}:`,
    fieldTable(RESULT_FIELDS),
    `\`devices\` lists machines of the task, at most ${MAX_DEVICES} and as many as fit; \`device_count\` is the total:`,
    fieldTable(DEVICE_FIELDS),
    '### A storage: `storage/<storageId>/state`',
    fieldTable(ENTITIES.storage),
    '### A machine: `device/<deviceId>/state`',
    `Only if *Devices* is \`all\` or \`problems\` in the dialog of the bridge: \`problems\` are those that are \`failing\`, \`late\`, \`never\` or \`unprotected\`. Everything about backups is of the machine itself, from the outcomes that Active Backup reports for each machine, also inside tasks of several. Where the NAS does not report them, or while they have not been read, it is \`unknown\` or null.`,
    fieldTable(ENTITIES.device),
  ];
}

/** The events and their fields. @param example an event, as JSON */
export function eventsChapter(example: string): string[] {
  return [
    '## Events',
    `An event is a JSON object with \`event_type\` and these keys, all always present; \`null\` where a key does not apply. Events are not retained: clients that are offline miss them. Each finished backup is reported once for each \`result_id\`, even across restarts; one that finished while Node-RED was down is reported afterwards, with \`"late": true\`. An event counts as delivered when the broker has acknowledged it. If the connection or Node-RED fails before the acknowledgement is saved, the event is sent twice, recognisable by \`event_type\`, \`result_id\` and \`started_at\`; it is not lost. A bridge on standby, while another one publishes the NAS, stores finished backups that the other has not published, and sends them when it takes over.`,
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
