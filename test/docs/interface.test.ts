import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { sourceFiles, syntaxOf } from '../../scripts/docs/imports';
import { root } from '../../scripts/root';
import { ACCESS_LEVELS, METHODS } from '../../src/active-backup/methods';
import { ERRORS } from '../../src/dsm/errors';
import { EVENTS } from '../../src/monitor/events';

const page = readFileSync(join(root, 'docs', 'interface.md'), 'utf8');

/** The names that are not written as code on the page. */
const missing = (names: readonly string[]): string[] => names.filter((name) => !page.includes(`\`${name}\``));

test('each error code is on the page', () => expect(missing(Object.keys(ERRORS))).toEqual([]));
test('each event is on the page', () => expect(missing(EVENTS)).toEqual([]));
test('each access level is on the page', () => expect(missing(ACCESS_LEVELS)).toEqual([]));
test('each method is on the page', () => {
  expect(missing(Object.values(METHODS).map(({ method }) => method))).toEqual([]);
});

/** Names of the properties of an interface, in whatever file of a folder it is declared. */
function propertiesOf(name: string, folder: string): string[] {
  for (const path of sourceFiles([folder])) {
    const declaration = syntaxOf(path).statements.find(
      (node) => ts.isInterfaceDeclaration(node) && node.name.text === name,
    );
    if (declaration !== undefined && ts.isInterfaceDeclaration(declaration))
      return declaration.members.flatMap((member) => (member.name === undefined ? [] : [member.name.getText()]));
  }
  throw new Error(`There is no interface ${name} in ${folder}`);
}

test.each([
  ...[
    'Task',
    'Progress',
    'Result',
    'Device',
    'Schedule',
    'Retention',
    'StorageFormat',
    'Share',
    'Storage',
    'Volume',
  ].map((name) => [name, 'src/active-backup']),
  ...['StorageOverview', 'StorageTotals', 'AemInfo'].map((name) => [name, 'src/active-backup']),
  ['NasEvent', 'src/monitor'],
  ['MonitorState', 'src/monitor'],
  ['PersistedState', 'src/bridge'],
])('each property of %s is on the page', (name, folder) => {
  const properties = propertiesOf(name, folder);
  expect(properties.length).toBeGreaterThan(2);
  expect(missing(properties)).toEqual([]);
});

/** The names in `defaults` and `credentials` of each node's editor definition. */
function nodeProperties(): [string, string[]][] {
  return sourceFiles(['nodes'])
    .filter((path) => path.endsWith('.editor.ts'))
    .map((path) => {
      const names: string[] = [];
      const visit = (node: ts.Node): void => {
        if (ts.isPropertyAssignment(node) && /^(?:defaults|credentials)$/.test(node.name.getText())) {
          const { initializer } = node;
          if (ts.isObjectLiteralExpression(initializer))
            names.push(...initializer.properties.flatMap(({ name }) => (name === undefined ? [] : [name.getText()])));
        }
        ts.forEachChild(node, visit);
      };
      visit(syntaxOf(path));
      return [path.split('/')[1]!, names];
    });
}

test.each(nodeProperties())('each property of the node %s is on the page', (node, properties) => {
  expect(properties.length).toBeGreaterThan(0);
  expect(missing([node, ...properties])).toEqual([]);
});
