import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { sourceFiles, syntaxOf } from '../../scripts/docs/imports';
import { root } from '../../scripts/root';

const page = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
const chapter = page.split('\n## ').find((text) => text.startsWith('Global state'))!;

/** Whether a variable of a module can change: a `let`, or a new object without arguments or with types of its content. */
function isState({ type, initializer }: ts.VariableDeclaration, isConstant: boolean): boolean {
  if (!isConstant) return true;
  if (initializer === undefined || !ts.isNewExpression(initializer)) return false;
  const isReadonly = type !== undefined && /^Readonly(?:Map|Set)\b/.test(type.getText());
  return !isReadonly && (initializer.typeArguments !== undefined || initializer.arguments?.length === 0);
}

function hasState(path: string): boolean {
  return syntaxOf(path).statements.some(
    (node) =>
      ts.isVariableStatement(node) &&
      node.declarationList.declarations.some((declaration) =>
        isState(declaration, (node.declarationList.flags & ts.NodeFlags.Const) !== 0),
      ),
  );
}

const files = sourceFiles().filter(hasState);

test('docs/architecture.md names each file of src with global state', () => {
  const inSource = files.filter((path) => path.startsWith('src/'));
  expect(inSource.length).toBeGreaterThan(10);
  expect(inSource.filter((path) => !chapter.includes(basename(path)))).toEqual([]);
});

test('of the nodes, only editor files have global state', () => {
  expect(files.filter((path) => path.startsWith('nodes/') && !path.endsWith('.editor.ts'))).toEqual([]);
});
