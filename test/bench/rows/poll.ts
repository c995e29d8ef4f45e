import { setTimeout as sleep } from 'node:timers/promises';
import { recordChange, type ChangeFloor } from '../change-floor';
import type { Floor } from '../floor';
import { createFloor } from '../floor';
import { busyMs, compare, costOf, idleShare, median, quiet, stallOf } from '../measure';
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
/** Polls of each kind before the measured ones: a function that runs once for each poll is compiled only after many of them. */
const MIN_WARM_UP = 10;
const MAX_WARM_UP = 100;
const WARM_UP_TASKS = 20_000;
/** Polls of each kind in a round: a poll of a few milliseconds varies by half. */
const MAX_TIMES = 10;
const TASKS_OF_A_ROUND = 2000;
const IDLE_MS = 500;
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
  readonly changeFloor: ChangeFloor;
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
    const samples = samplesOf(context.size, costs);
    if (context.size > SIZES_WITH_GOAL) return { rows: [], samples };
    return { rows: rowsOf(context.size, bench, costs, await stalls(bench, context)), samples };
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
  const changedPoll = async (): Promise<void> => {
    await change();
    await product.poll();
  };
  await changedPoll(); // the first one also reads the log
  const changeFloor = await recordChange(broker, folder, changedPoll);
  const close = async (): Promise<void> => {
    floor.close();
    await changeFloor.close();
    await product.close();
    await nas.close();
  };
  return { nas, product, floor, forms, changeFloor, change, close };
}

/** Polls before the measured ones, so many that V8 has compiled what runs for each task; the first change reads the log. */
async function warmUp({ product, change, floor, forms, changeFloor }: Bench, { scale, size }: Context): Promise<void> {
  const least = size > SIZES_WITH_GOAL ? FEW_ROUNDS : MIN_WARM_UP;
  const rounds = Math.min(MAX_WARM_UP, Math.max(least, WARM_UP_TASKS / size));
  for (let round = 0; round < (scale.tiny ? 1 : rounds); round += 1) {
    await change();
    await product.pollOnce();
    await product.pollOnce();
    await floor.parsed(forms);
    await changeFloor.run();
  }
  await product.poll();
}

/** CPU in milliseconds without that of waiting. */
type PollCosts = Record<'floor' | 'changeFloor' | 'unchanged' | 'changed', number>;

async function pollCosts(bench: Bench, { scale, size }: Context): Promise<PollCosts> {
  const { product, change, floor, forms, changeFloor } = bench;
  const works = {
    changeFloor: async (): Promise<void> => {
      await floor.parsed(forms);
      await changeFloor.run();
      await quiet();
    },
    floor: async (): Promise<void> => {
      await floor.parsed(forms);
      await quiet();
    },
    unchanged: () => product.poll(),
    changed: () => product.poll(),
  };
  const times = scale.tiny ? 1 : Math.min(MAX_TIMES, Math.max(1, Math.round(TASKS_OF_A_ROUND / size)));
  const prepare = (name: string): Promise<void> => (name === 'changed' ? change() : Promise.resolve());
  const costs = await compare(works, { rounds: roundsOf({ scale, size }), times, prepare });
  const share = await idleShare(scale.tiny ? 1 : IDLE_MS);
  return {
    floor: busyMs(costs.floor, share),
    changeFloor: busyMs(costs.changeFloor, share),
    unchanged: busyMs(costs.unchanged, share),
    changed: busyMs(costs.changed, share),
  };
}

function roundsOf({ scale, size }: Pick<Context, 'scale' | 'size'>): number {
  return size < SIZE_OF_FEW_ROUNDS ? scale.rounds : Math.min(FEW_ROUNDS, scale.rounds);
}

/** Medians in milliseconds: of the longest stall of a changed poll, and of one JSON.parse of the whole list, as if it were one page. */
async function stalls(
  { product, change, floor, forms }: Bench,
  context: Context,
): Promise<Record<'floor' | 'changed', number>> {
  const whole = `[${(await floor.texts(forms)).join(',')}]`;
  const times = { floor: [] as number[], changed: [] as number[] };
  for (let round = 0; round < roundsOf(context); round += 1) {
    const parse = await costOf(() => {
      JSON.parse(whole);
      return Promise.resolve();
    });
    times.floor.push(Math.min(parse.cpuMs, parse.wallMs));
    await change();
    times.changed.push(await stallOf(() => product.poll()));
  }
  return { floor: median(times.floor), changed: median(times.changed) };
}

function rowsOf(
  size: number,
  { forms, product, changeFloor: { text } }: Bench,
  { floor, changeFloor, changed, unchanged }: PollCosts,
  stall: Record<'floor' | 'changed', number>,
): Row[] {
  const note = `${forms.length} ${forms.length === 1 ? 'page' : 'pages'}, ${product.eventCount()} events`;
  const common = { size: sizeText(size, 'tasks'), unit: 'ms', floor, note } as const;
  return [
    { ...common, what: 'poll, one task changed, CPU', ours: changed, goal: GOALS.changed },
    {
      ...common,
      what: 'the same, beside a floor that also stores and publishes as much',
      floor: changeFloor,
      ours: changed,
      goal: null,
      note: `the floor adds ${text}`,
    },
    {
      ...common,
      what: 'poll, nothing changed, CPU',
      ours: unchanged,
      goal: size < LARGE ? null : GOALS.unchanged,
    },
    {
      ...common,
      what: 'longest stall of the loop, poll with one changed task',
      floor: stall.floor,
      ours: stall.changed,
      goal: size === SIZES_WITH_GOAL ? GOALS.stall : null,
      note: 'floor: one JSON.parse of the whole',
    },
  ];
}

function samplesOf(size: number, { changed, unchanged }: PollCosts): Sample[] {
  return [
    { of: 'a poll with tasks, one changed', size, cost: changed },
    { of: 'a poll with tasks, none changed', size, cost: unchanged },
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
