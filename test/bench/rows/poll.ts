import { setTimeout as sleep } from 'node:timers/promises';
import type { Floor } from '../floor';
import { createFloor } from '../floor';
import { compare, costOf, median, quiet, type Cost } from '../measure';
import { startNasProcess, type Form, type NasProcess } from '../nas-client';
import { openProduct, type Product } from '../product';
import { profiled } from '../profile';
import { sizeText, type Context, type Measured, type Row, type Sample } from '../row';

/** Sizes that have a goal; a larger one is measured for the growth only. */
const SIZES_WITH_GOAL = 5000;
const LARGE = 1000;
/** From this size on, where a round takes seconds, fewer are measured. */
const SIZE_OF_FEW_ROUNDS = 5000;
const FEW_ROUNDS = 3;
const MIN_WARM_UP = 3;
const MAX_WARM_UP = 200;
const WARM_UP_TASKS = 5000;
/** In which everything that follows from a poll is done. */
const PROFILED_POLL_MS = 500;
/** The task whose device is connected and disconnected: one with an agent. */
const CHANGED_TASK = 1;

const GOALS = { changed: { max: 1.3 }, unchanged: { max: 0.4 }, stall: { max: 0.25 } } as const;

/** A NAS, everything of this package that polls it, and the floor for the same pages. */
interface Bench {
  readonly nas: NasProcess;
  readonly product: Product;
  readonly floor: Floor;
  /** The requests of one poll. */
  readonly forms: readonly Form[];
  /** Changes the row of one task. */
  readonly change: () => Promise<void>;
  close(): Promise<void>;
}

/** Cost of a poll by number of tasks, with one changed task and with none; the longest stall; events node and bridge are on. */
export async function measurePoll(context: Context): Promise<Measured> {
  const bench = await open(context);
  try {
    await warmUp(bench, context);
    if (context.profile !== null) await writeProfiles(bench, context, context.profile);
    const costs = await pollCosts(bench, context);
    const parseMs = await parseTime(bench);
    return { rows: rowsOf(context.size, bench, costs, parseMs), samples: samplesOf(context.size, costs) };
  } finally {
    await bench.close();
  }
}

async function open({ size, nasScript, broker, folder }: Context): Promise<Bench> {
  const nas = await startNasProcess(nasScript, { tasks: size });
  const product = await openProduct({ url: nas.url, folder, listeners: 1, broker });
  const { forms } = await nas.received(() => product.poll());
  const floor = createFloor(nas.url);
  let online = true;
  const change = async (): Promise<void> => {
    online = !online;
    await nas.send({ do: 'setOnline', taskId: CHANGED_TASK, online });
  };
  const close = async (): Promise<void> => {
    floor.close();
    await product.close();
    await nas.close();
  };
  return { nas, product, floor, forms, change, close };
}

/** Polls before the measured ones, so many that V8 has compiled what runs for each task; the first change reads the log. */
async function warmUp({ product, change, floor, forms }: Bench, { scale, size }: Context): Promise<void> {
  const rounds = Math.min(MAX_WARM_UP, Math.max(MIN_WARM_UP, WARM_UP_TASKS / size));
  for (let round = 0; round < (scale.tiny ? 1 : rounds); round += 1) {
    await change();
    await product.pollOnce();
    await product.pollOnce();
    await floor.parsed(forms);
  }
  await product.poll();
}

type PollCosts = Record<'idle' | 'floor' | 'unchanged' | 'changed', Cost>;

async function pollCosts({ product, change, floor, forms }: Bench, { scale, size }: Context): Promise<PollCosts> {
  const idle = async (): Promise<void> => {
    await quiet();
    await quiet();
  };
  const works = {
    idle,
    floor: async (): Promise<void> => {
      await quiet();
      await floor.parsed(forms);
      await quiet();
    },
    unchanged: () => product.poll(),
    changed: () => product.poll(),
  };
  const rounds = size < SIZE_OF_FEW_ROUNDS ? scale.rounds : Math.min(FEW_ROUNDS, scale.rounds);
  return compare(works, rounds, (name) => (name === 'changed' ? change() : Promise.resolve()));
}

/** The time of one JSON.parse of the whole task list, as if it were one page. */
async function parseTime({ floor, forms }: Bench): Promise<number> {
  const whole = `[${(await floor.texts(forms)).join(',')}]`;
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const { cpuMs } = await costOf(() => {
      JSON.parse(whole);
      return Promise.resolve();
    });
    times.push(cpuMs);
  }
  return median(times);
}

function rowsOf(size: number, { forms, product }: Bench, costs: PollCosts, parseMs: number): Row[] {
  if (size > SIZES_WITH_GOAL) return [];
  const floor = costs.floor.cpuMs - costs.idle.cpuMs;
  const note = `${forms.length} ${forms.length === 1 ? 'page' : 'pages'}, ${product.eventCount()} events`;
  const common = { size: sizeText(size, 'tasks'), unit: 'ms', floor, note } as const;
  return [
    {
      ...common,
      what: 'poll, one task changed, CPU',
      ours: costs.changed.cpuMs - costs.idle.cpuMs,
      goal: GOALS.changed,
    },
    {
      ...common,
      what: 'poll, nothing changed, CPU',
      ours: costs.unchanged.cpuMs - costs.idle.cpuMs,
      goal: size < LARGE ? null : GOALS.unchanged,
    },
    {
      ...common,
      what: 'longest stall of the loop, poll with one changed task, CPU',
      floor: parseMs,
      ours: costs.changed.stallMs,
      goal: size === SIZES_WITH_GOAL ? GOALS.stall : null,
      note: 'floor: one JSON.parse of the whole',
    },
  ];
}

function samplesOf(size: number, { idle, changed, unchanged }: PollCosts): Sample[] {
  return [
    { of: 'a poll with tasks, one changed', size, cost: changed.cpuMs - idle.cpuMs },
    { of: 'a poll with tasks, none changed', size, cost: unchanged.cpuMs - idle.cpuMs },
  ];
}

/** The profiler wakes the loop all the time, so that it is never quiet: each poll gets some time instead. */
async function writeProfiles({ product, change }: Bench, { scale, size }: Context, folder: string): Promise<void> {
  const times = async (prepare: () => Promise<void>): Promise<void> => {
    for (let round = 0; round < scale.rounds; round += 1) {
      await prepare();
      await product.pollOnce();
      await sleep(PROFILED_POLL_MS);
    }
  };
  await profiled(`${folder}/unchanged-${size}`, scale.rounds, () => times(() => Promise.resolve()));
  await profiled(`${folder}/changed-${size}`, scale.rounds, () => times(change));
}
