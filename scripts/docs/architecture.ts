import { importsOf, sourceFiles, type Import } from './imports';

/** The room of a file: a folder of `src`, or `nodes`; a node's editor file belongs to `editor`. */
export function roomOf(path: string): string {
  const [top = '', room = ''] = path.split('/');
  if (top !== 'nodes') return room;
  return path.endsWith('.editor.ts') ? 'editor' : 'nodes';
}

/** The rooms and the imports between them as a Mermaid flow chart; a dotted arrow stands for imports of types alone. */
function architectureDrawing(): string {
  const files = sourceFiles();
  const rooms = [...new Set(files.map(roomOf))].sort();
  const nodes = rooms.map((room) => `  ${idOf(room)}["${room}"]`);
  const arrows = arrowsBetween(importsOf(files)).map(
    ({ from, to, isType }) => `  ${idOf(from)} ${isType ? '-.->' : '-->'} ${idOf(to)}`,
  );
  return ['```mermaid', 'flowchart TD', ...nodes, ...arrows, '```'].join('\n');
}

/** One arrow for each pair of rooms; of types alone if no import between them brings a value. */
function arrowsBetween(imports: readonly Import[]): Import[] {
  const arrows = new Map<string, Import>();
  for (const { from, to, isType } of imports) {
    const [start, end] = [roomOf(from), roomOf(to)];
    if (start === end) continue;
    const key = `${start} ${end}`;
    arrows.set(key, { from: start, to: end, isType: isType && (arrows.get(key)?.isType ?? true) });
  }
  return [...arrows.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, arrow]) => arrow);
}

/** Mermaid takes no dash in the name of a node. */
function idOf(room: string): string {
  return room.replaceAll('-', '_');
}

const BEGIN = '<!-- drawing: made by `npm run docs` -->';
const END = '<!-- end of the drawing -->';

/** The page on the architecture with its drawing made anew; everything else on it is written by hand. */
export function withDrawing(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error('docs/architecture.md has no place for the drawing');
  return `${before}${BEGIN}\n\n${architectureDrawing()}\n\n${END}${after}`;
}
