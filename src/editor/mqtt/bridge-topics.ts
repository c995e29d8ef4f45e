import { BRIDGE_FLAGS, BRIDGE_TOPICS } from '../../settings/bridge-settings';
import { parseBoolean } from '../../settings/rules';

/** The fields of the form on which the topics depend. */
export interface TopicFields {
  readonly baseTopic: string;
  readonly nasId: string;
  readonly discovery: unknown;
  readonly discoveryPrefix: string;
  readonly commands: unknown;
}

/** The topics of one task, as an example. */
export interface ExampleTopics {
  readonly state: string;
  /** Null: commands are off. */
  readonly command: string | null;
  /** Null: discovery is off. */
  readonly discovery: string | null;
}

/** The id of the task in the example. */
const TASK = 3;

/**
 * The topics of a task with these values.
 * @param serial placeholder for the serial number of the NAS, which is unknown in the editor
 */
export function exampleTopics(fields: TopicFields, serial: string): ExampleTopics {
  const nasId = fields.nasId.trim() || serial;
  const task = `${fields.baseTopic.trim() || BRIDGE_TOPICS.baseTopic}/${nasId}/task/${TASK}`;
  const prefix = fields.discoveryPrefix.trim() || BRIDGE_TOPICS.discoveryPrefix;
  return {
    state: `${task}/state`,
    command: mayBeOn('commands', fields.commands) ? `${task}/command` : null,
    discovery: mayBeOn('discovery', fields.discovery)
      ? `${prefix}/device/active_backup_${nasId}_task_${TASK}/config`
      : null,
  };
}

/** Whether a boolean of a bridge is true, or an environment variable, which may be true. */
export function mayBeOn(flag: keyof typeof BRIDGE_FLAGS, value: unknown): boolean {
  return parseBoolean(value, BRIDGE_FLAGS[flag]) !== false;
}
