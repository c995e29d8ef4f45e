import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FlowNode } from '../../scripts/demo/flow';
import { startNas, type Nas } from '../nas/index';
import { createRandom } from '../nas/random';
import type { NodeRed } from '../support/node-red';
import { coreNodesBut } from '../support/node-red-package';
import { startPacked } from '../support/packed';
import { until } from '../support/until';

const TASKS = 20;
const SEED = Number(process.env['SEED'] ?? 14);
/** Kills of Node-RED at random moments. */
const KILLS = Number(process.env['KILLS'] ?? 4);

/** A message of output 1 or of the Catch node, as the flow appends it to a file. */
interface End {
  readonly mine: string;
  readonly task?: number;
  readonly status?: string;
  readonly error?: string;
  readonly resumed?: boolean;
}

/** Appends within the call that delivers the message, so that the line is on disk even if the process is killed next. */
const APPEND = `const { mine, payload, result, error, resumed } = msg;
fs.appendFileSync(env.get('END_FILE'), JSON.stringify({ mine, task: payload?.id, status: result?.status, error: error?.message, resumed }) + '\\n');`;

let nodeRed: NodeRed;
let nas: Nas;
let endFile: string;
const cleanups: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  const packed = await startPacked('kill', {
    nodesExcludes: coreNodesBut('10-function.js', '20-inject.js', '25-catch.js'),
  });
  cleanups.push(() => packed.stop());
  nodeRed = packed.nodeRed;
  endFile = join(packed.userDir, 'ends.jsonl');
  appendFileSync(endFile, '');
  nas = await startNas({ schedules: false, tasks: TASKS, maxConcurrentDevices: TASKS, runSeconds: 36_000, speed: 60 });
  cleanups.push(() => nas.close());
  for (const { id } of nas.state.tasks) {
    nas.state.setOnline(id, true);
    nas.state.setOutcome(id, 'success');
  }
  await nodeRed.deploy(flow());
});
afterAll(async () => {
  for (const cleanUp of cleanups.reverse()) await cleanUp();
});

/** inject → task backup → file; its errors too. */
function flow(): FlowNode[] {
  const place = { z: 'tab', x: 100, y: 100 };
  const { host, port } = nas;
  const address = { host, port, https: false, activePollInterval: 1, pollInterval: 5 };
  const credentials = { username: 'admin', password: 'synology' };
  const chosen = { tasks: 'task', tasksType: 'msg', wait: true };
  const append = { type: 'function', func: APPEND, libs: [{ var: 'fs', module: 'fs' }], outputs: 0, wires: [] };
  return [
    { id: 'tab', type: 'tab', label: 'kill', env: [{ name: 'END_FILE', value: endFile, type: 'str' }] },
    { id: 'nas', type: 'active-backup-nas', name: 'NAS', ...address, credentials },
    { ...place, id: 'inject', type: 'inject', props: [], repeat: '', crontab: '', once: false, wires: [['backup']] },
    { ...place, id: 'backup', type: 'active-backup-task-backup', nas: 'nas', ...chosen, wires: [['append'], []] },
    { ...place, id: 'catch', type: 'catch', scope: ['backup'], wires: [['append']] },
    { ...place, id: 'append', ...append },
  ];
}

async function send(properties: Readonly<Record<string, string | number>>): Promise<void> {
  const props = Object.entries(properties).map(([p, v]) => ({ p, v, vt: typeof v === 'number' ? 'num' : 'str' }));
  const response = await fetch(`${nodeRed.url}inject/inject`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ __user_inject_props__: props }),
  });
  expect(response.status).toBe(200);
}

const ends = (): End[] =>
  readFileSync(endFile, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as End);
const starts = (): number[] =>
  nas.received('backup').flatMap(({ parameters }) => JSON.parse(parameters['task_ids'] ?? '') as number[]);
const stored = (): readonly { readonly tasks: readonly { readonly id: number; readonly phase: string }[] }[] => {
  const file = join(endFile, '..', 'active-backup', 'backup.json');
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, 'utf8')) as { requests: ReturnType<typeof stored> }).requests;
};
const phases = (): string[] => stored().flatMap(({ tasks }) => tasks.map(({ phase }) => phase));

test('after kill -9 the ends of twenty followed backups arrive once each, with their messages, and no start is repeated', async () => {
  const ids = nas.state.tasks.map(({ id }) => id);
  for (const id of ids) await send({ task: id, mine: `of ${id}` });
  await until(() => phases().filter((phase) => phase === 'accepted').length === TASKS);
  await nodeRed.kill();
  for (const id of ids.slice(0, TASKS / 2)) nas.state.endRun(id); // while Node-RED is down
  await nodeRed.start();
  for (const id of ids.slice(TASKS / 2)) nas.state.endRun(id);
  await until(() => ends().length >= TASKS && stored().length === 0);
  const expected = ids.map((id) => ({ mine: `of ${id}`, task: id, status: 'success', resumed: true }));
  expect(ends().sort((one, other) => (one.task ?? 0) - (other.task ?? 0))).toEqual(expected);
  expect(starts().sort((one, other) => one - other)).toEqual(ids);
});

test(
  `after ${KILLS} kills at random moments every message that was accepted has its end (seed ${SEED})`,
  { timeout: 60_000 + 30_000 * KILLS },
  async () => {
    const random = createRandom(SEED);
    const ids = nas.state.tasks.map(({ id }) => id);
    let number = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const before = { starts: starts().length, ends: ends().length };
      const sending = ids.slice(0, 8).map(async (task) => {
        await sleep(random.integer(0, 60));
        // A message that Node-RED has not received yet when it is killed has no end.
        await send({
          task,
          mine: `${round} ${task} ${(number += 1)}`,
          startWhen: random.pick(['now', 'online']),
        }).catch(() => undefined);
      });
      await sleep(random.integer(0, 250));
      await nodeRed.kill();
      await Promise.all(sending);
      await nodeRed.start();
      await sleep(random.integer(0, 500));
      for (const { taskId } of nas.state.runs) nas.state.endRun(taskId);
      // A start that was being sent at the kill, and that the NAS has not received, becomes an error after ten seconds.
      await until(() => stored().length === 0, { timeout: 40_000 });
      await until(() => {
        for (const { taskId } of nas.state.runs) nas.state.endRun(taskId);
        return nas.state.runs.length === 0;
      });
      const started = starts().slice(before.starts);
      expect(new Set(started).size, `starts in round ${round}`).toBe(started.length);
      const ended = ends().slice(before.ends);
      const endedTasks = ended.map(({ mine }) => Number(mine.split(' ')[1]));
      expect(endedTasks, `ends in round ${round}`).toEqual(expect.arrayContaining(started));
      expect(new Set(ended.map(({ mine }) => mine)).size, `ends in round ${round}`).toBe(ended.length);
      for (const { mine, task, error } of ended) if (error === undefined) expect(mine.split(' ')[1]).toBe(String(task));
    }
  },
);
