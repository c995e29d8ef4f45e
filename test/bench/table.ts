import { isMet, ratioOf, type Row } from './row';

const HEADINGS = ['what', 'size', 'floor', 'ours', 'ratio', 'goal', 'met', 'note'];

/** The rows as a Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_heading, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return lines.join('\n');
}

function cellsOf(row: Row): string[] {
  const { what, size, unit, floor, ours, note } = row;
  const ratio = ratioOf(row);
  const met = isMet(row);
  return [
    what,
    size,
    floor === null ? '–' : amount(floor, unit),
    ours === null ? 'not measured' : amount(ours, unit),
    ratio === null ? '–' : `${ratio.toFixed(2)} ×`,
    goalText(row),
    met === null ? '' : met ? 'yes' : '**no**',
    note,
  ];
}

function goalText({ goal, floor }: Row): string {
  if (goal === null) return '–';
  const times = floor === null ? '' : ' ×';
  return goal.min === undefined ? `≤ ${goal.max}${times}` : `${goal.min}–${goal.max}${times}`;
}

function amount(value: number, unit: Row['unit']): string {
  const text = value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
  return unit === 'exponent' || unit === 'count' ? text : `${text} ${unit}`;
}
