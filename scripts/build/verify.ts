import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { editorDefinitions, type EditorDefinition } from './definitions';

/** The languages of every node. */
export const LANGUAGES = ['en-US', 'de'] as const;

/** Properties that the Flow Library needs as literals to draw a node. */
const LITERALS = { config: ['category'], flow: ['category', 'color', 'icon', 'inputs', 'outputs'] } as const;

/** Every file that Node-RED's loader searches for beside `<name>.js`, as paths relative to the node's folder. */
export function filesOfSet(name: string): string[] {
  const locales = LANGUAGES.flatMap((language) => [
    `locales/${language}/${name}.json`,
    `locales/${language}/${name}.html`,
  ]);
  return [`${name}.js`, `${name}.html`, ...locales, `icons/active-backup-${name}.svg`];
}

/** The faults of one built set, one sentence each. */
export function faultsOfSet(folder: string, name: string): string[] {
  const missing = filesOfSet(name).filter((file) => !existsSync(join(folder, file)));
  if (missing.length > 0) return missing.map((file) => `${name}: ${file} is missing`);
  try {
    const definitions = editorDefinitions(readFileSync(join(folder, `${name}.html`), 'utf8'));
    return faultsOfDefinitions(definitions, name).map((fault) => `${name}: ${fault}`);
  } catch (error) {
    return [`${name}: ${(error as Error).message}`];
  }
}

function faultsOfDefinitions(definitions: EditorDefinition[], name: string): string[] {
  const [found, ...more] = definitions;
  if (found === undefined || more.length > 0) return [`${definitions.length} registerType calls instead of one`];
  const needed = LITERALS[found.literals.category === 'config' ? 'config' : 'flow'];
  const faults = needed.filter((key) => !(key in found.literals)).map((key) => `${key} is not a literal`);
  if (found.type !== `active-backup-${name}`) faults.push(`it registers the type ${found.type}`);
  if (found.defaults === null) faults.push('defaults is not an object literal');
  return faults;
}
