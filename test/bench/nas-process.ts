// The simulated NASes of the bench, in a process of their own: their work must not count. Started by `startNasProcess`.
// Their clocks stand still and no schedule starts a task, so nothing changes between two polls but what a command changes.
import { startNas, type Nas } from '../nas';
import type { NasCommand, NasProcessOptions, NasReply } from './nas-client';

/** The requests of each NAS: method and arrival in nanoseconds of the clock that all processes of a machine share. */
type Arrivals = { readonly method: string; readonly atNs: string }[];

const RUN_SECONDS = 1;

function execute(nas: Nas, arrivals: Arrivals, command: NasCommand): NasReply {
  switch (command.do) {
    case 'setOnline':
      nas.state.setOnline(command.taskId, command.online);
      return null;
    case 'run':
      for (const id of command.taskIds) nas.state.startRun(id);
      nas.clock.advance(RUN_SECONDS);
      for (const id of command.taskIds) nas.state.endRun(id);
      return null;
    case 'forget':
      arrivals.length = 0;
      return null;
    case 'arrivals':
      return { arrivals: [...arrivals], forms: nas.requests.slice(-arrivals.length).map(formOf) };
  }
}

function formOf({ url, parameters }: Nas['requests'][number]): { path: string; body: string } {
  return { path: url, body: new URLSearchParams(parameters).toString() };
}

async function main(): Promise<void> {
  const { count, ...options } = JSON.parse(process.argv[2] ?? '{}') as NasProcessOptions;
  const all = await Promise.all(
    Array.from({ length: count }, async () => {
      const arrivals: Arrivals = [];
      const onRequest = ({ method }: { method: string }): void => {
        arrivals.push({ method, atNs: String(process.hrtime.bigint()) });
      };
      return { nas: await startNas({ ...options, speed: 0, schedules: false, onRequest }), arrivals };
    }),
  );
  process.on('message', ({ command, of }: { command: NasCommand; of: number }) => {
    const chosen = all[of];
    process.send?.(chosen === undefined ? null : execute(chosen.nas, chosen.arrivals, command));
  });
  process.on('disconnect', () => process.exit());
  process.send?.(all.map(({ nas }) => nas.url));
}

void main();
