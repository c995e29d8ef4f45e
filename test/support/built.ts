import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { editorDefinitions, type EditorDefinition } from '../../scripts/build/definitions';
import { root } from '../../scripts/root';

/** The parts of package.json that tests check. */
export interface Manifest {
  name: string;
  version: string;
  license?: string;
  keywords?: string[];
  repository?: unknown;
  bugs?: unknown;
  homepage?: string;
  engines?: { node?: string };
  'node-red': { version?: string; nodes: Record<string, string> };
  dependencies?: Record<string, string>;
}

/** A file of the checkout as text. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** A JSON file of the checkout; the caller states its shape. */
export function jsonOf(path: string): unknown {
  return JSON.parse(textOf(path));
}

export const manifest = jsonOf('package.json') as Manifest;

/** One node set as the build left it; paths are relative to the checkout. */
export interface BuiltSet {
  name: string;
  folder: string;
  definition: EditorDefinition;
}

/** Every set that package.json names, read from dist. */
export function builtSets(): BuiltSet[] {
  return Object.entries(manifest['node-red'].nodes).map(([name, file]) => {
    const [definition] = editorDefinitions(textOf(file.replace(/\.js$/, '.html')));
    if (definition === undefined) throw new Error(`${file} has no registerType`);
    return { name, folder: dirname(file), definition };
  });
}

/** Every leaf of a catalogue as `a.b.c` → text. */
export function catalogueOf(path: string): Map<string, string> {
  const leaves = (value: unknown, key: string): [string, string][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, key === '' ? name : `${key}.${name}`))
      : [[key, String(value)]];
  return new Map(leaves(jsonOf(path), ''));
}
