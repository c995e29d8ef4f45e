import { mkdirSync, writeFileSync } from 'node:fs';
import { Session, type Profiler } from 'node:inspector';
import { dirname } from 'node:path';

const INTERVAL_US = 200;
const LINES = 40;

/**
 * Runs work under V8's sampling profiler. Writes `<path>.cpuprofile`, which browsers open, and prints the functions with the
 * most time.
 * @param times how often `work` repeats what is measured: the printed times are divided by it
 */
export async function profiled(path: string, times: number, work: () => Promise<void>): Promise<void> {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  session.post('Profiler.start');
  await work();
  const profile = await new Promise<Profiler.Profile>((resolve, reject) => {
    session.post('Profiler.stop', (error, result) => {
      if (error === null) resolve(result.profile);
      else reject(error);
    });
  });
  session.disconnect();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.cpuprofile`, JSON.stringify(profile));
  console.log(`${path}: milliseconds of each function, with those it calls, and its own\n${summary(profile, times)}`);
}

function summary(profile: Profiler.Profile, times: number): string {
  const { own, total } = timesOf(profile);
  return [...total]
    .filter(([name]) => !/^\((?:idle|root|program)\)/.test(name))
    .sort((a, b) => b[1] - a[1])
    .slice(0, LINES)
    .map(([name, us]) => {
      const [all, alone] = [us, own.get(name) ?? 0].map((each) => (each / 1000 / times).toFixed(2).padStart(10));
      return `${all ?? ''}${alone ?? ''}  ${name}`;
    })
    .join('\n');
}

/** Microseconds by function: alone, and with the functions it calls. */
function timesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): {
  own: Map<string, number>;
  total: Map<string, number>;
} {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const file = url.slice(url.lastIndexOf('/') + 1);
      return [id, `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`];
    }),
  );
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const own = new Map<string, number>();
  const total = new Map<string, number>();
  const add = (to: Map<string, number>, name: string, us: number): void => void to.set(name, (to.get(name) ?? 0) + us);
  for (const [index, sample] of samples.entries()) {
    const us = timeDeltas[index] ?? 0;
    add(own, names.get(sample) ?? '', us);
    const stack = new Set<string>();
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) stack.add(names.get(id) ?? '');
    for (const name of stack) add(total, name, us);
  }
  return { own, total };
}
