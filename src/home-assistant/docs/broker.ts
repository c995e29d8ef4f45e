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

If senders of commands use MQTT 5 response topics, the bridge needs the right to write there too.`;
}

/** Which brokers were tested, and what they limit. */
export function limitsChapter(): string {
  return `The bridge needs QoS 1, wildcards in subscriptions, and retained messages. It keeps to what the broker announces: size of a message, messages in flight, keep-alive, subscription identifiers. It uses one connection, at most 8 filters in a request and 10 subscriptions at a time, and 5 levels below the base topic.

| broker | how it was tested | what to know |
| --- | --- | --- |
| Mosquitto | the program itself, MQTT 5 and 3.1.1 | nothing |
| Aedes | the program itself, MQTT 3.1.1 | nothing |
| AWS IoT Core | its documented limits, imitated | address \`mqtts://…-ats.iot.<region>.amazonaws.com:8883\` with a client certificate (TLS configuration); the policy must allow the client id and the topics [above](#access-at-the-broker); a base topic of at most 4 levels and 128 characters |
| EMQX | its defaults and the quotas of EMQX Serverless, imitated | EMQX Serverless stores 2,000 retained messages, which is enough for about 400 tasks: beyond them subscribers have a state only after the next change or the next ten minutes |
| HiveMQ | its documented limits, imitated | nothing |
| RabbitMQ (MQTT plug-in) | its documented limits, imitated | a subscription with a wildcard gets no retained messages, so \`active-backup/#\` is empty at first; Home Assistant is complete, because the bridge publishes everything again when it starts. No dot in the base topic, which RabbitMQ takes for a slash. Retained messages are not shared by the nodes of a cluster |

"Imitated" means a broker that refuses what the documents say, not the service itself; with 200 tasks.

- **Too many messages a second** (AWS IoT Core discards more than 100): a missing acknowledgement, or a refusal with that reason, makes the bridge send at most 50 a second for a day, and half of that each time it happens again; nothing is lost.
- **Topics that the account may not use**, where the broker ends the connection (AWS IoT Core, RabbitMQ): after three such topics with the same first level and number of levels, all of them are left out for an hour. The log says which, the status of the node names one. Without access to the discovery prefix the documents are published all the same.
- **A message that is too large** is left out, and named with its size in the log.
- **Retained messages that the broker loses or does not store** leave subscribers without a state until something changes: the bridge publishes everything again every ten minutes, when Home Assistant starts, and when it reconnects.`;
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
