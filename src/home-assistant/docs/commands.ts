import { COMMAND_LIMITS, type RejectionReason } from '../../settings/limits';
import { code, table } from './markdown';

/** Values of `reason` in a rejected command, with their meanings. */
const REASONS: readonly (readonly [reason: RejectionReason, meaning: string])[] = [
  ['commands_off', 'the bridge accepts no commands: enable them in its dialog'],
  [
    'retained',
    'the message was retained; the bridge has cleared it, because it would be delivered again after each restart',
  ],
  ['too_large', `it has more than ${COMMAND_LIMITS.maxBytes} bytes`],
  ['malformed', 'it is neither a word nor a JSON object with `action`, or one of its properties is of the wrong type'],
  ['unknown_action', 'this topic has no such action'],
  ['stale', 'it is older than `ttl`, or its `ts` is more than that in the future: compare the clocks'],
  ['unknown_task', 'there is no such task'],
  [
    'repeated',
    'the same action for the same target came less than 5 seconds before, or the same `id` less than 10 minutes',
  ],
  ['too_many', 'more than 30 commands in a minute'],
  ['not_ready', 'the tasks of the NAS have not been read yet'],
  ['nas_offline', 'the NAS does not answer'],
  ['access_level', 'the access level of the NAS node is too low'],
  ['already_running', 'a backup of this task runs or waits'],
  ['not_running', 'there is no run to cancel'],
];

/** Properties of a command. */
const PROPERTIES: readonly (readonly [name: string, meaning: string])[] = [
  ['`action`', '`backup` or `cancel` for a task, `refresh` for the NAS: polls it now and publishes everything again'],
  ['`id`', 'optional, text of up to 128 characters or a number; the same one is accepted once in ten minutes'],
  ['`ts`', 'optional: when the command was given, as ISO 8601 or as milliseconds or seconds since 1970'],
  [
    '`ttl`',
    `optional: the command expires this many seconds after \`ts\`; default ${COMMAND_LIMITS.defaultTtlSeconds}, at most ${COMMAND_LIMITS.maxTtlSeconds}`,
  ],
];

/** Values of `status` in a response. */
const STATUSES: readonly (readonly [name: string, meaning: string])[] = [
  ['`rejected`', 'nothing was sent to the NAS, for the given `reason`. No other response follows'],
  ['`accepted`', 'it is being executed; `done` or `error` follows'],
  ['`done`', 'the NAS has accepted it. The progress of a backup is in `state` and `event`'],
  [
    '`error`',
    'the NAS has not accepted it; `reason` is readable text, `code` is for programs (`EPERMISSION`, `EUNREACHABLE` …, as in Node-RED)',
  ],
];

/** How to send commands, and their responses. */
export function commandsChapter(): string {
  return `Commands are off unless enabled in the dialog of the bridge. They are limited by the access level of the NAS node; nothing can be deleted over MQTT.

Send the action alone, as plain text:

${code('sh', "mosquitto_pub -h broker -q 1 -t 'active-backup/1930pdn000000/task/3/command' -m backup")}

or a JSON object, whose \`id\` is repeated in the responses and whose \`ts\` protects against delayed messages:

${code('json', '{ "action": "backup", "id": "before-update-17", "ts": "2026-03-01T12:00:00Z", "ttl": 30 }')}

${table(['property', 'meaning'], PROPERTIES)}

**Never set the retain flag of a command.** The bridge rejects and clears retained commands.

Each command gets a response on the topic \`response\` beside its own. With MQTT 5 it also goes to the response topic of the message, if there is one, with its correlation data, except topics with wildcards, topics that begin with \`$\`, topics below the base topic other than response topics of this NAS, and topics of Home Assistant.

${code('json', '{ "id": "before-update-17", "action": "backup", "status": "accepted", "reason": null, "code": null, "ts": "2026-03-01T12:00:00.214Z" }')}

${table(['status', 'meaning'], STATUSES)}

Buttons in Home Assistant show no response. So a start or cancel that Active Backup has refused (\`error\`), and a start while a backup is running, is also published as the event \`backup_refused\`, with the reason, on the topics \`event\` of the task and of the NAS.

The \`reason\` of a rejection is one of these words, or readable text:

${table(
  ['reason', 'meaning'],
  REASONS.map(([reason, meaning]) => [`\`${reason}\``, meaning]),
)}`;
}
