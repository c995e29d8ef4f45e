import {
  ATTRIBUTE_FIELDS,
  ATTRIBUTES_BYTES,
  MAX_DEVICES,
  DEVICE_FIELDS,
  RESULT_FIELDS,
  MAX_RESULTS,
} from './attributes';
import { accessChapter, removalChapter } from './docs/broker';
import { commandsChapter } from './docs/commands';
import { code, table, words } from './docs/markdown';
import { entityTable, fieldTable, topicTable } from './docs/tables';
import { ENTITIES } from './entities';
import { NAS_EVENTS } from './entities/nas';
import { TASK_EVENTS } from './entities/task';
import { EVENT_FIELDS } from './events';
import { STATE_LENGTH } from './text';

/** Example messages, as sent. */
export interface DocumentExamples {
  readonly task: string;
  readonly event: string;
}

/** The page about topics and entities for subscribers (Markdown). */
export function topicsPage(examples: DocumentExamples): string {
  return `${[
    '<!-- Made by `npm run docs` from src/home-assistant: change it there. -->',
    '# MQTT topics and Home Assistant entities',
    `The node \`active-backup-mqtt-bridge\` publishes one NAS on one MQTT broker. This page is for whoever subscribes to it: programs, dashboards, other home automation. Home Assistant finds everything by itself (see [below](#home-assistant)).`,
    '## In one minute',
    `All topics lie below \`<baseTopic>/<nasId>/\`: \`active-backup\` unless another base topic is set, and the serial number of the NAS in lower case (or what the property \`nasId\` of the bridge says).`,
    code(
      'sh',
      `# everything there is
mosquitto_sub -h broker -v -t 'active-backup/#'
# the state of each task
mosquitto_sub -h broker -t 'active-backup/+/task/+/state' | jq '{name, status, last_result, problem}'
# a line for each backup that fails
mosquitto_sub -h broker -t 'active-backup/+/event' | jq -r 'select(.event_type == "backup_failed") | "\\(.task_name): \\(.reason)"'`,
    ),
    '## Topics',
    topicTable(),
    `Everything is sent and heard with QoS 1. What is retained is sent when it changes, when the bridge connects, when Home Assistant starts, and each ten minutes; nothing of it changes by itself, so in between a NAS at rest is silent. After a time without the broker the latest state is sent, and the events of that time in their order: what the broker has not acknowledged is kept on disk (the latest 10,000 events), over deploys, restarts and kills of Node-RED. A deploy hands the connection over to the restarted bridge: nothing goes \`offline\`, and nothing that is unchanged is sent again. A bridge that is deleted takes what was undelivered with it; a second bridge of the same Node-RED that waits for the same topics publishes the ends of backups among it.`,
    `**Is it true what is there?** Only while \`bridge\` and \`connection\` both say \`online\`: while the NAS does not answer, the documents stay as they were. \`bridge\` says \`offline\` at the latest one and a half keep-alives after Node-RED has died.`,
    '## Documents',
    `A document is a flat JSON object in UTF-8. Every key is always there; \`null\` says that the NAS does not tell, or that there is nothing to tell. \`"schema": 1\` is the version of the document: keys may be added within it, none will change its meaning or go. Flags are \`"ON"\` and \`"OFF"\`, times ISO 8601 in UTC (\`2026-03-01T02:00:03.000Z\`), sizes bytes, durations seconds. Texts are one line of at most ${STATE_LENGTH} characters. A number of DSM that nobody knows becomes the word \`unknown\`. Things are told apart by DSM's numbers for them, which stay when a name changes.`,
    '### The NAS: `state`',
    fieldTable(ENTITIES.nas),
    '### A task: `task/<taskId>/state`',
    fieldTable(ENTITIES.task),
    code('json', pretty(examples.task)),
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
    code('json', pretty(examples.event)),
    '## Commands',
    commandsChapter(),
    '## Home Assistant',
    `From release 2024.12 on, with its MQTT integration and the preset discovery prefix \`homeassistant\`, there is nothing to set up. The NAS becomes a device, and so does each task, each storage and, if switched on, each machine; they are connected to the NAS. Each has one discovery message: \`<discoveryPrefix>/device/active_backup_<nasId>/config\`, with \`_task_<taskId>\`, \`_storage_<storageId>\` or \`_device_<deviceId>\` behind the \`<nasId>\` for the others.`,
    `*detail* decides which entities are announced: \`minimal\` the fewest, \`standard\` also those marked so below, \`full\` all. Those of \`full\` are switched off until somebody enables them in Home Assistant. Buttons are there only when commands are switched on. Names may be English or German; entity ids are asked for in English, from the names of the NAS and of the task: \`sensor.diskstation_pc_finance_status\` (releases before 2025.10 make them of the names instead). They are chosen once, when a thing is first published, so that no two things on the broker ask for the same one, and stay for ever: when a task, or the NAS, is renamed, only names change.`,
    `Entities are unavailable while the bridge or the NAS is away. Some of the NAS are not: *Connected*, *Last success*, *Oldest last success*, *Event* and *Refresh* need the bridge alone. *Cancel backup* is there while there is a run to cancel. Sizes are shown in GB (10⁹ bytes), speeds in MB/s and times in minutes; the documents have bytes and seconds.`,
    '### The NAS',
    entityTable('nas'),
    '### A task',
    entityTable('task'),
    `*Machines backed up* and *Machines failed* are announced for a task with several machines.`,
    '### A storage',
    entityTable('storage'),
    '### A machine',
    entityTable('device'),
    `*Connected* is announced for machines with an agent.`,
    '## Access at the broker',
    accessChapter(),
    '## Personal data',
    `Names of machines and tasks are often those of people. Names of machines stand in \`task/<taskId>/attributes\`, in the events \`device_online\` and \`device_offline\`, and, with the machine's IP address, in \`device/<deviceId>/state\`. Reasons of failures may name paths. No topic holds a password, a session or a key of the NAS.`,
    '## Taking it away',
    removalChapter(),
  ].join('\n\n')}\n`;
}

function pretty(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 2);
}
