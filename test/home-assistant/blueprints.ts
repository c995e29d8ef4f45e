import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_SCHEMA, load, Type } from 'js-yaml';
import { root } from '../../scripts/root';
import { textOf } from '../support/built';

/** An input of a blueprint. */
export interface Input {
  readonly name?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly selector?: Readonly<Record<string, Selector | null>>;
}

interface Selector {
  readonly multiple?: boolean;
  readonly filter?: readonly Filter[];
  readonly options?: readonly { readonly value: string }[];
}

/** Filter of an entity selector. */
interface Filter {
  readonly integration?: string;
  readonly domain?: string;
  readonly device_class?: string;
}

/** The parts of an automation blueprint that are tested. */
export interface Blueprint {
  readonly blueprint: {
    readonly name: string;
    readonly description: string;
    readonly domain: string;
    readonly author: string;
    readonly source_url: string;
    readonly homeassistant: { readonly min_version: string };
    readonly input: Readonly<Record<string, Input | Section>>;
  };
  readonly triggers: readonly unknown[];
  readonly actions: readonly unknown[];
  readonly [key: string]: unknown;
}

interface Section {
  readonly input: Readonly<Record<string, Input>>;
}

/** `!input name`: replaced by the value of the input. */
export class Chosen {
  constructor(readonly name: string) {}
}

const FOLDER = 'examples/home-assistant/blueprints/automation/active-backup';
const INPUT_TAG = new Type('!input', { kind: 'scalar', construct: (name: string) => new Chosen(name) });
const SCHEMA = DEFAULT_SCHEMA.extend([INPUT_TAG]);

/** All blueprints of the examples, with path and text. */
export function blueprints(): { file: string; path: string; text: string; content: Blueprint }[] {
  return readdirSync(join(root, FOLDER)).map((file) => {
    const path = `${FOLDER}/${file}`;
    const text = textOf(path);
    return { file, path, text, content: load(text, { schema: SCHEMA }) as Blueprint };
  });
}

/** The inputs of a blueprint, including those in sections. */
export function inputsOf({ blueprint }: Blueprint): [string, Input][] {
  return Object.entries(blueprint.input).flatMap(([name, input]) =>
    'input' in input ? Object.entries(input.input) : [[name, input] as [string, Input]],
  );
}

/** Every value in a tree, including the root, with its key. */
export function* walk(value: unknown, key = ''): Generator<{ key: string; value: unknown }> {
  yield { key, value };
  if (value instanceof Chosen || typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) yield* walk(item, Array.isArray(value) ? key : name);
}
