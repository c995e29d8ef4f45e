import type { Task } from '../active-backup/types';
import { oneLine } from '../report/text';
import { EXIT, type CommandContext } from './context';

/** `active-backup list`: the tasks, in the order of the NAS, as a table or as JSON. */
export async function list({ nas, options, signal, print }: CommandContext): Promise<number> {
  const tasks = await nas.listTasks(signal);
  print(options.json === true ? `${JSON.stringify(tasks, null, 2)}\n` : table(tasks));
  return EXIT.success;
}

/** Columns of the table; a dash is unknown, or none. */
const COLUMNS: readonly { readonly title: string; readonly value: (task: Task) => string | number | null }[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'LAST RESULT', value: ({ lastResult }) => lastResult?.status ?? null },
  { title: 'LAST SUCCESS', value: ({ lastSuccessAt }) => lastSuccessAt },
  { title: 'OVERDUE', value: ({ overdue }) => (overdue === null ? null : overdue ? 'yes' : 'no') },
  { title: 'NAME', value: ({ name }) => name },
];

function table(tasks: readonly Task[]): string {
  const rows = [
    COLUMNS.map(({ title }) => title),
    ...tasks.map((task) => COLUMNS.map(({ value }) => oneLine(String(value(task) ?? '-')))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
