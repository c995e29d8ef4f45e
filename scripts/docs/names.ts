import ts from 'typescript';
import { syntaxOf } from './imports';

/** A text in a source file: a name, a comment, the title of a test. */
export interface SourceText {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Every name that a file declares: variables, parameters, functions, types, members, keys of object literals, import aliases. */
export function declaredNames(file: string): SourceText[] {
  const source = syntaxOf(file);
  const names: SourceText[] = [];
  const visit = (node: ts.Node): void => {
    const name = nameOf(node);
    if (name !== null) names.push(at(source, name, name.text));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

function nameOf(node: ts.Node): ts.Identifier | ts.PrivateIdentifier | ts.StringLiteral | null {
  // A shorthand repeats a name that is declared elsewhere; so does an import without an alias.
  if (ts.isShorthandPropertyAssignment(node) || ts.isExportSpecifier(node)) return null;
  if (ts.isImportSpecifier(node) && node.propertyName === undefined) return null;
  const { name } = node as ts.NamedDeclaration;
  if (name === undefined) return null;
  return ts.isIdentifier(name) || ts.isPrivateIdentifier(name) || ts.isStringLiteral(name) ? name : null;
}

/** The comments of a file; the lines of one are joined. */
export function commentsIn(file: string): SourceText[] {
  const source = syntaxOf(file);
  const found = new Map<number, SourceText>();
  const visit = (node: ts.Node): void => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(source.text, node.getEnd()) ?? []),
    ];
    for (const { pos, end } of ranges) {
      const line = source.getLineAndCharacterOfPosition(pos).line + 1;
      found.set(pos, { file, line, text: source.text.slice(pos, end).replace(/\s*\n\s*\*?\s*/g, ' ') });
    }
    for (const child of node.getChildren(source)) visit(child);
  };
  visit(source);
  return [...found.values()].sort((one, other) => one.line - other.line);
}

/** The titles of the tests and of the groups of tests in a file. */
export function testTitles(file: string): SourceText[] {
  const source = syntaxOf(file);
  const titles: SourceText[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(?:test|it|describe)\b/.test(node.expression.getText(source))) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.push(at(source, title, title.text));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

/** The names that a file exports by a declaration of its own. */
export function exportedNames(file: string): SourceText[] {
  const source = syntaxOf(file);
  return source.statements.flatMap((statement) => {
    if (!ts.canHaveModifiers(statement)) return [];
    if (!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    const declarations = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement];
    return declarations.flatMap((declaration) => {
      const { name } = declaration as ts.NamedDeclaration;
      return name !== undefined && ts.isIdentifier(name) ? [at(source, name, name.text)] : [];
    });
  });
}

function at(source: ts.SourceFile, node: ts.Node, text: string): SourceText {
  return { file: source.fileName, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, text };
}
