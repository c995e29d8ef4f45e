import { watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { NasEvent } from '../../src/monitor/events';
import { schedule, startNas } from '../nas';
import { createRandom } from '../nas/random';
import { fastClockEnv } from '../soak/fast-clock';
import { makeHome, type Home } from '../soak/life';
import { Story } from '../soak/story';
import type { Program } from '../support/program';
import { tempDir } from '../support/temp-dir';

const BACKUPS = 1000;
const TASKS = 16;
/** How each life of Node-RED ends: five times it is stopped, five times killed, at a random moment or just when it told something. */
const LIVES = [
  'stop',
  'kill',
  'kill-telling',
  'stop',
  'kill-telling',
  'stop',
  'kill',
  'kill-telling',
  'stop',
  'stop',
] as const;
/** Four hours of the NAS and of Node-RED pass in a second: the test is about two weeks of a busy NAS. */
const SPEED = 4 * 3600;
const PACE_MS = 8;

interface Told {
  readonly id: number;
  readonly late: boolean;
  /** Index of the life in which it was told. */
  readonly life: number;
}

const END = /^backup_(?:succeeded|partial|failed|cancelled)$/;

test(
  `${BACKUPS} backups, with everything that can go wrong meanwhile: the end of each is told exactly once`,
  { timeout: 240_000 },
  async () => {
    const seed = Number(process.env['SOAK_SEED'] ?? Date.now() % 1_000_000);
    console.log(`soak: seed ${seed} (SOAK_SEED=${seed} repeats what happens on the NAS)`);
    const startMs = Date.now();
    const nas = await startNas({
      tasks: TASKS,
      seed,
      speed: SPEED,
      now: Date.now,
      schedules: false,
      runSeconds: 1e7,
      maxConcurrentDevices: 99,
    });
    onTestFinished(() => nas.close());
    for (const { id } of nas.state.tasks) {
      nas.state.setSchedule(id, schedule());
      nas.state.setOnline(id, true);
    }
    const { path, remove } = await tempDir('soak');
    onTestFinished(remove);
    const home = await makeHome(path, nas, await fastClockEnv(path, { startMs, speed: SPEED }));
    const story = new Story(nas, seed);
    const random = createRandom(seed + 1);
    const lifeEnds: number[] = [];
    let program = await home.start();
    onTestFinished(async () => {
      await program.end('SIGKILL');
    });
    await vi.waitUntil(() => nas.received('list_volume').length > 0, { timeout: 10_000 });

    const share = BACKUPS / (LIVES.length + 1);
    for (const [life, ending] of LIVES.entries()) {
      // Half of a life's share happens while it starts, or before, the rest while it watches.
      await story.until(Math.round(share * (life + 1)), PACE_MS);
      if (ending === 'kill-telling') story.endOne();
      await endLife(program, ending, path, random.integer(0, 1200));
      lifeEnds.push((await home.heard()).length);
      const [next] = await Promise.all([home.start(), story.until(Math.round(share * (life + 1.5)), PACE_MS)]);
      program = next;
    }
    await story.until(BACKUPS, PACE_MS);
    story.finish();
    await everyEndHeard(home, story);
    // One more look, which must bring nothing.
    const looks = nas.received('list').length;
    await vi.waitUntil(() => nas.received('list').length > looks + 1, { timeout: 20_000 });

    const told = (await home.heard()).flatMap((event, line) =>
      toldOf(event, lifeEnds.filter((end) => end <= line).length),
    );
    const repeats = told.filter(({ id }, index) => told.findIndex((other) => other.id === id) !== index);
    const unique = new Set(told.map(({ id }) => id));
    const realSeconds = ((Date.now() - startMs) / 1000).toFixed(0);
    console.log(
      `soak: ${unique.size} of ${story.ended.length} ends told, ${told.filter(({ late }) => late).length} of them late, ` +
        `${repeats.length} repeated after a kill, in ${LIVES.length + 1} lives, ${nas.bootId - 1} restarts of the NAS, ` +
        `${nas.received('login').length} logins, ${realSeconds} s`,
    );
    expect([...unique].sort((one, other) => one - other)).toEqual(story.ended);
    expect(story.ended.length).toBeGreaterThanOrEqual(BACKUPS);
    // A process killed between telling and noting may repeat that one look's events, as late ones; nothing else may.
    const excused = repeats.filter(({ id, late, life }) => {
      const before = LIVES[life - 1];
      return late && before?.startsWith('kill') && told.some((first) => first.id === id && first.life === life - 1);
    });
    expect(repeats).toEqual(excused);
  },
);

function toldOf({ event, result, late }: NasEvent, life: number): Told[] {
  const id = END.test(event) ? result?.id : null;
  return typeof id === 'number' ? [{ id, late, life }] : [];
}

async function endLife(
  program: Program,
  ending: (typeof LIVES)[number],
  folder: string,
  waitMs: number,
): Promise<void> {
  if (ending === 'kill-telling') await nextWrite(join(folder, 'heard.jsonl'));
  else await sleep(waitMs);
  await program.end(ending === 'stop' ? 'SIGTERM' : 'SIGKILL');
}

/** Resolves the moment something is written to a file. */
async function nextWrite(file: string): Promise<void> {
  const stop = new AbortController();
  await new Promise<void>((resolve) => {
    watch(file, { signal: stop.signal }, () => {
      resolve();
    });
  });
  stop.abort();
}

async function everyEndHeard(home: Home, story: Story): Promise<void> {
  const missing = async (): Promise<number> => {
    const heard = new Set((await home.heard()).map(({ result }) => result?.id));
    return story.ended.filter((id) => !heard.has(id)).length;
  };
  await vi.waitUntil(async () => (await missing()) === 0, { timeout: 30_000, interval: 200 }).catch(() => undefined);
}
