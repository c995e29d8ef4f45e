import { median } from './measure';
import { isMet, ratioOf, type Row } from './row';

const HEADINGS_OF_RUNS = ['what', 'size', 'floor', 'ours', 'ratio', 'runs', 'goal', 'met', 'note'];
const HEADINGS = ['what', 'size', 'floor', 'ours', 'ratio', 'goal', 'met', 'note'];

/** The rows as a Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  return markdownOf([HEADINGS, ...rows.map(cellsOf)]);
}

/**
 * The rows of several runs as one Markdown table: the medians, and the ratios (without a floor: the values) of all runs. A goal
 * is met if every run meets it.
 */
export function tableOfRuns(runs: readonly (readonly Row[])[]): string {
  const keyOf = ({ what, size }: Row): string => `${what} ${size}`;
  const keys = [...new Set(runs.flat().map(keyOf))];
  const rows = keys.map((key) => runs.flat().filter((row) => keyOf(row) === key));
  return markdownOf([HEADINGS_OF_RUNS, ...rows.map(cellsOfRuns)]);
}

function cellsOfRuns(rows: readonly Row[]): string[] {
  const measured = rows.filter(({ ours }) => ours !== null);
  const [first] = measured.length > 0 ? measured : rows;
  if (first === undefined) return [];
  const middle = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : median(known);
  };
  const common = {
    ...first,
    floor: middle(measured.map(({ floor }) => floor)) ?? first.floor,
    ours: middle(measured.map(({ ours }) => ours)),
  };
  const [what = '', size = '', floor = '', ours = '', , goal = ''] = cellsOf(common);
  const ratio = middle(measured.map(ratioOf));
  const all = measured.map((row) => (ratioOf(row) ?? row.ours ?? 0).toFixed(2));
  const met = rows.map(isMet);
  const count = met.filter(Boolean).length;
  const isGoalMet = first.goal === null ? '' : count === met.length ? 'yes' : `**no** (${count} of ${met.length})`;
  return [
    what,
    size,
    floor,
    ours,
    ratio === null ? '–' : `${ratio.toFixed(2)} ×`,
    all.join(', '),
    goal,
    isGoalMet,
    first.note,
  ];
}

function markdownOf(cells: readonly (readonly string[])[]): string {
  const widths = (cells[0] ?? []).map((_heading, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
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
