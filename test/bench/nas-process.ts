// The simulated NASes of the bench, in a process of their own: their work must not count. Started by `startNasProcess`.
// Their clocks stand still and no schedule starts a task, so nothing changes between two polls but what a command changes.
import { connectAsync } from 'mqtt';
import { startNas, type Nas } from '../nas';
import { ApiError } from '../nas/api-error';
import type { NasCommand, NasProcessOptions, NasReply } from './nas-client';

/** A NAS and its requests since `forget`. */
interface RecordedNas {
  readonly nas: Nas;
  /** Method and arrival in nanoseconds of the clock that all processes of a machine share. */
  readonly arrivals: { readonly method: string; readonly atNs: string }[];
}

const RUN_SECONDS = 1;
let messages = 0;

async function execute({ nas, arrivals }: RecordedNas, command: NasCommand): Promise<NasReply> {
  switch (command.do) {
    case 'setOnline':
      setOnline(nas, command.taskId, command.online);
      return null;
    case 'run':
      run(nas, command.count);
      return null;
    case 'subscribe':
      await countMessages(command.broker);
      return null;
    case 'forget':
      arrivals.length = 0;
      messages = 0;
      return null;
    case 'received':
      return { arrivals: [...arrivals], forms: nas.requests.slice(-arrivals.length).map(formOf), messages };
  }
}

function setOnline({ state }: Nas, taskId: number, online: boolean): void {
  const [deviceId] = state.task(taskId).deviceIds;
  if (deviceId !== undefined) Object.assign(state.device(deviceId), { online, canBackup: online });
}

function run({ state, clock }: Nas, count: number): void {
  const started: number[] = [];
  for (const { id } of state.tasks) {
    if (started.length < count && isStarted(() => state.startRun(id))) started.push(id);
  }
  clock.advance(RUN_SECONDS);
  for (const id of started) state.endRun(id);
}

/** False when the NAS refuses to start a task: its device is offline. */
function isStarted(start: () => void): boolean {
  try {
    start();
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}

async function countMessages(broker: string): Promise<void> {
  const client = await connectAsync(broker);
  client.on('message', (_topic, _payload, { retain }) => {
    if (!retain) messages += 1;
  });
  await client.subscribeAsync('#', { qos: 0 });
}

function formOf({ url, parameters }: Nas['requests'][number]): { path: string; body: string } {
  return { path: url, body: new URLSearchParams(parameters).toString() };
}

async function start(options: Omit<NasProcessOptions, 'count'>): Promise<RecordedNas> {
  const arrivals: RecordedNas['arrivals'] = [];
  const onRequest = ({ method }: { method: string }): void => {
    arrivals.push({ method, atNs: String(process.hrtime.bigint()) });
  };
  return { nas: await startNas({ ...options, speed: 0, schedules: false, onRequest }), arrivals };
}

async function main(): Promise<void> {
  const { count, ...options } = JSON.parse(process.argv[2] ?? '{}') as NasProcessOptions;
  const all = await Promise.all(Array.from({ length: count }, () => start(options)));
  const reply = async (command: NasCommand, of: number): Promise<void> => {
    const chosen = all[of];
    process.send?.(chosen === undefined ? null : await execute(chosen, command));
  };
  process.on('message', ({ command, of }: { command: NasCommand; of: number }) => void reply(command, of));
  process.on('disconnect', () => process.exit());
  process.send?.(all.map(({ nas }) => nas.url));
}

void main();
