import type { Credentials } from './credentials';

/** A node as a flow file has it. */
export interface FlowNode {
  id: string;
  type: string;
  /** The tab it lies on; config nodes and tabs lie on none. */
  z?: string;
  x?: number;
  y?: number;
  [property: string]: unknown;
}

const TAB = 'demo';
/** The grid of Node-RED's editor is 20 pixels. */
const GAP = 80;

/**
 * The demo's flow: the examples below each other on one tab, their NAS being the one the environment names.
 * Node-RED puts the variables' values in at each start, so host and credentials follow the environment
 * while everything else stays as the person left it.
 */
export function demoFlow(examples: readonly FlowNode[][]): FlowNode[] {
  const tab: FlowNode = { id: TAB, type: 'tab', label: 'Active Backup', disabled: false, info: '' };
  let top = GAP / 2;
  const placed = examples.flatMap((example) => {
    const nodes = example.filter((node) => node.z !== undefined);
    const shift = top - Math.min(...nodes.map(yOf));
    top = Math.max(...nodes.map(yOf)) + shift + GAP;
    return nodes.map((node) => ({ ...node, z: TAB, y: yOf(node) + shift }));
  });
  const config = new Map(
    examples
      .flat()
      .filter(isConfig)
      .map((node) => [node.id, withEnvironment(node)]),
  );
  return [tab, ...placed, ...config.values()];
}

function yOf(node: FlowNode): number {
  return node.y ?? 0;
}

function isConfig(node: FlowNode): boolean {
  return node.z === undefined && node.type !== 'tab';
}

function withEnvironment(node: FlowNode): FlowNode {
  return isNas(node) ? { ...node, name: 'Demo NAS', host: '${SYNOLOGY_HOST}' } : node;
}

function isNas(node: FlowNode): boolean {
  return node.type === 'active-backup-nas';
}

/** The account for every NAS of a flow, named by the environment. */
export function demoCredentials(flow: readonly FlowNode[]): Credentials {
  const account = { username: '${SYNOLOGY_USERNAME}', password: '${SYNOLOGY_PASSWORD}' };
  return Object.fromEntries(flow.filter(isNas).map((node) => [node.id, account]));
}
