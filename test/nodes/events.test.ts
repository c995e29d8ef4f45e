import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeAPI } from 'node-red';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import eventsNode from '../../nodes/events/events';
import type { NasEvent } from '../../src/monitor/events';
import { EVENTS } from '../../src/monitor/events';
import { getNas } from '../../src/node-red/nas-registry';
import type { Message } from '../../src/node-red/types';
import { schedule, type Nas, type NasOptions } from '../nas';
import { tempDir } from '../support/temp-dir';
import { flowOf, helper, load, nasConfig, simulatedNas, type Flow, type FlowNode } from './support';

type Properties = Record<string, unknown>;
type Payload = NasEvent & { nas: { id: string; name: string }; text: string };

const LONGEST_POLL = 86_400;
/** The NAS is looked at when a test says so, not by the clock. */
const BY_HAND = { pollInterval: LONGEST_POLL, activePollInterval: 3600 };

interface EventsFlow extends Flow {
  readonly nas: Nas;
  /** What has come out so far, `backup_failed 12`, and is not asked for again. */
  heard(): string[];
  /** Looks at the NAS once more. */
  look(): Promise<void>;
  /** Looks until something comes out. */
  next(): Promise<string[]>;
}

/** Node-RED's own folder, for the life of a test. */
async function userDir(): Promise<string> {
  const { path, remove } = await tempDir('events');
  onTestFinished(remove);
  helper.settings({ userDir: path });
  return path;
}

/** A NAS whose clock stands still, and on which nothing runs by itself. */
async function quietNas(options: NasOptions = {}): Promise<Nas> {
  const nas = await simulatedNas({ speed: 0, schedules: false, ...options });
  for (const { id } of nas.state.tasks) nas.state.setSchedule(id, schedule());
  return nas;
}

/** An events node of that NAS in a runtime. @param nodes further nodes of the flow */
async function open(nas: Nas, properties: Properties = {}, nodes: readonly FlowNode[] = []): Promise<EventsFlow> {
  const node = { type: 'active-backup-events', ...properties };
  const before = nas.received('list_volume').length;
  const flow = await load([eventsNode], [...flowOf(node, [nasConfig(nas, BY_HAND)]), ...nodes]);
  const connection = getNas({ nodes: helper } as unknown as NodeAPI, 'nas');
  let taken = 0;
  const heard = (): string[] => {
    const messages = (flow.out[0] ?? []).slice(taken);
    taken += messages.length;
    return messages.map(named);
  };
  const look = async (): Promise<void> => {
    // Someone who follows a run wants to see it at once.
    await new Promise<void>((resolve) => {
      const stop = connection.poller.subscribe(
        () => {
          setImmediate(resolve);
          stop();
        },
        { fast: true },
      );
    });
  };
  // The last thing that the first look asks for.
  await vi.waitUntil(() => nas.received('list_volume').length > before, { interval: 2, timeout: 5000 });
  await look();
  return {
    ...flow,
    nas,
    heard,
    look,
    next: async () => {
      await look();
      await vi.waitUntil(() => (flow.out[0]?.length ?? 0) > taken, { interval: 2, timeout: 5000 });
      await look();
      return heard();
    },
  };
}

async function events(properties: Properties = {}, options: NasOptions = {}): Promise<EventsFlow> {
  await userDir();
  return open(await quietNas(options), properties);
}

const payloadOf = (msg: Message | undefined): Payload => msg?.payload as Payload;

function named(msg: Message): string {
  const { event, result, device, task, storage } = payloadOf(msg);
  expect(msg.topic).toBe(event);
  return `${event} ${result?.id ?? device?.name ?? task?.name ?? storage?.shareName ?? ''}`.trim();
}

/** Runs a task to its end. @returns the id of the result */
function run(nas: Nas, taskId: number, outcome: Parameters<Nas['state']['endRun']>[1] = 'success'): number {
  nas.state.startRun(taskId);
  nas.clock.advance(60);
  nas.state.endRun(taskId, outcome);
  return nas.state.resultsOf(taskId).at(-1)!.id;
}

const fill = (nas: Nas, percent: number): void => {
  for (const volume of nas.state.volumes) volume.usedBytes = Math.floor((volume.totalBytes * percent) / 100);
};

describe('the first start on a NAS', () => {
  test('emits nothing of the past, whatever it was', async () => {
    await userDir();
    const nas = await quietNas();
    for (const id of [1, 2, 3]) run(nas, id, 'failed');
    nas.state.startRun(4);
    const flow = await open(nas);
    await flow.look();
    expect(flow.heard()).toEqual([]);
    expect(flow.caught).toEqual([]);
    expect(flow.statuses.at(-1)).toMatchObject({ fill: 'grey', text: expect.stringMatching(/idle$/) as string });
  });

  test('writes down what there is, below active-backup/ of Node-RED’s folder', async () => {
    const path = await userDir();
    await open(await quietNas());
    expect(await readdir(join(path, 'active-backup'))).toEqual(['nas.json']);
  });
});

describe('an event', () => {
  test('of an end says when, where, which task and result, and all that in words', async () => {
    const flow = await events();
    const { name } = flow.nas.state.task(4);
    const id = run(flow.nas, 4, 'failed');
    expect(await flow.next()).toEqual([`backup_failed ${id}`]);
    const payload = payloadOf(flow.out[0]?.[0]);
    expect(payload).toMatchObject({
      event: 'backup_failed',
      at: new Date(Math.floor(flow.nas.clock.now()) * 1000).toISOString(),
      nas: { id: flow.nas.state.serialNumber.toLowerCase(), name: 'NAS' },
      task: { id: 4, name, state: 'idle' },
      result: { id, taskId: 4, status: 'failed', reason: expect.stringMatching(/no permission/) as string },
      late: false,
    });
    expect(payload.text).toMatch(/backup_failed.*no permission/);
  });

  test('travels as a copy: what a flow does to it changes nothing for others', async () => {
    const flow = await events();
    run(flow.nas, 1);
    await flow.next();
    const first = payloadOf(flow.out[0]?.[0]);
    (first.task as { name: string }).name = 'changed';
    flow.nas.state.startRun(1);
    flow.nas.clock.advance(60);
    await flow.next();
    expect(payloadOf(flow.out[0]?.at(-1)).task?.name).toBe(flow.nas.state.task(1).name);
  });

  test('of every kind', async () => {
    const flow = await events({ events: [...EVENTS] }, { runSeconds: 7200 });
    const { nas } = flow;
    const told = new Set<string>();
    const see = async (change: () => void): Promise<void> => {
      change();
      nas.clock.advance(60);
      for (const event of await flow.next()) told.add(event.split(' ')[0] ?? '');
    };
    const wasOnline = nas.state.device(nas.state.task(1).deviceIds[0]!).online;
    await see(() => nas.state.startRun(2));
    await see(() => nas.state.endRun(2, 'success'));
    await see(() => run(nas, 2, 'partial'));
    await see(() => run(nas, 2, 'failed'));
    await see(() => run(nas, 2, 'cancelled'));
    await see(() => nas.state.setOnline(1, !wasOnline));
    await see(() => nas.state.setOnline(1, wasOnline));
    await see(() => nas.state.addTask({ name: 'New' }));
    nas.state.removeTask(3);
    for (let looks = 0; looks < 2; looks += 1) await flow.look(); // one answer without it does not say that it is gone
    await see(() => undefined);
    expect([...told].sort()).toEqual(
      EVENTS.filter((event) => !/overdue|recovered|refused|storage|^nas/.test(event)).sort(),
    );
  });

  test(
    'of a NAS that gave no answer twice, and of its return, with the reason and the length',
    { timeout: 20_000 },
    async () => {
      const flow = await events();
      const undo = flow.nas.fail({ do: 'refuse', code: 103 });
      await flow.look();
      expect(flow.heard()).toEqual([]);
      expect(flow.statuses.at(-1)).toMatchObject({
        fill: 'red',
        text: expect.stringMatching(/not-supported$/) as string,
      });
      expect(await flow.next()).toEqual(['nas_offline']);
      expect(payloadOf(flow.out[0]?.[0])).toMatchObject({ error: { code: 'EUNSUPPORTED' }, nas: { name: 'NAS' } });
      undo();
      expect(await flow.next()).toEqual(['nas_online']);
      expect(payloadOf(flow.out[0]?.[1])).toMatchObject({ outageSeconds: expect.any(Number) as number });
      expect(flow.statuses.at(-1)).toMatchObject({ fill: 'green' });
    },
  );
});

describe('the node lets through', () => {
  test('everything but progress, unless events are chosen', async () => {
    const flow = await events({}, { runSeconds: 7200 });
    const { name } = flow.nas.state.task(1);
    flow.nas.state.startRun(1);
    flow.nas.clock.advance(60);
    expect(await flow.next()).toEqual([`backup_started ${name}`]);
    flow.nas.clock.advance(60);
    await flow.look();
    flow.nas.state.endRun(1, 'success');
    expect((await flow.next()).map((event) => event.split(' ')[0])).toEqual(['backup_succeeded']);
  });

  test('progress, when it is chosen, and shows it', async () => {
    const flow = await events({ events: ['backup_progress'] }, { runSeconds: 600 });
    flow.nas.state.startRun(1);
    for (const percent of [20, 40]) {
      flow.nas.clock.advance(percent === 20 ? 122 : 120);
      await flow.next();
      expect(payloadOf(flow.out[0]?.at(-1)).task?.progress?.percent).toBeCloseTo(percent, -1);
      expect(flow.statuses.at(-1)).toMatchObject({
        fill: 'blue',
        shape: 'dot',
        text: expect.stringMatching(/%/) as string,
      });
    }
    expect(new Set(flow.out[0]?.map(({ topic }) => topic))).toEqual(new Set(['backup_progress']));
  });

  test.each<[string, Properties, RegExp]>([
    ['chosen events', { events: ['backup_failed', 'task_added'] }, /^backup_failed \d+,task_added New$/],
    [
      'chosen events, as an import may have them',
      { events: ' backup_failed , task_added' },
      /^backup_failed \d+,task_added New$/,
    ],
    [
      'tasks by their exact names',
      { events: ['backup_succeeded', 'backup_failed'], tasks: ['First'] },
      /^backup_succeeded \d+$/,
    ],
    [
      'tasks by globs, whatever the case',
      { events: ['backup_succeeded', 'backup_failed'], tasks: ['f*T', 'nobody'] },
      /^backup_succeeded \d+$/,
    ],
    [
      'tasks as an import may have them',
      { events: ['backup_succeeded', 'backup_failed'], tasks: 'first, sec*' },
      /^backup_succeeded \d+,backup_failed \d+$/,
    ],
    [
      'what is about no task, whichever tasks are chosen',
      { events: ['task_added', 'nas_offline'], tasks: ['First'] },
      /^$/,
    ],
  ])('%s', async (_name, properties, expected) => {
    await userDir();
    const nas = await quietNas();
    nas.state.task(1).name = 'First';
    nas.state.task(2).name = 'Second';
    const flow = await open(nas, properties);
    run(nas, 1, 'success');
    run(nas, 2, 'failed');
    nas.state.addTask({ name: 'New' });
    await flow.look();
    await flow.look();
    await vi.waitUntil(() => nas.received('list_result').length > 1, { interval: 2 });
    await flow.look();
    await flow.look();
    expect(flow.heard().join()).toMatch(expected);
  });

  test('storages below its own limit', async () => {
    await userDir();
    const nas = await quietNas();
    fill(nas, 85);
    const second = {
      ...flowOf({ type: 'active-backup-events' }, [])[1]!,
      id: 'n2',
      storageLowPercent: '20',
      wires: [['out1']],
    };
    const sink: FlowNode = { id: 'out1', type: 'helper', z: 'flow', name: '', wires: [] };
    const flow = await open(nas, {}, [second, sink]);
    await vi.waitUntil(() => (flow.out[1]?.length ?? 0) > 0, { interval: 2 });
    expect(new Set(flow.out[1]?.map(({ topic }) => topic))).toEqual(new Set(['storage_low']));
    expect(payloadOf(flow.out[1]?.[0])).toMatchObject({
      storage: { volume: { usedPercent: expect.closeTo(85, 0) as number } },
    });
    expect(flow.out[0]).toEqual([]);
  });
});

test('ten nodes on one NAS: all hear it, and it is asked as by one', async () => {
  await userDir();
  const nas = await quietNas();
  const more = Array.from({ length: 9 }, (_, index) => [
    { ...flowOf({ type: 'active-backup-events' }, [])[1]!, id: `n${index + 1}`, wires: [[`out${index + 1}`]] },
    { id: `out${index + 1}`, type: 'helper', z: 'flow', name: '', wires: [] },
  ]).flat();
  const flow = await open(nas, {}, more);
  const lists = nas.received('list').length;
  const id = run(nas, 4, 'failed');
  await flow.next();
  for (const out of flow.out) expect(out.map(named)).toEqual([`backup_failed ${id}`]);
  expect(flow.out).toHaveLength(10);
  const counts = ['login', 'list_result', 'list_result_detail', 'list_volume'].map(
    (method) => nas.received(method).length,
  );
  expect(counts).toEqual([1, 2, 1, 1]);
  expect(nas.received('list').length - lists).toBeLessThanOrEqual(3);
});

describe('redeploys', () => {
  test('30 of them: each end once, one login and one watch each, nothing left', { timeout: 60_000 }, async () => {
    await userDir();
    const nas = await quietNas();
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const told: string[] = [];
    const ids: number[] = [];
    let flow = await open(nas);
    await helper.unload();
    const before = timers();
    for (let i = 0; i < 30; i += 1) {
      ids.push(run(nas, 1 + (i % 3), i % 4 === 0 ? 'failed' : 'success'));
      const lists = nas.received('list', 'SYNO.ActiveBackup.Task').length;
      flow = await open(nas);
      await vi.waitUntil(() => (flow.out[0]?.length ?? 0) > 0, { interval: 2, timeout: 5000 });
      expect(flow.out[0]?.every((msg) => payloadOf(msg).late)).toBe(true);
      ids.push(run(nas, 1 + (i % 3)));
      await flow.look();
      await vi.waitUntil(() => (flow.out[0]?.length ?? 0) > 1, { interval: 2, timeout: 5000 });
      told.push(...flow.heard());
      expect(nas.received('list', 'SYNO.ActiveBackup.Task').length - lists).toBeLessThanOrEqual(4);
      expect(nas.sessions).toBe(1);
      await helper.unload();
      expect(nas.sessions).toBe(0);
    }
    expect(told.map((event) => Number(event.split(' ')[1]))).toEqual(ids);
    expect(nas.received('login')).toHaveLength(31);
    await vi.waitUntil(() => timers() <= before, { timeout: 5000 });
  });

  test('of the events node alone keep the session and tell nothing twice', async () => {
    const flow = await events();
    const ids = [run(flow.nas, 1)];
    await flow.next();
    const changed = flowOf({ type: 'active-backup-events', name: 'renamed' }, [nasConfig(flow.nas, BY_HAND)]);
    ids.push(run(flow.nas, 2));
    await helper.setFlows(changed, 'nodes');
    await vi.waitUntil(() => (flow.out[0]?.length ?? 0) > 1, { interval: 2, timeout: 5000 });
    expect(flow.out[0]?.map(named)).toEqual(ids.map((id) => `backup_succeeded ${id}`));
    expect(flow.nas.received('login')).toHaveLength(1);
  });

  test('what happened meanwhile comes late, a damaged file is set aside with a warning and is a new baseline', async () => {
    const path = await userDir();
    const nas = await quietNas();
    await open(nas);
    await helper.unload();
    await writeFile(join(path, 'active-backup', 'nas.json'), '{"version":1,');
    run(nas, 1, 'failed');
    const flow = await open(nas);
    expect(flow.heard()).toEqual([]);
    const warnings = (helper.log().args as [{ level: number; msg: unknown }][]).map(([{ msg }]) => String(msg));
    expect(warnings.filter((text) => text.includes('is damaged'))).toHaveLength(1);
    expect(await readdir(join(path, 'active-backup'))).toEqual(['nas.json', 'nas.json.damaged']);
    const id = run(nas, 1);
    expect(await flow.next()).toEqual([`backup_succeeded ${id}`]);
  });

  test('a folder that cannot be written to is a warning, and the events come all the same', async () => {
    const path = await userDir();
    await writeFile(join(path, 'active-backup'), '');
    const flow = await open(await quietNas());
    const id = run(flow.nas, 1);
    expect(await flow.next()).toEqual([`backup_succeeded ${id}`]);
    const warnings = (helper.log().args as [{ msg: unknown }][]).map(([{ msg }]) => String(msg));
    expect(warnings.join()).toMatch(/cannot be stored/);
  });
});

describe('a node that cannot work says so under itself and to Catch', () => {
  test.each<[string, Properties, Properties, RegExp]>([
    ['no NAS is chosen', { nas: '' }, {}, /No NAS is chosen/],
    ['the NAS was deleted', { nas: 'gone' }, {}, /does not exist any more/],
    ['the NAS has no address', {}, { host: '' }, /host/i],
    ['an event that does not exist', { events: ['backup_exploded'] }, {}, /no event "backup_exploded"/],
    ['a limit that is none', { storageLowPercent: 'low' }, {}, /storageLowPercent/],
    ['a limit above 100', { storageLowPercent: 101 }, {}, /storageLowPercent/],
  ])('%s', async (_name, properties, nasProperties, message) => {
    await userDir();
    const nas = await quietNas();
    const node = { type: 'active-backup-events', ...properties };
    const flow = await load([eventsNode], flowOf(node, [nasConfig(nas, nasProperties)]));
    await vi.waitUntil(() => flow.caught.length > 0, { interval: 2 });
    expect(flow.caught).toHaveLength(1);
    expect(flow.caught[0]?.error).toMatchObject({ code: 'ECONFIG', message: expect.stringMatching(message) as string });
    expect(nas.requests).toEqual([]);
  });

  test('a wrong password: one login, one error, and the reason under the node', async () => {
    await userDir();
    const nas = await quietNas();
    const flow = await load(
      [eventsNode],
      flowOf({ type: 'active-backup-events' }, [nasConfig(nas, { activePollInterval: 1 })]),
      {
        nas: { username: 'admin', password: 'wrong' },
      },
    );
    await vi.waitUntil(() => (flow.out[0]?.length ?? 0) > 0, { timeout: 25_000 });
    expect(flow.out[0]?.map(named)).toEqual(['nas_offline']);
    expect(payloadOf(flow.out[0]?.[0])).toMatchObject({ error: { code: 'EAUTH' } });
    expect(flow.caught.map(({ error }) => error.code)).toEqual(['EAUTH']);
    expect(flow.statuses.at(-1)).toMatchObject({
      fill: 'red',
      shape: 'ring',
      text: expect.stringMatching(/login-refused$/) as string,
    });
    expect(nas.received('login')).toHaveLength(1);
  });
});
