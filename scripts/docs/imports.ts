import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { root } from '../root';

/** An import, export-from, `import()` or import type of one file of this repository by another. */
export interface Import {
  /** Path in the repository, with `/`. */
  readonly from: string;
  readonly to: string;
  /** Whether only types are imported, so that nothing is left of it at run time. */
  readonly isType: boolean;
}

/** The TypeScript files below some folders of the repository, sorted. */
export function sourceFiles(folders: readonly string[] = ['src', 'nodes']): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
    )
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
    .sort();
}

const SYNTAX = new Map<string, ts.SourceFile>();

/** The syntax tree of a file of the repository; each file is parsed once. */
export function syntaxOf(path: string): ts.SourceFile {
  const syntax =
    SYNTAX.get(path) ?? ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.ES2022, true);
  SYNTAX.set(path, syntax);
  return syntax;
}

/** Every import of one of `files` by another. */
export function importsOf(files: readonly string[]): Import[] {
  const known = new Set(files);
  return files.flatMap((from) => importsIn(from, known));
}

function importsIn(from: string, known: ReadonlySet<string>): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, isType: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return;
    const base = relative(root, join(root, dirname(from), specifier.text)).replaceAll('\\', '/');
    const to = [`${base}.ts`, `${base}/index.ts`].find((path) => known.has(path));
    if (to !== undefined) found.push({ from, to, isType });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(syntaxOf(from));
  return found;
}

function isTypeOnly({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { name, namedBindings } = importClause;
  if (name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly);
}
