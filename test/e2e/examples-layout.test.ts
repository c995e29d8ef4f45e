import { expect, test } from 'vitest';
import type { FlowNode } from '../../scripts/demo/flow';
import { editorSuite } from '../support/editor-suite';
import { exampleFiles, exampleFlow } from '../support/examples';
import { describeWith } from '../support/needs';

/** Needs the nodes of a dashboard: it has a test of its own. */
const FILES = exampleFiles().filter((file) => !file.startsWith('6-'));

/** A node or frame as the editor draws it, with its buttons, in pixels. */
interface Box {
  readonly id: string;
  readonly tab: string;
  readonly isFrame: boolean;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Every example on its tab, drawn one after the other: the editor measures a label when it draws its node. */
const BOXES = `(async () => {
  const boxes = [];
  for (const tab of RED.nodes.getWorkspaceOrder()) {
    RED.workspaces.show(tab);
    RED.view.redraw(true, true);
    const nodes = RED.nodes.filterNodes({ z: tab });
    const drawn = () => nodes.every(({ id, w }) => w > 0 && document.getElementById(id) !== null);
    while (!drawn()) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    for (const { id, x, y, w, h, type } of nodes) {
      const button = { inject: { left: 25, right: 0 }, debug: { left: 0, right: 25 } }[type] ?? { left: 0, right: 0 };
      boxes.push({ id, tab, isFrame: false, left: x - w / 2 - button.left, right: x + w / 2 + button.right, top: y - h / 2, bottom: y + h / 2 });
    }
    for (const { id, x, y, w, h } of RED.nodes.groups(tab)) {
      boxes.push({ id, tab, isFrame: true, left: x, right: x + w, top: y, bottom: y + h });
    }
  }
  return boxes;
})()`;

/** The smallest distance at which two nodes do not seem to touch. */
const GAP = 10;

function isApart(one: Box, other: Box): boolean {
  const isBeside = one.right + GAP <= other.left || other.right + GAP <= one.left;
  return isBeside || one.bottom + GAP / 2 <= other.top || other.bottom + GAP / 2 <= one.top;
}

function isInside(box: Box, frame: Box): boolean {
  return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
}

/** The nodes of all examples as the editor imports them, with the configuration that they share once. */
function everything(): FlowNode[] {
  const nodes = [...new Map(FILES.flatMap(exampleFlow).map((node) => [node.id, node])).values()];
  // The mail nodes are not installed here; a debug node with the same name is as wide.
  return nodes.map((node) => (node.type === 'e-mail' ? { ...node, type: 'debug' } : node));
}

describeWith('chromium', 'the layout of the examples', (chromium) => {
  const suite = editorSuite(chromium, 'layout', { width: 1600, height: 900, allNodes: true });

  test.each(['en-US', 'de'])('has no two nodes that overlap, and every node in its frame (%s)', async (language) => {
    const page = await suite.open(everything(), { language });
    const boxes = await page.evaluate<Box[]>(BOXES);
    const nodes = boxes.filter(({ isFrame }) => !isFrame);
    const pairs = nodes.flatMap((one, at) => nodes.slice(at + 1).map((other) => [one, other] as const));
    const overlapping = pairs.filter(([one, other]) => one.tab === other.tab && !isApart(one, other));
    expect(overlapping.map(([one, other]) => `${one.id} and ${other.id}`)).toEqual([]);
    const frames = new Map(boxes.filter(({ isFrame }) => isFrame).map((box) => [box.tab, box]));
    const outside = nodes.filter((node) => {
      const frame = frames.get(node.tab);
      return frame === undefined || !isInside(node, frame);
    });
    expect(outside.map(({ id }) => id)).toEqual([]);
    expect(new Set(nodes.map(({ tab }) => tab)).size).toBe(FILES.length);
  });
});
