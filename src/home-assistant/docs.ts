import { accessChapter, removalChapter } from './docs/broker';
import { commandsChapter } from './docs/commands';
import { homeAssistantChapter } from './docs/discovery';
import { documentsChapter, eventsChapter } from './docs/documents';
import { code } from './docs/markdown';
import { topicTable } from './docs/tables';

/** Example messages, as sent. */
export interface DocumentExamples {
  readonly task: string;
  readonly event: string;
}

/** The page about topics and entities for subscribers (Markdown). */
export function topicsPage(examples: DocumentExamples): string {
  return `${[
    ...topicsChapter(),
    ...documentsChapter(examples.task),
    ...eventsChapter(examples.event),
    '## Commands',
    commandsChapter(),
    ...homeAssistantChapter(),
    '## Access at the broker',
    accessChapter(),
    '## Personal data',
    `Names of machines and tasks are often those of people. Names of machines stand in \`task/<taskId>/attributes\`, in the events \`device_online\` and \`device_offline\`, and, with the machine's IP address, in \`device/<deviceId>/state\`. Reasons of failures may name paths. No topic holds a password, a session or a key of the NAS.`,
    '## Taking it away',
    removalChapter(),
  ].join('\n\n')}\n`;
}

/** The introduction and the table of topics. */
function topicsChapter(): string[] {
  return [
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
  ];
}
