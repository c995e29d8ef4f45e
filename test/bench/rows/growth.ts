import { busyMs, compare, idleShare } from '../measure';
import { startNasProcess, type NasProcess, type NasProcessOptions } from '../nas-client';
import { openProduct, type Product } from '../product';
import type { Context, Measured } from '../row';

const WARM_UP = 3;
const IDLE_MS = 500;
const FEW_TASKS = 10;
const DEVICE_TASKS = 20;
/** More than the largest number of finished backups, since some tasks cannot be started. */
const RESULT_TASKS = 1500;

/** What is measured: a poll of a NAS, with one change. */
interface Growth {
  readonly of: string;
  readonly nas: Partial<NasProcessOptions>;
  readonly listeners: number;
  /** Changes something before each measured poll. */
  readonly change: (nas: NasProcess, round: number) => Promise<unknown>;
}

/** CPU of a poll with one changed device by number of devices in all. */
export function measureDevices(context: Context): Promise<Measured> {
  const devices = Math.max(1, Math.round(context.size / DEVICE_TASKS));
  const nas = { tasks: DEVICE_TASKS, devices };
  return measureGrowth(context, {
    of: `a poll with devices, in ${DEVICE_TASKS} tasks`,
    nas,
    listeners: 1,
    change: toggle,
  });
}

/** CPU of a poll that finds so many finished backups. */
export function measureResults(context: Context): Promise<Measured> {
  const tasks = context.scale.tiny ? 2 * FEW_TASKS : RESULT_TASKS;
  return measureGrowth(context, {
    of: 'a poll with backups that have ended since the poll before',
    nas: { tasks },
    listeners: 1,
    change: (nas) => nas.send({ do: 'run', count: context.size }),
  });
}

/** CPU of a poll with one event by number of events nodes. */
export function measureListeners(context: Context): Promise<Measured> {
  const nas = { tasks: FEW_TASKS };
  return measureGrowth(context, { of: 'a poll with events nodes', nas, listeners: context.size, change: toggle });
}

const toggle: Growth['change'] = (nas, round) => nas.send({ do: 'setOnline', taskId: 1, online: round % 2 === 1 });

async function measureGrowth(context: Context, { of, nas: options, listeners, change }: Growth): Promise<Measured> {
  const { nasScript, folder, broker, size, scale } = context;
  const nas = await startNasProcess(nasScript, options);
  const product = await openProduct({ url: nas.url, folder, listeners, broker });
  let round = 0;
  const prepare = async (): Promise<void> => {
    await change(nas, round++);
  };
  const works = { poll: (): Promise<void> => product.poll() };
  await compare(works, { rounds: scale.tiny ? 0 : WARM_UP, prepare });
  const { poll } = await compare(works, { rounds: scale.rounds, prepare });
  const share = await idleShare(scale.tiny ? 1 : IDLE_MS);
  await closeBoth(product, nas);
  return { rows: [], samples: [{ of, size, cost: busyMs(poll, share) }] };
}

async function closeBoth(product: Product, nas: NasProcess): Promise<void> {
  await product.close();
  await nas.close();
}
