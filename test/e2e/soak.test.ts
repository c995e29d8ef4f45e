import { watch } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { NasEvent } from '../../src/monitor/events';
import { schedule, startNas, type Nas } from '../nas/index';
import { createRandom } from '../nas/random';
import { fastClockEnv } from '../soak/fast-clock';
import { createNodeRedUnderTest, type NodeRedUnderTest } from '../soak/node-red-under-test';
import { Scenario } from '../soak/scenario';
import { tempDir } from '../support/temp-dir';
import { until } from '../support/until';

const BACKUPS = 1000;
const TASKS = 16;
/** How each process of Node-RED ends: five are stopped, five killed, each at a random moment. */
const ENDINGS = ['stop', 'kill', 'kill', 'stop', 'kill', 'stop', 'stop', 'kill', 'kill', 'stop'] as const;
/** Longest random time from the middle of a process's share of backups until its end. */
const LONGEST_WAIT_MS = 1500;
/** Four hours pass in a second on the NAS and in Node-RED: the test covers about a week of a busy NAS. */
const SPEED = 4 * 3600;
/** Between two actions on the NAS, while Node-RED is running and while it is not. */
const PAUSE_MS = 20;
const OFFLINE_PAUSE_MS = 10;

/** An event of a finished backup. */
interface Report {
  /** Of the result. */
  readonly id: number;
  readonly late: boolean;
  /** Index of the process of Node-RED that emitted it. */
  readonly process: number;
}

interface Setup {
  readonly seed: number;
  readonly nas: Nas;
  readonly scenario: Scenario;
  readonly nodeRed: NodeRedUnderTest;
}

/** Nothing happens by itself, and a run lasts until the scenario ends it. */
const QUIET = { schedules: false, runSeconds: 1e7, maxConcurrentDevices: 99 };

/** Starts a NAS with a scenario and a Node-RED; resolves after the first poll. */
async function setUp(): Promise<Setup> {
  const seed = Number(process.env['SOAK_SEED'] ?? 1);
  const startMs = Date.now();
  const nas = await startNas({ tasks: TASKS, seed, speed: SPEED, now: Date.now, ...QUIET });
  onTestFinished(() => nas.close());
  for (const { id } of nas.state.tasks) {
    nas.state.setSchedule(id, schedule());
    nas.state.setOnline(id, true);
  }
  const { path, remove } = await tempDir('soak');
  onTestFinished(remove);
  const nodeRed = await createNodeRedUnderTest(path, nas, await fastClockEnv(path, { startMs, speed: SPEED }));
  onTestFinished(() => nodeRed.end('SIGKILL'));
  await nodeRed.start();
  // The last request of the first poll.
  await until(() => nas.received('list_volume').length > 0);
  return { seed, nas, nodeRed, scenario: new Scenario(nas, seed) };
}

const FINISHED = /^backup_(?:succeeded|partial|failed|cancelled)$/;

/** The finished backups among the events. @param ends number of events at the end of each process */
function reportsIn(events: readonly NasEvent[], ends: readonly number[]): Report[] {
  return events.flatMap(({ event, result, late }, line) => {
    const id = FINISHED.test(event) ? result?.id : null;
    return typeof id === 'number' ? [{ id, late, process: ends.filter((end) => end <= line).length }] : [];
  });
}

/** All reports of a backup but its first one. */
function repeatsIn(reports: readonly Report[]): Report[] {
  const seen = new Set<number>();
  return reports.filter(({ id }) => seen.size === seen.add(id).size);
}

const sorted = (ids: Iterable<number>): number[] => [...ids].sort((one, other) => one - other);

/** Resolves when every finished backup was reported. */
async function allReported({ nas, nodeRed, scenario }: Setup): Promise<void> {
  const missing = async (): Promise<number[]> => {
    const reported = new Set(reportsIn(await nodeRed.events(), []).map(({ id }) => id));
    return scenario.finishedIds.filter((id) => !reported.has(id));
  };
  const polls = nas.received('list').length;
  await vi
    .waitUntil(async () => (await missing()).length === 0, { timeout: 120_000, interval: 50 })
    .catch(async (cause: unknown) => {
      const pollsMeanwhile = nas.received('list').length - polls;
      console.log(await nodeRed.report());
      const lost = await missing();
      for (const each of nas.state.results.filter(({ id }) => lost.includes(id))) {
        const ofTask = (await nodeRed.events()).filter(({ result }) => result?.taskId === each.taskId);
        const ids = ofTask.map(({ event, late, result }) => `${event} ${result?.id ?? ''}${late ? ' late' : ''}`);
        console.log(JSON.stringify(each), ids.join(', '));
      }
      throw new Error(`not reported within ${pollsMeanwhile} polls: ${(await missing()).join(', ')}`, { cause });
    });
}

/** Resolves after one more complete poll. */
async function nextPoll(nas: Nas): Promise<void> {
  const polls = nas.received('list').length;
  await until(() => nas.received('list').length > polls + 1);
}

/** Runs the scenario while Node-RED is ended and started again for each of {@link ENDINGS}. @returns events at each end */
async function runThroughRestarts({ seed, nodeRed, scenario }: Setup): Promise<number[]> {
  const random = createRandom(seed + 1);
  const ends: number[] = [];
  const share = BACKUPS / (ENDINGS.length + 1);
  for (const [index, ending] of ENDINGS.entries()) {
    const upTo = (part: number, pauseMs = PAUSE_MS): Promise<void> =>
      scenario.runUntil(Math.round(share * (index + part)), pauseMs);
    // Most of the share happens while Node-RED is running, some while it is ending, the rest while it is not running.
    await upTo(0.5);
    const ended = sleep(random.integer(0, LONGEST_WAIT_MS)).then(() =>
      nodeRed.end(ending === 'stop' ? 'SIGTERM' : 'SIGKILL'),
    );
    await Promise.all([ended, upTo(0.8)]);
    ends.push((await nodeRed.events()).length);
    await Promise.all([nodeRed.start(), upTo(1, OFFLINE_PAUSE_MS)]);
  }
  await scenario.runUntil(BACKUPS, PAUSE_MS);
  scenario.finish();
  return ends;
}

test(
  `${BACKUPS} backups with faults, restarts and kills: each finished backup is reported exactly once`,
  { timeout: 600_000 },
  async () => {
    const from = performance.now();
    const setup = await setUp();
    const { seed, nas, scenario, nodeRed } = setup;
    console.log(`soak: seed ${seed} (SOAK_SEED=${seed} repeats this run)`);
    const ends = await runThroughRestarts(setup);
    await allReported(setup);
    await nextPoll(nas); // reports nothing more

    const events = await nodeRed.events();
    const reports = reportsIn(events, ends);
    const repeats = repeatsIn(reports);
    const unique = new Set(reports.map(({ id }) => id));
    console.log(
      `soak: ${unique.size} of ${scenario.finishedIds.length} finished backups reported, ` +
        `${reports.filter(({ late }) => late).length} of them late; ` +
        `${repeats.length} reported again after a kill; ${ENDINGS.length + 1} processes of Node-RED, ` +
        `${nas.bootId} starts of the NAS, ${nas.received('login').length} logins; ` +
        `${((performance.now() - from) / 1000).toFixed(0)} s`,
    );
    expect(scenario.finishedIds.length).toBeGreaterThanOrEqual(BACKUPS);
    expect(events.filter(({ text }) => text === '' || text.includes('text.'))).toEqual([]); // in words, no keys
    expect(sorted(unique)).toEqual(scenario.finishedIds);
    // Killed between emitting and saving, Node-RED repeats the events of that one poll, as late ones; no others.
    expect(repeats.filter(({ late }) => !late)).toEqual([]);
    expect(repeats.filter((repeat) => !isAllowed(repeat, reports))).toEqual([]);
  },
);

/** Whether the latest earlier process that reported anything was killed, and had reported the same backup. */
function isAllowed({ id, process }: Report, reports: readonly Report[]): boolean {
  const previous = Math.max(...reports.filter((each) => each.process < process).map((each) => each.process));
  return ENDINGS[previous] === 'kill' && reports.some((each) => each.id === id && each.process === previous);
}

test('killed between emitting and saving, Node-RED repeats the events of that one poll as late ones and loses none', async () => {
  const setup = await setUp();
  const { scenario, nodeRed, nas } = setup;
  nas.state.startRun(TASKS); // so that the NAS is polled every second
  scenario.succeedSome(10);
  await allReported(setup);
  await nextPoll(nas);
  const before = scenario.finishedIds;
  scenario.succeedSome(10);
  await nextWrite(nodeRed.eventFile);
  await nodeRed.end('SIGKILL');
  const ends = [(await nodeRed.events()).length];
  await nodeRed.start();
  await allReported(setup);
  await nextPoll(nas);
  const reports = reportsIn(await nodeRed.events(), ends);
  expect(sorted(new Set(reports.map(({ id }) => id)))).toEqual(scenario.finishedIds);
  const repeats = repeatsIn(reports);
  console.log(`soak: ${repeats.length} of 10 finished backups reported again`);
  expect(repeats.every(({ late, process }) => late && process === 1)).toBe(true);
  expect(repeats.filter(({ id }) => before.includes(id))).toEqual([]);
});

/** Resolves at the next write to a file. */
async function nextWrite(file: string): Promise<void> {
  const stop = new AbortController();
  await new Promise<void>((resolve) => {
    watch(file, { signal: stop.signal }, () => {
      resolve();
    });
  });
  stop.abort();
}
