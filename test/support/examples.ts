import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FlowNode } from '../../scripts/demo/flow';
import { root } from '../../scripts/root';
import { jsonOf } from './built';

/** The flows of `examples/`, in the order of the editor's import dialog: `1-basics/01-list-tasks.json`. */
export function exampleFiles(): string[] {
  return readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort();
}

/** The nodes of an example. @param file as in {@link exampleFiles} */
export function exampleFlow(file: string): FlowNode[] {
  return jsonOf(`examples/${file}`) as FlowNode[];
}

/** Whether an inject node sends by itself: at the start, at a time, or again and again. */
export function isClocked({ type, once, crontab, repeat }: FlowNode): boolean {
  return type === 'inject' && (once === true || (crontab ?? '') !== '' || (repeat ?? '') !== '');
}
