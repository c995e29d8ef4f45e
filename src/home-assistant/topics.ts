/** Where Home Assistant tells that it has started, whatever its discovery prefix is (its birth message). */
export const BIRTH_TOPIC = 'homeassistant/status';

/** The topics of one NAS (INTERFACE 5); built by {@link topicsOf}. */
export interface Topics {
  /** `<baseTopic>/<nasId>`: every topic below it is ours. */
  readonly root: string;
  readonly bridge: string;
  readonly connection: string;
  readonly state: string;
  readonly event: string;
  readonly command: string;
  readonly response: string;
  task(id: number): TaskTopics;
  storage(id: number): { readonly state: string };
  device(id: number): { readonly state: string };
  /** What a bridge listens to: the command of the NAS, and those of all tasks. */
  readonly commands: readonly string[];
  /** The documents of all tasks, storages and devices. None of these filters has a command, which would then come twice. */
  readonly documents: readonly string[];
}

/** The topics of one backup task. */
export interface TaskTopics {
  readonly state: string;
  readonly attributes: string;
  readonly active: string;
  readonly event: string;
  readonly command: string;
  readonly response: string;
}

/** @param baseTopic without wildcards, no slash at either end; @param nasId one level */
export function topicsOf(baseTopic: string, nasId: string): Topics {
  const root = `${baseTopic}/${nasId}`;
  return {
    root,
    bridge: `${root}/bridge`,
    connection: `${root}/connection`,
    state: `${root}/state`,
    event: `${root}/event`,
    command: `${root}/command`,
    response: `${root}/response`,
    task: (id) => {
      const task = `${root}/task/${id}`;
      return {
        state: `${task}/state`,
        attributes: `${task}/attributes`,
        active: `${task}/active`,
        event: `${task}/event`,
        command: `${task}/command`,
        response: `${task}/response`,
      };
    },
    storage: (id) => ({ state: `${root}/storage/${id}/state` }),
    device: (id) => ({ state: `${root}/device/${id}/state` }),
    commands: [`${root}/command`, `${root}/task/+/command`],
    documents: ['task/+/state', 'task/+/attributes', 'task/+/active', 'storage/+/state', 'device/+/state'].map(
      (filter) => `${root}/${filter}`,
    ),
  };
}

/** Whom a command topic is for: the NAS, or one task. Null: it is no command topic of ours. */
export function parseCommandTopic({ root }: Pick<Topics, 'root'>, topic: string): 'nas' | { taskId: string } | null {
  if (topic === `${root}/command`) return 'nas';
  const [, taskId] = topic.startsWith(`${root}/task/`)
    ? (/^([^/]+)\/command$/.exec(topic.slice(`${root}/task/`.length)) ?? [])
    : [];
  return taskId === undefined ? null : { taskId };
}

/** Documents of single things, which go when the thing goes. */
const ITEM_STATE_PATH = /^(?:task\/\d+\/(?:state|attributes|active)|storage\/\d+\/state|device\/\d+\/state)$/;

/** Whether a topic holds a document of a task, a storage or a device of this NAS. */
export function isEntityStateTopic({ root }: Pick<Topics, 'root'>, topic: string): boolean {
  return topic.startsWith(`${root}/`) && ITEM_STATE_PATH.test(topic.slice(root.length + 1));
}

/** The topic of a device's discovery. @param objectId `[A-Za-z0-9_-]+` */
export function configTopic(discoveryPrefix: string, objectId: string): string {
  return `${discoveryPrefix}/device/${objectId}/config`;
}

/** The discovery of every device of everybody. */
export function configFilter(discoveryPrefix: string): string {
  return `${discoveryPrefix}/device/+/config`;
}
