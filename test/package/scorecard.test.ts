// The rules of the Flow Library's scorecard (node-red-dev) that need no registry.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../scripts/root';
import { builtSets, catalogueOf, manifest } from '../support/built';
import { exampleFiles, exampleFlow, isClocked } from '../support/examples';

const sets = builtSets();
const isFlowNode = ({ definition }: (typeof sets)[number]): boolean => definition.literals.category !== 'config';
const examples = exampleFiles();

test('P01: it has a licence', () => expect(manifest.license).toBe('MIT'));
test('P03: it has the addresses of its sources and issues', () => {
  expect(manifest).toMatchObject({
    repository: expect.anything(),
    bugs: expect.anything(),
    homepage: expect.any(String),
  });
});
test('P04: its name begins with node-red-contrib-', () => expect(manifest.name).toMatch(/^node-red-contrib-[a-z-]+$/));
test('P05: its keywords include node-red', () => expect(manifest.keywords).toContain('node-red'));
test('P06: it names the versions of Node-RED it needs', () => expect(manifest['node-red'].version).toBe('>=4.0.0'));
test('P07: it runs on every Node that Node-RED runs on, from 20', () => expect(manifest.engines?.node).toBe('>=20'));
test('D01: it has at most four dependencies', () => {
  expect(Object.keys(manifest.dependencies ?? {}).length).toBeLessThanOrEqual(4);
});
test('D03: its dependencies may be updated within their major version', () => {
  for (const range of Object.values(manifest.dependencies ?? {})) expect(range).toMatch(/^\^[1-9]/);
});

describe.each(sets)('the set $name', ({ name, folder, definition }) => {
  test('N01: its type has our prefix', () => expect(definition.type).toBe(`active-backup-${name}`));

  test('is in the category of its kind and has properties', () => {
    expect(definition.literals.category).toMatch(/^(synology|config)$/);
    expect(definition.defaults).toContain('name');
  });

  test('has its icon beside its js', () => {
    const { icon } = definition.literals;
    if (icon !== undefined) expect(existsSync(join(root, folder, 'icons', String(icon)))).toBe(true);
    else expect(definition.literals.category).toBe('config');
  });

  test('has a colour on which a dark label is readable', () => {
    const { color } = definition.literals;
    if (color === undefined) return;
    const [red = 0, green = 0, blue = 0] = (/^#(..)(..)(..)$/.exec(String(color)) ?? [])
      .slice(1)
      .map((hex) => parseInt(hex, 16));
    expect(0.299 * red + 0.587 * green + 0.114 * blue).toBeGreaterThan(130);
  });
});

test.each(['synology', 'nas', 'backup'])('the palette finds every node by the word %s', (word) => {
  for (const { name, folder, definition } of sets.filter(isFlowNode)) {
    for (const language of ['en-US', 'de']) {
      const label = catalogueOf(`${folder}/locales/${language}/${name}.json`).get(`${name}.paletteLabel`);
      // The filter of the palette reads the type and the label.
      expect(`${definition.type} ${label}`.toLowerCase()).toMatch(new RegExp(`\\b${word}\\b`));
    }
  }
});

test('N02: every node that is drawn in a flow appears in an example', () => {
  const used = examples.flatMap((file) => exampleFlow(file).map((node) => node.type));
  const drawn = sets.filter(isFlowNode).map(({ definition }) => definition.type);
  expect(used).toEqual(expect.arrayContaining(drawn));
});

describe.each(examples)('examples/%s', (file) => {
  const nodes = exampleFlow(file);

  test('is numbered like its folder, so that the editor lists both in order', () => {
    expect(file).toMatch(/^\d-[a-z-]+\/\d\d-[a-z-]+\.json$/);
  });

  test('is a flow without dangling references', () => {
    const ids = nodes.map((node) => node.id);
    expect(new Set(ids).size).toBe(ids.length);
    const wires = nodes.flatMap((node) => (node.wires as string[][] | undefined)?.flat() ?? []);
    const references = nodes
      .flatMap((node) => [node.z, node.nas, node.broker])
      .filter((id) => typeof id === 'string' && id !== '');
    expect(ids).toEqual(expect.arrayContaining([...wires, ...references]));
  });

  test('has no credentials and only properties of its nodes', () => {
    const defaults = new Map(sets.map(({ definition }) => [definition.type, definition.defaults ?? []]));
    for (const { id, type, z, g, d, x, y, wires, ...properties } of nodes) {
      expect(properties).not.toHaveProperty('credentials');
      const known = defaults.get(type);
      if (known) expect(known).toEqual(expect.arrayContaining(Object.keys(properties)));
    }
  });
});

// The wall consists of pages of a dashboard, and refreshes them by the clock: it only reads.
describe.each(examples.filter((file) => !file.startsWith('6-')))('examples/%s', (file) => {
  const nodes = exampleFlow(file);

  test('has a frame with one comment on what it does, and one on what to change', () => {
    const frames = nodes.filter(({ type }) => type === 'group');
    const drawn = nodes.filter(({ z, type }) => z !== undefined && type !== 'group');
    expect(frames.flatMap((frame) => frame.nodes as string[]).sort()).toEqual(drawn.map(({ id }) => id).sort());
    const comments = nodes.filter(({ type }) => type === 'comment');
    expect(comments.slice(0, 2).map(({ name }) => name)).toEqual([
      expect.stringMatching(/./),
      expect.stringMatching(/^Change: ./),
    ]);
    for (const { info } of comments.slice(0, 2)) expect(info).not.toBe('');
  });

  test('starts nothing by the clock until its user enables it', () => {
    expect(nodes.filter((node) => isClocked(node) && node.d !== true)).toEqual([]);
  });
});
