import { watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { NasEvent } from '../../src/monitor/events';
import { schedule, startNas, type Nas } from '../nas';
import { createRandom } from '../nas/random';
import { fastClockEnv } from '../soak/fast-clock';
import { makeHome, type Home } from '../soak/life';
import { Story } from '../soak/story';
import { tempDir } from '../support/temp-dir';

const BACKUPS = 1000;
const TASKS = 16;
/** How the lives of Node-RED end: five times it is stopped, five times killed, each at a random moment. */
const LIVES = ['stop', 'kill', 'kill', 'stop', 'kill', 'stop', 'stop', 'kill', 'kill', 'stop'] as const;
/** Of this a life ends, on the average, in the middle. */
const LONGEST_WAIT_MS = 1500;
/** Four hours of the NAS and of Node-RED pass in a second: the test is about a week of a busy NAS. */
const SPEED = 4 * 3600;
/** Between two things that happen on the NAS: while Node-RED watches, and while it is away. */
const PACE_MS = 20;
const AWAY_PACE_MS = 10;

interface Told {
  readonly id: number;
  readonly late: boolean;
  /** Index of the life in which it was told. */
  readonly life: number;
}

interface Stage {
  readonly seed: number;
  readonly nas: Nas;
  readonly story: Story;
  readonly home: Home;
  /** The file that the flow writes to. */
  readonly heardFile: string;
}

/** A NAS with its story, and a Node-RED that has had its first look. */
async function stage(): Promise<Stage> {
  const seed = Number(process.env['SOAK_SEED'] ?? Date.now() % 1_000_000);
  const startMs = Date.now();
  const nas = await startNas({ tasks: TASKS, seed, speed: SPEED, now: Date.now, ...QUIET });
  onTestFinished(() => nas.close());
  for (const { id } of nas.state.tasks) {
    nas.state.setSchedule(id, schedule());
    nas.state.setOnline(id, true);
  }
  const { path, remove } = await tempDir('soak');
  onTestFinished(remove);
  const home = await makeHome(path, nas, await fastClockEnv(path, { startMs, speed: SPEED }));
  onTestFinished(() => home.end('SIGKILL'));
  await home.start();
  // The last thing that the first look asks for.
  await vi.waitUntil(() => nas.received('list_volume').length > 0, { timeout: 20_000 });
  return { seed, nas, home, story: new Story(nas, seed), heardFile: join(path, 'heard.jsonl') };
}

/** Nothing happens by itself, and a run lasts until the story ends it. */
const QUIET = { schedules: false, runSeconds: 1e7, maxConcurrentDevices: 99 };
const END = /^backup_(?:succeeded|partial|failed|cancelled)$/;

/** The ends among what was written down. @param lives number of lines that were there when each life ended */
function toldIn(heard: readonly NasEvent[], lives: readonly number[]): Told[] {
  return heard.flatMap(({ event, result, late }, line) => {
    const id = END.test(event) ? result?.id : null;
    return typeof id === 'number' ? [{ id, late, life: lives.filter((end) => end <= line).length }] : [];
  });
}

/** What was told again. */
function repeatsIn(told: readonly Told[]): Told[] {
  const seen = new Set<number>();
  return told.filter(({ id }) => seen.size === seen.add(id).size);
}

const sorted = (ids: Iterable<number>): number[] => [...ids].sort((one, other) => one - other);

async function everyEndTold({ home, story }: Stage): Promise<void> {
  const isTold = async (): Promise<boolean> => {
    const told = new Set(toldIn(await home.heard(), []).map(({ id }) => id));
    return story.ended.every((id) => told.has(id));
  };
  await vi.waitUntil(isTold, { timeout: 40_000, interval: 50 });
}

async function nextLook(nas: Nas): Promise<void> {
  const looks = nas.received('list').length;
  await vi.waitUntil(() => nas.received('list').length > looks + 1, { timeout: 20_000 });
}

test(
  `${BACKUPS} backups, with everything that can go wrong meanwhile: the end of each is told exactly once`,
  { timeout: 240_000 },
  async () => {
    const from = performance.now();
    const here = await stage();
    const { seed, nas, story, home } = here;
    const random = createRandom(seed + 1);
    console.log(`soak: seed ${seed} (SOAK_SEED=${seed} lets the same happen again)`);
    const lives: number[] = [];
    const share = BACKUPS / (LIVES.length + 1);

    for (const [life, ending] of LIVES.entries()) {
      const upTo = (part: number, paceMs = PACE_MS): Promise<void> =>
        story.until(Math.round(share * (life + part)), paceMs);
      // Most of it happens while Node-RED watches, some at the moment of its end, the rest while it is away.
      await upTo(0.5);
      const dying = sleep(random.integer(0, LONGEST_WAIT_MS)).then(() =>
        home.end(ending === 'stop' ? 'SIGTERM' : 'SIGKILL'),
      );
      await Promise.all([dying, upTo(0.8)]);
      lives.push((await home.heard()).length);
      await Promise.all([home.start(), upTo(1, AWAY_PACE_MS)]);
    }
    await story.until(BACKUPS, PACE_MS);
    story.finish();
    await everyEndTold(here);
    await nextLook(nas); // which must bring nothing more

    const heard = await home.heard();
    const told = toldIn(heard, lives);
    const repeats = repeatsIn(told);
    const unique = new Set(told.map(({ id }) => id));
    console.log(
      `soak: ${unique.size} of ${story.ended.length} ends told, ${told.filter(({ late }) => late).length} of them late; ` +
        `${repeats.length} told again after a kill; ${LIVES.length + 1} lives of Node-RED, ${nas.bootId} of the NAS, ` +
        `${nas.received('login').length} logins; ${((performance.now() - from) / 1000).toFixed(0)} s`,
    );
    expect(story.ended.length).toBeGreaterThanOrEqual(BACKUPS);
    expect(heard.filter(({ text }) => text === '' || text.includes('text.'))).toEqual([]); // in words, no keys
    expect(sorted(unique)).toEqual(story.ended);
    // Killed between telling and noting, Node-RED repeats what that one look brought, as late; nothing else may come twice.
    expect(repeats.filter(({ late }) => !late)).toEqual([]);
    expect(repeats.filter((again) => !isExcused(again, told))).toEqual([]);
  },
);

/** Whether the life that told it before was killed, and the ones between, if any, had nothing to tell. */
function isExcused({ id, life }: Told, told: readonly Told[]): boolean {
  const before = Math.max(...told.filter((each) => each.life < life).map((each) => each.life));
  return LIVES[before] === 'kill' && told.some((each) => each.id === id && each.life === before);
}

test('killed in the instant between telling and noting, Node-RED repeats that one look’s ends as late, and loses none', async () => {
  const here = await stage();
  const { story, home, nas } = here;
  nas.state.startRun(TASKS); // so that it looks often
  story.endSome(10);
  await everyEndTold(here);
  await nextLook(nas);
  const before = story.ended;
  story.endSome(10);
  await nextWrite(here.heardFile);
  await home.end('SIGKILL');
  const lives = [(await home.heard()).length];
  await home.start();
  await everyEndTold(here);
  await nextLook(nas);
  const told = toldIn(await home.heard(), lives);
  expect(sorted(new Set(told.map(({ id }) => id)))).toEqual(story.ended);
  const repeats = repeatsIn(told);
  console.log(`soak: ${repeats.length} of 10 ends told again`);
  expect(repeats.every(({ late, life }) => late && life === 1)).toBe(true);
  expect(repeats.filter(({ id }) => before.includes(id))).toEqual([]);
});

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
