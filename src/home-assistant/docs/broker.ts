import { code } from './markdown';

const ACL = `# The bridge. It also reads its own topics, to clear outdated ones and to detect a second bridge.
user active-backup-bridge
topic readwrite active-backup/#
topic readwrite homeassistant/device/+/config
topic read homeassistant/status

# Home Assistant. It clears the discovery of a device that a user deletes.
user homeassistant
topic read active-backup/#
topic write active-backup/+/command
topic write active-backup/+/task/+/command
topic readwrite homeassistant/#

# A read-only client.
user dashboard
topic read active-backup/#`;

/** Required access rights on the broker. */
export function accessChapter(): string {
  return `For Mosquitto (\`acl_file\`), with the default topics. Every client that may write to the command topics can start and cancel backups.

${code('text', ACL)}

If senders of commands use MQTT 5 response topics, the bridge needs the right to write there too.

Brokers that lose or refuse retained messages (the MQTT plug-ins of RabbitMQ and ActiveMQ may) leave subscribers without a state until something changes; the bridge publishes everything again every ten minutes, when Home Assistant starts, and when it reconnects.`;
}

/** How to remove all published topics. */
export function removalChapter(): string {
  return `The bridge clears its own outdated topics: discovery and documents of a task, storage or machine that is missing in three polls in a row, and components that are no longer announced. It never clears topics of others: a discovery is its own only if object id, \`origin\` and availability topic all match.

- **Everything**: send a message with the topic \`purge\` to the bridge node. It clears everything it has published and stays offline; any other message makes it publish again.
- **One device** removed in Home Assistant stays removed until the bridge node gets a message.
- **By hand**, without the bridge: an empty retained message clears a topic.

${code(
  'sh',
  `# all documents of one NAS
mosquitto_sub -h broker -t 'active-backup/1930pdn000000/#' --remove-retained -W 3
# the discovery of one device
mosquitto_pub -h broker -q 1 -r -n -t 'homeassistant/device/active_backup_1930pdn000000_task_3/config'`,
)}`;
}
