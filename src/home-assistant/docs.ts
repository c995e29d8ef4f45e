import { accessChapter, limitsChapter, removalChapter } from './docs/broker';
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
    '## Brokers and their limits',
    limitsChapter(),
    '## Personal data',
    `Names of machines and tasks often contain names of persons. Names of machines are in \`task/<taskId>/attributes\`, in events of machines and of backups that failed (\`failed_devices\`), and, with the machine's IP address, in \`device/<deviceId>/state\`. Reasons of failures may name paths. No topic holds a password, a session or a key of the NAS.`,
    '## Removal',
    removalChapter(),
  ].join('\n\n')}\n`;
}

/** The introduction and the table of topics. */
function topicsChapter(): string[] {
  return [
    '<!-- Made by `npm run docs` from src/home-assistant: change it there. -->',
    '# MQTT topics and Home Assistant entities',
    `The node \`active-backup-mqtt-bridge\` publishes one NAS on one MQTT broker. This page is for other subscribers: programs, dashboards, other home automation. Home Assistant discovers everything automatically (see [below](#home-assistant)).`,
    '## In one minute',
    `All topics lie below \`<baseTopic>/<nasId>/\`: \`active-backup\` unless another base topic is set, and the serial number of the NAS in lower case (or the property \`nasId\` of the bridge).`,
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
    `All messages use QoS 1. Retained topics are published when they change, when the bridge connects, when Home Assistant starts, and every ten minutes; values do not change by themselves, so an idle NAS causes no messages in between. After an interruption of the broker the latest state is published, and the events of that time in order: unacknowledged events are stored on disk (the latest 10,000), over deploys, restarts and kills of Node-RED. A deploy hands the connection over to the restarted bridge: nothing goes \`offline\`, and unchanged topics are not published again. Undelivered events of a deleted bridge are discarded; a second bridge of the same Node-RED on standby for the same topics publishes the finished backups among them.`,
    `**Are the values current?** Only while \`bridge\` and \`connection\` are both \`online\`: while the NAS does not answer, the documents stay unchanged. \`bridge\` becomes \`offline\` at the latest one and a half keep-alives after Node-RED has crashed.`,
  ];
}
