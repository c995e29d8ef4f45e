import { holdSnapshots } from '../held-snapshots';
import { busyMs, compare, idleShare, quiet } from '../measure';
import { startNasProcess } from '../nas-client';
import { openBridge, openProduct } from '../product';
import type { Context, Measured } from '../row';

/** What the samples are of. */
export const CHANGED_PUBLISH = 'publishing one changed task';

const WARM_UP = 15;
/** In a row in each round: publishing one task takes a few milliseconds. */
const TIMES = 4;
const IDLE_MS = 500;

/** CPU for the bridge of a snapshot with one changed task: from the snapshot until the broker has acknowledged it. */
export async function measureChangedPublish({ scale, size, nasScript, broker, folder }: Context): Promise<Measured> {
  const nas = await startNasProcess(nasScript, { tasks: size });
  const product = await openProduct({ url: nas.url, folder, listeners: 0, broker: null });
  const held = holdSnapshots(product.connection);
  const bridge = await openBridge(product.connection, held.nas, { broker, nasId: 'bench' });
  await product.poll();
  held.release();
  await bridge.published;
  await quiet();
  let online = true;
  const change = async (): Promise<void> => {
    held.hold();
    online = !online;
    await nas.send({ do: 'setOnline', taskId: 1, online });
    await product.poll();
  };
  const works = {
    publish: async (): Promise<void> => {
      held.release();
      await quiet();
    },
  };
  await compare(works, { rounds: scale.tiny ? 1 : WARM_UP, prepare: change });
  const { publish } = await compare(works, { rounds: scale.rounds, times: scale.tiny ? 1 : TIMES, prepare: change });
  const share = await idleShare(scale.tiny ? 1 : IDLE_MS);
  await bridge.close();
  await product.close();
  await nas.close();
  return {
    rows: [],
    samples: [{ of: CHANGED_PUBLISH, size, cost: busyMs(publish, share) }],
  };
}
