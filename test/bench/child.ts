// The process that measures: one section of the bench at one size, from a clean heap. Started by `runBench`.
import { SECTIONS } from './sections';
import type { Context } from './row';

async function main(): Promise<void> {
  const [name = '', context = ''] = process.argv.slice(2);
  const section = SECTIONS[name];
  if (section === undefined) throw new Error(`There is no section ${name}`);
  const measured = await section.measure(JSON.parse(context) as Context);
  process.send?.(measured, () => process.exit());
}

void main();
