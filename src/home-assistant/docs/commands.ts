import { COMMAND_LIMITS, type RejectionReason } from '../../settings/limits';
import { code, table } from './markdown';

/** Values of `reason` in a rejected command, with their meanings. */
const REASONS: readonly (readonly [reason: RejectionReason, meaning: string])[] = [
  ['commands_off', 'the bridge takes no commands: switch them on in its dialog'],
  ['retained', 'the message was retained; the bridge has cleared it, or else it would come again after each restart'],
  ['too_large', `it has more than ${COMMAND_LIMITS.maxBytes} bytes`],
  ['malformed', 'it is neither a word nor a JSON object with `action`, or one of its properties is of the wrong type'],
  ['unknown_action', 'this topic has no such action'],
  ['stale', 'it was given longer ago than `ttl`, or its `ts` lies more than that in the future: compare the clocks'],
  ['unknown_task', 'there is no such task'],
  [
    'repeated',
    'the same action for the same target came less than 5 seconds before, or the same `id` less than 10 minutes',
  ],
  ['too_many', 'more than 30 commands in a minute'],
  ['not_ready', 'the NAS has not told its tasks yet'],
  ['nas_offline', 'the NAS does not answer'],
  ['access_level', 'the NAS node allows less than this needs'],
  ['already_running', 'a backup of this task runs, or waits to'],
  ['not_running', 'there is no run to cancel'],
];

/** Properties of a command. */
const PROPERTIES: readonly (readonly [name: string, meaning: string])[] = [
  [
    '`action`',
    '`backup` or `cancel` for a task, `refresh` for the NAS: looks at it now, and publishes everything again',
  ],
  ['`id`', 'optional, text of up to 128 characters or a number; the same one is taken once in ten minutes'],
  ['`ts`', 'optional: when the command was given, as ISO 8601 or as milliseconds or seconds since 1970'],
  [
    '`ttl`',
    `optional: for how many seconds from \`ts\` on it is good, ${COMMAND_LIMITS.defaultTtlSeconds} unless given, ${COMMAND_LIMITS.maxTtlSeconds} at most`,
  ],
];

/** Values of `status` in a response. */
const STATUSES: readonly (readonly [name: string, meaning: string])[] = [
  ['`rejected`', 'refused, and nothing was sent to the NAS; `reason` says why. Nothing follows'],
  ['`accepted`', 'it is being carried out; `done` or `error` follows'],
  ['`done`', 'the NAS has accepted it. How a backup goes on is told by `state` and `event`'],
  [
    '`error`',
    'the NAS has not accepted it; `reason` says why in words for people, `code` for programs (`EPERMISSION`, `EUNREACHABLE` …, as in Node-RED)',
  ],
];

/** How to send commands, and their responses. */
export function commandsChapter(): string {
  return `Commands are off unless they are switched on in the dialog of the bridge. What they may do ends with the access level of the NAS node; nothing can be deleted by MQTT.

Send the action alone, as plain text:

${code('sh', "mosquitto_pub -h broker -q 1 -t 'active-backup/1930pdn000000/task/3/command' -m backup")}

or a JSON object, whose \`id\` comes back in the responses and whose \`ts\` keeps a message that was delayed on its way from doing harm:

${code('json', '{ "action": "backup", "id": "before-update-17", "ts": "2026-03-01T12:00:00Z", "ttl": 30 }')}

${table(['property', 'meaning'], PROPERTIES)}

**Never set the retain flag of a command.** The bridge refuses what is retained, with a response, and clears it.

Each command gets a response on the topic \`response\` beside its own. With MQTT 5 it also goes to the response topic of the message, if it names one, with its correlation data; not, however, to a topic with wildcards, one that begins with \`$\`, one below the base topic that is no response topic of this NAS, nor one of Home Assistant.

${code('json', '{ "id": "before-update-17", "action": "backup", "status": "accepted", "reason": null, "code": null, "ts": "2026-03-01T12:00:00.214Z" }')}

${table(['status', 'meaning'], STATUSES)}

Whoever presses a button gets no response: a start or cancel that Active Backup has refused (\`error\`), and a start while a backup runs already, is also the event \`backup_refused\`, with the reason, on the topics \`event\` of the task and of the NAS.

The \`reason\` of a rejection is one of these words, or else words for people:

${table(
  ['reason', 'meaning'],
  REASONS.map(([reason, meaning]) => [`\`${reason}\``, meaning]),
)}`;
}
