import { BRIDGE_FLAGS, BRIDGE_PRESETS } from './bridge-options';
import { parseBoolean } from '../form/boolean';

/** What decides the topics, as it stands in the form. */
export interface TopicChoice {
  readonly baseTopic: string;
  readonly nasId: string;
  readonly discovery: unknown;
  readonly discoveryPrefix: string;
  readonly commands: unknown;
}

/** Topics of one task, so that a person sees how all of them will look. */
export interface ExampleTopics {
  readonly state: string;
  /** Null: commands are off. */
  readonly command: string | null;
  /** Null: discovery is off. */
  readonly discovery: string | null;
}

/** A task that an example is about. */
const TASK = 3;

/**
 * The topics of a task with these values.
 * @param serial stands for the serial number of the NAS, which nobody knows yet
 */
export function exampleTopics(choice: TopicChoice, serial: string): ExampleTopics {
  const nasId = choice.nasId.trim() || serial;
  const task = `${choice.baseTopic.trim() || BRIDGE_PRESETS.baseTopic}/${nasId}/task/${TASK}`;
  const prefix = choice.discoveryPrefix.trim() || BRIDGE_PRESETS.discoveryPrefix;
  return {
    state: `${task}/state`,
    command: parseBoolean(choice.commands, BRIDGE_FLAGS.commands) === false ? null : `${task}/command`,
    discovery:
      parseBoolean(choice.discovery, BRIDGE_FLAGS.discovery) === false
        ? null
        : `${prefix}/device/active_backup_${nasId}_task_${TASK}/config`,
  };
}
