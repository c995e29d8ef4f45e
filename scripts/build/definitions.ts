import { parse, type AnyNode, type Node, type ObjectExpression, type Property } from 'acorn';

type LiteralValue = string | number | boolean | null;

/** The facts about a node that a catalogue can read from its html without running it (docs/facts/node-red.md §4.2). */
export interface EditorDefinition {
  type: string;
  /** Value of every property of the definition that is a literal: category, color, icon, inputs, outputs … */
  literals: Readonly<Record<string, LiteralValue>>;
  /** Names of the node's own properties; null when `defaults` is not written as an object literal. */
  defaults: readonly string[] | null;
}

const SCRIPT = /<script[^>]*\stype=["']text\/javascript["'][^>]*>([\s\S]*?)<\/script>/gi;

/**
 * The `registerType('literal', { literal })` calls in a node's html, found by parsing, as the Flow Library and its
 * scorecard do.
 * @throws Error when a call is not literal: the library would show no node at all
 */
export function editorDefinitions(html: string): EditorDefinition[] {
  return [...html.matchAll(SCRIPT)].flatMap(([, script = '']) =>
    registerTypeCalls(parse(script, { ecmaVersion: 'latest', sourceType: 'script' })).map(definition),
  );
}

/** The arguments of every `….registerType(…)` below a node of the syntax tree. */
function registerTypeCalls(node: Node): Node[][] {
  const calls = children(node).flatMap(registerTypeCalls);
  if (!is(node, 'CallExpression')) return calls;
  const { callee } = node;
  const isRegisterType =
    callee.type === 'MemberExpression' &&
    callee.property.type === 'Identifier' &&
    callee.property.name === 'registerType';
  return isRegisterType ? [...calls, node.arguments] : calls;
}

function definition([type, options]: Node[]): EditorDefinition {
  if (!is(type, 'Literal') || typeof type.value !== 'string' || !is(options, 'ObjectExpression')) {
    throw new Error("registerType must be called with a literal type and an object literal: registerType('…', { … })");
  }
  const properties = Object.entries(members(options));
  const literals = properties.flatMap(([name, value]) => {
    return is(value, 'Literal') && isPlain(value.value) ? [[name, value.value] as const] : [];
  });
  const defaults = properties.find(([name]) => name === 'defaults')?.[1];
  return {
    type: type.value,
    literals: Object.fromEntries(literals),
    defaults: is(defaults, 'ObjectExpression') ? Object.keys(members(defaults)) : null,
  };
}

/** Name → value node of an object literal; computed names and spreads are left out. */
function members(object: ObjectExpression): Record<string, Node> {
  const properties = object.properties.filter((p): p is Property => p.type === 'Property' && !p.computed);
  return Object.fromEntries(properties.map((p) => [is(p.key, 'Identifier') ? p.key.name : keyText(p.key), p.value]));
}

function isPlain(value: unknown): value is LiteralValue {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function keyText(key: Node): string {
  return is(key, 'Literal') ? String(key.value) : '';
}

function children(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter((value): value is Node => typeof value === 'object' && value !== null && 'type' in value);
}

function is<T extends AnyNode['type']>(node: Node | undefined, type: T): node is Extract<AnyNode, { type: T }> {
  return node?.type === type;
}
