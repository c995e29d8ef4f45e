// `npm run bench`: the overhead of listing tasks over the HTTP requests it needs, for a call and for one more poll when nothing
// has changed. All variants call the same simulated NAS in the same process in turns; its time is part of each result.
import { Agent } from 'node:http';
import axios from 'axios';
import { ActiveBackup } from '../../src/active-backup/active-backup';
import { DiskStation } from '../../src/dsm/diskstation';
import { startNas } from '../nas/index';

const WARM_UP_CALLS = 50;
const ROUNDS = 15;
const CALLS_PER_ROUND = 10;
const TASK_COUNTS = [5, 200];

/** Milliseconds per call over one round. */
async function round(call: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  for (let i = 0; i < CALLS_PER_ROUND; i += 1) await call();
  return (performance.now() - from) / CALLS_PER_ROUND;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function compare(tasks: number): Promise<string> {
  const nas = await startNas({ tasks, schedules: false });
  const diskStation = new DiskStation({
    url: new URL(nas.url),
    account: { name: 'admin', password: 'synology' },
    certificate: { verify: true, fingerprint: null },
    timeoutMs: 30_000,
  });
  const activeBackup = new ActiveBackup(diskStation, 'read');
  const agent = new Agent({ keepAlive: true });
  try {
    const ours = (): Promise<unknown> => activeBackup.listTasks();
    await ours();
    const form = nas.received('list', 'SYNO.ActiveBackup.Task').at(-1)?.parameters;
    const bare = (): Promise<unknown> =>
      axios.post(`${nas.url}/webapi/entry.cgi`, new URLSearchParams(form), { httpAgent: agent, proxy: false });

    const client = activeBackup.createTaskListClient();
    const poll = (): Promise<unknown> => client.listTasks();
    await poll();
    const before = nas.requests.length;
    await ours();
    const requests = nas.requests.length - before;
    for (let i = 0; i < WARM_UP_CALLS; i += 1) await Promise.all([ours(), poll(), bare()]);
    const times = { ours: [] as number[], poll: [] as number[], bare: [] as number[] };
    for (let i = 0; i < ROUNDS; i += 1) {
      times.bare.push(await round(bare));
      times.ours.push(await round(ours));
      times.poll.push(await round(poll));
    }
    const [our, unchanged, floor] = [median(times.ours), median(times.poll), median(times.bare)];
    return (
      `${tasks} tasks: ${our.toFixed(2)} ms for listTasks (requests: ${requests}), ${unchanged.toFixed(2)} ms for an unchanged poll, ` +
      `${floor.toFixed(2)} ms for bare axios: ${(our / floor).toFixed(2)}× and ${(unchanged / floor).toFixed(2)}×`
    );
  } finally {
    agent.destroy();
    await diskStation.close();
    await nas.close();
  }
}

async function main(): Promise<void> {
  for (const tasks of TASK_COUNTS) console.log(await compare(tasks));
}

void main();
