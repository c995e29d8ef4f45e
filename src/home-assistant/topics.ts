/** Home Assistant publishes its birth message here, whatever its discovery prefix is. */
export const BIRTH_TOPIC = 'homeassistant/status';

/** Topics of one NAS (docs/interface.md §5); built by {@link topicsOf}. */
export interface Topics {
  /** `<baseTopic>/<nasId>`: all topics below belong to this bridge. */
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
  /** Filters of the command topics of the NAS and of all tasks. */
  readonly commands: readonly string[];
  /**
   * Filters of the state topics of all tasks, storages and devices. None of them matches a command topic, which would
   * then be received twice.
   */
  readonly documents: readonly string[];
}

/** Topics of one backup task. */
interface TaskTopics {
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
    documents: ITEM_STATES.map((filter) => `${root}/${filter}`),
  };
}

/** The target of a command topic: the NAS, or one task. Null for any other topic. */
export function parseCommandTopic({ root }: Pick<Topics, 'root'>, topic: string): 'nas' | { taskId: string } | null {
  if (topic === `${root}/command`) return 'nas';
  const [, taskId] = topic.startsWith(`${root}/task/`)
    ? (/^([^/]+)\/command$/.exec(topic.slice(`${root}/task/`.length)) ?? [])
    : [];
  return taskId === undefined ? null : { taskId };
}

/** Filters of the state topics of items, below the root. They are removed together with the item. */
const ITEM_STATES = ['task/+/state', 'task/+/attributes', 'task/+/active', 'storage/+/state', 'device/+/state'];
const ITEM_STATE_PATH = new RegExp(`^(?:${ITEM_STATES.map((filter) => filter.replace('+', '\\d+')).join('|')})$`);

/** Whether a topic is a state topic of a task, storage or device of this NAS. */
export function isEntityStateTopic({ root }: Pick<Topics, 'root'>, topic: string): boolean {
  return topic.startsWith(`${root}/`) && ITEM_STATE_PATH.test(topic.slice(root.length + 1));
}

/** The discovery topic of a device. @param objectId `[A-Za-z0-9_-]+` */
export function configTopic(discoveryPrefix: string, objectId: string): string {
  return `${discoveryPrefix}/device/${objectId}/config`;
}

/** Matches the discovery topics of all devices of all publishers. */
export function configFilter(discoveryPrefix: string): string {
  return `${discoveryPrefix}/device/+/config`;
}
