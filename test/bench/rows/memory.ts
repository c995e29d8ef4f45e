import { createFloor } from '../floor';
import { heapBytes } from '../measure';
import { startNasProcess, type NasProcess } from '../nas-client';
import { openProduct, type Product } from '../product';
import { sizeText, type Context, type Measured } from '../row';

const HEAP_GOAL = { max: 0.5 };
const ENDURANCE_GOAL = { min: 0.98, max: 1.02 };
/** Without the pauses of a measured poll. */
const POLLS = 10_000;
const BASELINE_POLLS = 1000;
const TINY_POLLS = 20;
/** Of so many polls one sees a finished backup, and two a device that has come or gone. */
const MIX = 20;
/** The NAS of which the heap for code and connections is known. */
const SMALL_TASKS = 10;

/** Heap per task while everything is on, beside the parsed JSON of the same list. */
export async function measureHeap(context: Context): Promise<Measured> {
  const { nasScript, folder, broker, size } = context;
  const small = await startNasProcess(nasScript, { tasks: SMALL_TASKS });
  const large = await startNasProcess(nasScript, { tasks: size });
  const options = { listeners: 1, broker };
  const first = await openProduct({ url: small.url, folder: `${folder}/small`, ...options });
  const before = await settledHeap(first);
  await first.close();
  const second = await openProduct({ url: large.url, folder: `${folder}/large`, ...options });
  const ours = (await settledHeap(second)) - before;
  const floor = await heapOfJson(large, second);
  await second.close();
  await Promise.all([small.close(), large.close()]);
  const row = {
    what: 'heap per task, events node and bridge on',
    size: sizeText(size, 'tasks'),
    unit: 'kB',
    floor: floor / size / 1000,
    ours: ours / Math.max(1, size - SMALL_TASKS) / 1000,
    goal: HEAP_GOAL,
    note: `floor: the parsed JSON of the list; ours above a NAS of ${SMALL_TASKS} tasks`,
  } as const;
  return { rows: [row], samples: [] };
}

async function settledHeap({ poll }: Product): Promise<number> {
  await poll();
  await poll();
  return heapBytes();
}

async function heapOfJson(nas: NasProcess, { poll }: Product): Promise<number> {
  const { forms } = await nas.received(poll);
  const floor = createFloor(nas.url);
  await floor.parsed(forms.slice(0, 1)); // opens the connection
  const before = await heapBytes();
  const parsed = await floor.parsed(forms);
  const bytes = (await heapBytes()) - before;
  floor.close();
  return parsed.length === 0 ? 0 : bytes;
}

/** Heap after many polls beside the heap after the first of them: what stays of a poll. */
export async function measureEndurance({ scale, nasScript, folder, broker, size }: Context): Promise<Measured> {
  const nas = await startNasProcess(nasScript, { tasks: size });
  const product = await openProduct({ url: nas.url, folder, listeners: 1, broker });
  const [baseline, all] = scale.tiny ? [TINY_POLLS / 2, TINY_POLLS] : [BASELINE_POLLS, POLLS];
  await pollTimes(product, nas, 0, baseline);
  const floor = await settledHeap(product);
  await pollTimes(product, nas, baseline, all);
  const ours = await settledHeap(product);
  const row = {
    what: `heap after ${all.toLocaleString('en-US')} polls`,
    size: sizeText(size, 'tasks'),
    unit: 'MB',
    floor: floor / 1e6,
    ours: ours / 1e6,
    goal: ENDURANCE_GOAL,
    note: `floor: after ${baseline.toLocaleString('en-US')}; ${product.eventCount()} events`,
  } as const;
  await product.close();
  await nas.close();
  return { rows: [row], samples: [] };
}

async function pollTimes({ pollOnce }: Product, nas: NasProcess, from: number, to: number): Promise<void> {
  for (let poll = from; poll < to; poll += 1) {
    await changeFor(poll, nas);
    await pollOnce();
  }
}

async function changeFor(poll: number, nas: NasProcess): Promise<void> {
  if (poll % MIX === 0) await nas.send({ do: 'setOnline', taskId: 1, online: false });
  if (poll % MIX === MIX / 4) await nas.send({ do: 'setOnline', taskId: 1, online: true });
  if (poll % MIX === MIX / 2) await nas.send({ do: 'run', count: 1 });
}
