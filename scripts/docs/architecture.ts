import { importsOf, sourceFiles, type Import } from './imports';

/** The folder of a file as in docs/architecture.md: a folder of `src`, or `nodes`; a node's editor file belongs to `editor`. */
export function folderOf(path: string): string {
  const [top = '', folder = ''] = path.split('/');
  if (top !== 'nodes') return folder;
  return path.endsWith('.editor.ts') ? 'editor' : 'nodes';
}

/** The folders and the imports between them as a Mermaid flow chart; dotted arrows are imports of types alone. */
function architectureDrawing(): string {
  const files = sourceFiles();
  const folders = [...new Set(files.map(folderOf))].sort();
  const nodes = folders.map((folder) => `  ${idOf(folder)}["${folder}"]`);
  const arrows = arrowsBetween(importsOf(files)).map(
    ({ from, to, isType }) => `  ${idOf(from)} ${isType ? '-.->' : '-->'} ${idOf(to)}`,
  );
  return ['```mermaid', 'flowchart TD', ...nodes, ...arrows, '```'].join('\n');
}

/** One arrow for each pair of folders; dotted if all imports between them are of types. */
function arrowsBetween(imports: readonly Import[]): Import[] {
  const arrows = new Map<string, Import>();
  for (const { from, to, isType } of imports) {
    const [start, end] = [folderOf(from), folderOf(to)];
    if (start === end) continue;
    const key = `${start} ${end}`;
    arrows.set(key, { from: start, to: end, isType: isType && (arrows.get(key)?.isType ?? true) });
  }
  return [...arrows.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, arrow]) => arrow);
}

/** The id of a folder in the chart, where Mermaid allows no dash. */
function idOf(folder: string): string {
  return folder.replaceAll('-', '_');
}

const BEGIN = '<!-- drawing: made by `npm run docs` -->';
const END = '<!-- end of the drawing -->';

/** docs/architecture.md with a new drawing; the rest of the page is written by hand. */
export function withDrawing(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error('docs/architecture.md has no place for the drawing');
  return `${before}${BEGIN}\n\n${architectureDrawing()}\n\n${END}${after}`;
}
