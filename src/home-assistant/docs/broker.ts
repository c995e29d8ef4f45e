import { code } from './markdown';

const ACL = `# The bridge. It also reads what it has published: to clear what is wanted no more, and to notice a second bridge.
user active-backup-bridge
topic readwrite active-backup/#
topic readwrite homeassistant/device/+/config
topic read homeassistant/status

# Home Assistant. It clears the discovery of a device that a person removes.
user homeassistant
topic read active-backup/#
topic write active-backup/+/command
topic write active-backup/+/task/+/command
topic readwrite homeassistant/#

# Somebody who only looks.
user dashboard
topic read active-backup/#`;

/** Required access rights on the broker. */
export function accessChapter(): string {
  return `For Mosquitto (\`acl_file\`), with the preset topics. Whoever may write to the command topics may start and cancel backups.

${code('text', ACL)}

If senders of commands use MQTT 5 response topics, the bridge needs the right to write there, too.

Brokers that lose or refuse retained messages (the MQTT plug-ins of RabbitMQ and ActiveMQ may) leave subscribers without a state until something changes; the bridge publishes everything again each ten minutes, when Home Assistant starts, and when it connects anew.`;
}

/** How to remove all published topics. */
export function removalChapter(): string {
  return `The bridge takes away what it has published itself: the discovery and documents of a task, storage or machine that is gone (three looks in a row have to miss it), and components that are announced no more. It clears nothing of anybody else: a discovery is only its own if its object id, its \`origin\` and its availability topic say so.

- **Everything**: send a message with the topic \`purge\` to the bridge node. It clears all it has ever published and stays away; any other message brings it back.
- **One device** removed in Home Assistant stays removed until the bridge node gets a message.
- **By hand**, without the bridge: an empty retained message clears a topic.

${code(
  'sh',
  `# all documents of one NAS
mosquitto_sub -h broker -t 'active-backup/1930pdn000000/#' --retained-only --remove-retained -W 3
# the discovery of one device
mosquitto_pub -h broker -q 1 -r -n -t 'homeassistant/device/active_backup_1930pdn000000_task_3/config'`,
)}`;
}
