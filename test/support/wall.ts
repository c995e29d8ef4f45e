import type { FlowNode } from '../../scripts/demo/flow';
import { jsonOf } from './built';

/** The package with the nodes of the wall, an optional companion of this one. */
export const DASHBOARD = '@flowfuse/node-red-dashboard';

/** How the wall is set up. */
export interface WallOptions {
  /** Names and addresses of the NASes. */
  readonly nas: readonly { readonly name: string; readonly url: string }[];
  readonly theme: 'dark' | 'light';
  readonly language: 'en' | 'de';
}

/** The example as its user changes it: the NAS nodes, the language, and the theme of the page. */
export function wallFlow({ nas, theme, language }: WallOptions): FlowNode[] {
  const example = jsonOf('examples/6-dashboard/61-backup-wall.json') as FlowNode[];
  const isNas = ({ type }: FlowNode): boolean => type === 'active-backup-nas';
  const preset = example.find(isNas);
  if (preset === undefined) throw new Error('The example has no NAS node.');
  const nodes = example
    .filter((node) => !isNas(node))
    .map((node) => {
      if (node.id === 'wall-page') return { ...node, theme: `wall-${theme}` };
      if (node.id !== 'wall-settings') return node;
      const [first, ...others] = node.rules as object[];
      return { ...node, rules: [{ ...first, to: language }, ...others] };
    });
  const credentials = { username: 'admin', password: 'synology' };
  const polling = { pollInterval: 5, activePollInterval: 1 };
  return [
    ...nodes,
    ...nas.map(({ name, url }, at) => ({ ...preset, id: `wall-nas-${at}`, name, host: url, ...polling, credentials })),
  ];
}
