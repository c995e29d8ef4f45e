import type { Credentials } from './credentials';

/** A node as in a flow file. */
export interface FlowNode {
  id: string;
  type: string;
  /** Id of its tab; absent for config nodes and tabs. */
  z?: string;
  x?: number;
  y?: number;
  [property: string]: unknown;
}

/** A file of `examples/`. */
export interface Example {
  /** The number at the beginning of the file's name. */
  readonly number: number;
  readonly nodes: readonly FlowNode[];
}

/** Examples from this number on are recipes of several nodes. */
const FIRST_RECIPE = 20;

/** What the info sidebar shows beside the flow; Markdown. */
const FIRST_STEPS = `Click the button left of **List tasks**: the backup tasks of the NAS appear in the debug sidebar.

Click the button left of **Back up a PC**: a backup starts, with its progress under the node.

The last flow, **AEM**, is for sites with an ActiveProtect leader only.`;

/** The demo's tabs and the examples on each, by their number. */
const TABS = [
  { id: 'demo', label: 'Active Backup', info: FIRST_STEPS, holds: (number: number) => number < FIRST_RECIPE },
  {
    id: 'demo-recipes',
    label: 'Recipes',
    info: 'Nothing here starts by the clock: the NAS may be one of yours. Enable an inject node with a time to change that.',
    holds: (number: number) => number >= FIRST_RECIPE,
  },
] as const;

/** Types of nodes that open sockets beyond loopback, or that Node-RED does not have; examples with one are left out of the demo. */
const NOT_IN_DEMO = /^(?:udp out|http request|e-mail|ui-.*)$/;
/** Position of the first frame of a tab. */
const TOP = 20;
/** From the lower edge of an example's frame to the upper edge of the next one. */
const GAP = 40;
/** Short, so that the progress of a backup of half a minute is visible. */
const ACTIVE_POLL_SECONDS = 2;

/**
 * The demo's flow: the examples below each other, each in a frame, with the NAS that the environment names.
 * Node-RED inserts the values of the variables at each start, so host and credentials follow the environment
 * while the user's changes are kept.
 */
export function demoFlow(all: readonly Example[]): FlowNode[] {
  const examples = all.filter(({ nodes }) => !nodes.some(({ type }) => NOT_IN_DEMO.test(type)));
  const tabs = TABS.flatMap(({ id, label, info, holds }) => {
    const nodes = stacked(
      id,
      examples
        .filter(({ number }) => holds(number))
        .sort((one, other) => Number(isForAem(one)) - Number(isForAem(other))),
    );
    return nodes.length === 0 ? [] : [{ id, type: 'tab', label, disabled: false, info }, ...nodes];
  });
  const config = new Map(
    examples
      .flatMap(({ nodes }) => nodes)
      .filter(isConfig)
      .map((node) => [node.id, withEnvironment(node)]),
  );
  return [...tabs, ...config.values()];
}

/** Examples on one tab, each below the previous one; the frame of an example is its highest item. */
function stacked(tab: string, examples: readonly Example[]): FlowNode[] {
  let top = TOP;
  return examples.flatMap((example) => {
    const nodes = example.nodes.filter((node) => node.z !== undefined);
    const shift = top - Math.min(...nodes.map(yOf));
    top = Math.max(...nodes.map((node) => yOf(node) + heightOf(node))) + shift + GAP;
    return nodes.map((node) => ({ ...withoutClock(node), z: tab, y: yOf(node) + shift }));
  });
}

/** An inject node that only its button triggers, or that is disabled: the demo's NAS may be a real one. */
function withoutClock(node: FlowNode): FlowNode {
  return node.type === 'inject' && node.d !== true ? { ...node, crontab: '', repeat: '', once: false } : node;
}

/** Only sites with an ActiveProtect leader need these examples: they are the last ones of a tab. */
function isForAem({ nodes }: Example): boolean {
  return nodes.some(({ type }) => type === 'active-backup-aem-info');
}

function yOf(node: FlowNode): number {
  return node.y ?? 0;
}

/** Below its `y`: of a frame its height, of a node, whose `y` is its middle, too little to matter. */
function heightOf({ type, h }: FlowNode): number {
  return type === 'group' && typeof h === 'number' ? h : 0;
}

function isConfig(node: FlowNode): boolean {
  return node.z === undefined && node.type !== 'tab';
}

function withEnvironment(node: FlowNode): FlowNode {
  if (node.type === 'active-backup-mqtt-broker') return { ...node, name: 'Demo broker', url: '${MQTT_URL}' };
  if (!isNas(node)) return node;
  return { ...node, name: 'Demo NAS', host: '${SYNOLOGY_HOST}', activePollInterval: ACTIVE_POLL_SECONDS };
}

function isNas(node: FlowNode): boolean {
  return node.type === 'active-backup-nas';
}

/** Credentials for every NAS of a flow: the variables of the environment. */
export function demoCredentials(flow: readonly FlowNode[]): Credentials {
  const account = { username: '${SYNOLOGY_USERNAME}', password: '${SYNOLOGY_PASSWORD}' };
  return Object.fromEntries(flow.filter(isNas).map((node) => [node.id, account]));
}
