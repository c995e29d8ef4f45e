import { entityTable } from './tables';

/** The entities in Home Assistant. */
export function homeAssistantChapter(): string[] {
  return [
    '## Home Assistant',
    `From release 2024.12 on, with its MQTT integration and the default discovery prefix \`homeassistant\`, there is nothing to set up. The NAS becomes a device, and so does each task, each storage and, if switched on, each machine; they are connected to the NAS. Each has one discovery message: \`<discoveryPrefix>/device/active_backup_<nasId>/config\`, with \`_task_<taskId>\`, \`_storage_<storageId>\` or \`_device_<deviceId>\` behind the \`<nasId>\` for the others.`,
    `*detail* decides which entities are announced: \`minimal\` the fewest, \`standard\` also those marked so below, \`full\` all. Those of \`full\` are disabled until a user enables them in Home Assistant. Buttons exist only while commands are enabled. Names may be English or German; entity ids are requested in English, from the names of the NAS and of the task: \`sensor.diskstation_pc_finance_status\` (releases before 2025.10 derive them from the names instead). They are chosen at the first publication, unique on the broker, and never change: when a task, or the NAS, is renamed, only names change.`,
    `Entities are unavailable while the bridge or the NAS is offline, except some of the NAS: *Connected*, *Last success*, *Oldest last success*, *Last verification*, *Last restore*, *Event* and *Refresh* depend on the bridge alone. *Cancel backup* is available while there is a run to cancel. Sizes are shown in GB (10⁹ bytes), speeds in MB/s and times in minutes; the documents have bytes and seconds.`,
    '### The NAS',
    entityTable('nas'),
    '### A task',
    entityTable('task'),
    `*Machines backed up* and *Machines failed* are announced for a task with several machines.`,
    '### A storage',
    entityTable('storage'),
    '### A machine',
    entityTable('device'),
    `*Connected* is announced for machines with an agent. The attributes of *Protection* are \`days\`, \`usual_gap\` (seconds), \`habit_source\`, \`unusual_kind\` and \`unusual_factor\`.`,
  ];
}
