// `npm run bench:habit`: how often the product calls a machine late although it is not, and how soon it reports that backups have
// stopped, beside two rules of other tools. `docs/protection.md` explains the figures.
import { parseArgs } from 'node:util';
import { endedRunText } from './ended-run';
import { KINDS } from './kinds';
import { runSeed } from './run';

const USAGE = `npm run bench:habit -- [options]

  --seeds <numbers>   seeds, with commas between (1,2,3)
  --machines <number> machines of a fleet (500)
  --days <number>     simulated days (365)
  --kinds <names>     only these kinds of machines of the fleet, with commas between (all)
  --cost              instead, what one ended run costs with 90 days of these machines, and how large their file becomes`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1,2,3' },
      machines: { type: 'string', default: '500' },
      days: { type: 'string', default: '365' },
      kinds: { type: 'string', default: Object.keys(KINDS).join(',') },
      cost: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  if (values.cost === true) {
    console.log(await endedRunText(1, Number(values.machines)));
    return;
  }
  const kinds = values.kinds.split(',');
  for (const seed of values.seeds.split(',').map(Number)) {
    console.log(`\nSeed ${seed}\n\n${runSeed(seed, Number(values.machines), Number(values.days), kinds).text}`);
  }
}

void main();
