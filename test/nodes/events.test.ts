import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import eventsNode from '../../nodes/events/events';
import { type NasEvent, EVENTS } from '../../src/monitor/events';
import type { Message } from '../../src/node-red/types';
import { schedule, type Nas, type NasOptions } from '../nas/index';
import { tempDir } from '../support/temp-dir';
import {
  flowOf,
  helper,
  inputsOf,
  load,
  nasConfig,
  pollOnce,
  pollOften,
  simulatedNas,
  type Flow,
  type FlowNode,
} from './support';
import { until } from '../support/until';

type Properties = Record<string, unknown>;
type Payload = NasEvent & { nas: { id: string; name: string }; text: string };

const LONGEST_POLL = 86_400;
/** The NAS is polled by the test, not by a timer. */
const BY_HAND = { pollInterval: LONGEST_POLL, activePollInterval: 3600 };

interface EventsFlow extends Flow {
  readonly nas: Nas;
  /** The messages since the last call, as `backup_failed 12`. */
  newEvents(): string[];
  /** Polls until there are new messages. */
  nextEvents(): Promise<string[]>;
}

/** Node-RED's user directory, for the duration of a test. */
async function userDir(): Promise<string> {
  const { path, remove } = await tempDir('events');
  onTestFinished(remove);
  helper.settings({ userDir: path });
  return path;
}

/** A NAS whose clock stands still, and on which nothing starts by itself. */
async function quietNas(options: NasOptions = {}): Promise<Nas> {
  const nas = await simulatedNas({ speed: 0, schedules: false, ...options });
  for (const { id } of nas.state.tasks) nas.state.setSchedule(id, schedule());
  return nas;
}

/** Loads a flow with an events node. @param nodes further nodes of the flow */
/** Waits until the NAS has received no request for a while: the monitor has read all that its last poll needs. */
async function quiet(nas: Nas): Promise<void> {
  let count = -1;
  await until(
    () => {
      const before = count;
      count = nas.requests.length;
      return before === count;
    },
    { interval: 80 },
  );
}

async function open(nas: Nas, properties: Properties = {}, nodes: readonly FlowNode[] = []): Promise<EventsFlow> {
  const node = { type: 'active-backup-events', ...properties };
  const before = nas.received('list_volume').length;
  const flow = await load([eventsNode], [...flowOf(node, [nasConfig(nas, BY_HAND)]), ...nodes]);
  let count = 0;
  const newEvents = (): string[] => {
    const messages = (flow.out[0] ?? []).slice(count);
    count += messages.length;
    return messages.map(named);
  };
  // The requests of the first poll.
  await until(() => nas.received('list_volume').length > before, { interval: 2 });
  await quiet(nas);
  await pollOnce();
  return {
    ...flow,
    nas,
    newEvents,
    nextEvents: async () => {
      await pollOnce();
      await until(() => (flow.out[0]?.length ?? 0) > count, { interval: 2 });
      await pollOnce();
      return newEvents();
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

/** Runs a backup of a task to its end. @returns the id of the result */
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
  test('emits no events about earlier backups', async () => {
    await userDir();
    const nas = await quietNas();
    for (const id of [1, 2, 3]) run(nas, id, 'failed');
    nas.state.startRun(4);
    const flow = await open(nas);
    await pollOnce();
    expect(flow.newEvents()).toEqual([]);
    expect(flow.caught).toEqual([]);
    expect(flow.statuses.at(-1)).toMatchObject({
      fill: 'grey',
      text: expect.stringMatching(/:status\.watching · .*:status\.tasks$/) as string,
    });
  });

  test('saves its state in active-backup/ of the user directory', async () => {
    const path = await userDir();
    await open(await quietNas());
    expect(await readdir(join(path, 'active-backup'))).toEqual(['nas.devices.json', 'nas.json']);
  });
});

describe('an event', () => {
  test('of a finished backup contains time, NAS, task, result and a text', async () => {
    const flow = await events();
    const { name } = flow.nas.state.task(4);
    const id = run(flow.nas, 4, 'failed');
    expect(await flow.nextEvents()).toEqual([`backup_failed ${id}`]);
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

  test('is a copy: a flow that changes it affects no later event', async () => {
    const flow = await events();
    run(flow.nas, 1);
    await flow.nextEvents();
    const first = payloadOf(flow.out[0]?.[0]);
    (first.task as { name: string }).name = 'changed';
    flow.nas.state.startRun(1);
    flow.nas.clock.advance(60);
    await flow.nextEvents();
    expect(payloadOf(flow.out[0]?.at(-1)).task?.name).toBe(flow.nas.state.task(1).name);
  });

  test('of each kind is emitted', async () => {
    const flow = await events({ events: [...EVENTS] }, { runSeconds: 7200 });
    const { nas } = flow;
    const emitted = new Set<string>();
    const after = async (change: () => void): Promise<void> => {
      change();
      nas.clock.advance(60);
      for (const event of await flow.nextEvents()) emitted.add(event.split(' ')[0] ?? '');
    };
    const wasOnline = nas.state.device(nas.state.task(1).deviceIds[0]!).online;
    await after(() => nas.state.startRun(2));
    await after(() => nas.state.endRun(2, 'success'));
    await after(() => run(nas, 2, 'partial'));
    await after(() => run(nas, 2, 'failed'));
    await after(() => run(nas, 2, 'cancelled'));
    await after(() => {
      nas.state.deviate(2, { bytes: 10_000 });
      run(nas, 2);
    });
    await after(() => nas.state.setOnline(1, !wasOnline));
    await after(() => nas.state.setOnline(1, wasOnline));
    await after(() => nas.state.addTask({ name: 'New' }));
    for (const kind of ['verify', 'restoreFile'] as const) {
      for (const outcome of ['success', 'failed'] as const)
        await after(() => nas.state.endJob(nas.state.startJob(2, kind).id, outcome));
    }
    nas.state.removeTask(3);
    for (let polls = 0; polls < 2; polls += 1) await pollOnce(); // it counts as removed after several polls without it
    await after(() => undefined);
    expect([...emitted].sort()).toEqual(
      EVENTS.filter((event) => !/overdue|recovered|refused|storage|^nas/.test(event)).sort(),
    );
  });

  test(
    'of a NAS after two failed polls, and of its return, contains the reason and the duration',
    { timeout: 20_000 },
    async () => {
      const flow = await events();
      const undo = flow.nas.fail({ do: 'refuse', code: 103 });
      await pollOnce();
      expect(flow.newEvents()).toEqual([]);
      expect(flow.statuses.at(-1)).toMatchObject({
        fill: 'red',
        text: expect.stringMatching(/not-supported$/) as string,
      });
      expect(await flow.nextEvents()).toEqual(['nas_offline']);
      expect(payloadOf(flow.out[0]?.[0])).toMatchObject({ error: { code: 'EUNSUPPORTED' }, nas: { name: 'NAS' } });
      undo();
      expect(await flow.nextEvents()).toEqual(['nas_online']);
      expect(payloadOf(flow.out[0]?.[1])).toMatchObject({ outageSeconds: expect.any(Number) as number });
      expect(flow.statuses.at(-1)).toMatchObject({ fill: 'green' });
    },
  );
});

describe('the node sends', () => {
  test('every event but progress by default', async () => {
    const flow = await events({}, { runSeconds: 7200 });
    const { name } = flow.nas.state.task(1);
    flow.nas.state.startRun(1);
    flow.nas.clock.advance(60);
    expect(await flow.nextEvents()).toEqual([`backup_started ${name}`]);
    flow.nas.clock.advance(60);
    await pollOnce();
    flow.nas.state.endRun(1, 'success');
    expect((await flow.nextEvents()).map((event) => event.split(' ')[0])).toEqual(['backup_succeeded']);
  });

  test('progress if selected, and shows it in the status', async () => {
    const flow = await events({ events: ['backup_progress'] }, { runSeconds: 600 });
    flow.nas.state.startRun(1);
    for (const percent of [20, 40]) {
      flow.nas.clock.advance(percent === 20 ? 122 : 120);
      await flow.nextEvents();
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
    ['selected events', { events: ['backup_failed', 'task_added'] }, /^backup_failed \d+,task_added New$/],
    [
      'selected events as an imported flow may contain them',
      { events: ' backup_failed , task_added' },
      /^backup_failed \d+,task_added New$/,
    ],
    [
      'tasks by their exact names',
      { events: ['backup_succeeded', 'backup_failed'], tasks: ['First'] },
      /^backup_succeeded \d+$/,
    ],
    [
      'tasks by globs in any case',
      { events: ['backup_succeeded', 'backup_failed'], tasks: ['f*T', 'unknown'] },
      /^backup_succeeded \d+$/,
    ],
    [
      'tasks as an imported flow may contain them',
      { events: ['backup_succeeded', 'backup_failed'], tasks: 'first, sec*' },
      /^backup_succeeded \d+,backup_failed \d+$/,
    ],
    [
      'events without a task whichever tasks are selected',
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
    await pollOnce();
    await until(() => nas.received('list_result').length > 1, { interval: 2 });
    await quiet(nas);
    await pollOnce();
    await quiet(nas);
    expect(flow.newEvents().join()).toMatch(expected);
  });

  test('failed backups only from its own number of failures in a row on', async () => {
    await userDir();
    const nas = await quietNas();
    run(nas, 2);
    const flow = await open(nas, { afterFailures: '3' });
    const [first, second] = [run(nas, 2, 'failed'), run(nas, 2, 'failed')];
    const success = run(nas, 1);
    expect(await flow.nextEvents()).toEqual([`backup_succeeded ${success}`]);
    const third = run(nas, 2, 'failed');
    expect([first, second].every((id) => id < third)).toBe(true);
    expect(await flow.nextEvents()).toEqual([`backup_failed ${third}`]);
    expect(payloadOf(flow.out[0]?.at(-1))).toMatchObject({ failuresInRow: 3, task: { failuresInRow: 3 } });
    const recovery = run(nas, 2);
    const again = run(nas, 2, 'failed');
    const other = run(nas, 1);
    expect(again).toBeGreaterThan(recovery);
    expect((await flow.nextEvents()).sort()).toEqual(
      [`backup_succeeded ${recovery}`, `backup_succeeded ${other}`].sort(),
    );
  });

  test('low storages by its own limit', async () => {
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
    await until(() => (flow.out[1]?.length ?? 0) > 0, { interval: 2 });
    expect(new Set(flow.out[1]?.map(({ topic }) => topic))).toEqual(new Set(['storage_low']));
    expect(payloadOf(flow.out[1]?.[0])).toMatchObject({
      storage: { volume: { usedPercent: expect.closeTo(85, 0) as number } },
    });
    expect(flow.out[0]).toEqual([]);
  });
});

test('ten nodes on one NAS all receive an event, with the requests of one', async () => {
  await userDir();
  const nas = await quietNas();
  const more = Array.from({ length: 9 }, (_, index) => [
    { ...flowOf({ type: 'active-backup-events' }, [])[1]!, id: `n${index + 1}`, wires: [[`out${index + 1}`]] },
    { id: `out${index + 1}`, type: 'helper', z: 'flow', name: '', wires: [] },
  ]).flat();
  const flow = await open(nas, {}, more);
  const lists = nas.received('list').length;
  const id = run(nas, 4, 'failed');
  await flow.nextEvents();
  for (const out of flow.out) expect(out.map(named)).toEqual([`backup_failed ${id}`]);
  expect(flow.out).toHaveLength(10);
  const counts = ['login', 'list_result', 'list_result_detail', 'list_volume'].map(
    (method) => nas.received(method).length,
  );
  expect(counts).toEqual([1, 2, 1, 1]);
  expect(nas.received('list').length - lists).toBeLessThanOrEqual(3);
});

describe('deploys', () => {
  test(
    '30 of them: each finished backup once, one login and one poller each, no timer left',
    { timeout: 60_000 },
    async () => {
      await userDir();
      const nas = await quietNas();
      const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
      const emitted: string[] = [];
      const ids: number[] = [];
      let flow = await open(nas);
      await helper.unload();
      const before = timers();
      for (let i = 0; i < 30; i += 1) {
        ids.push(run(nas, 1 + (i % 3), i % 4 === 0 ? 'failed' : 'success'));
        const lists = nas.received('list', 'SYNO.ActiveBackup.Task').length;
        flow = await open(nas);
        await until(() => (flow.out[0]?.length ?? 0) > 0, { interval: 2 });
        expect(flow.out[0]?.every((msg) => payloadOf(msg).late)).toBe(true);
        ids.push(run(nas, 1 + (i % 3)));
        await pollOnce();
        await until(() => (flow.out[0]?.length ?? 0) > 1, { interval: 2 });
        emitted.push(...flow.newEvents());
        expect(nas.received('list', 'SYNO.ActiveBackup.Task').length - lists).toBeLessThanOrEqual(4);
        expect(nas.sessions).toBe(1);
        await helper.unload();
        expect(nas.sessions).toBe(0);
      }
      expect(emitted.map((event) => Number(event.split(' ')[1]))).toEqual(ids);
      expect(nas.received('login')).toHaveLength(31);
      await until(() => timers() <= before);
    },
  );

  test.each([
    ['the end of Node-RED', null, ' late'],
    ['a full deploy', 'full', ' late'],
    ['a deploy of the receiver alone', 'out0', ' late'],
    ['a deploy of the events node alone', 'n', ''],
  ])('%s in the turn in which events are sent: each is received once', async (_, deployed, late) => {
    await userDir();
    const nas = await quietNas();
    const flow = await open(nas);
    const receiver = helper.getNode('out0');
    const received = flow.out[0] ?? [];
    const nodes = flowOf({ type: 'active-backup-events' }, [nasConfig(nas, BY_HAND)]).map((node) =>
      node.id === deployed ? { ...node, name: 'renamed' } : node,
    );
    const type = deployed === 'full' ? 'full' : 'nodes';
    const deploy = async (): Promise<void> => {
      await (deployed === null ? helper.unload() : helper.setFlows(nodes, type));
    };
    const deploys: Promise<void>[] = [];
    const send = flow.node.send.bind(flow.node);
    flow.node.send = (msg) => {
      send(msg);
      // After all events of the poll, and before Node-RED passes their messages on.
      if (deploys.length === 0) deploys.push(Promise.resolve().then(deploy));
    };
    const ids = [run(nas, 1), run(nas, 2, 'failed')];
    await pollOnce();
    await until(() => deploys.length > 0);
    await Promise.all(deploys);
    const after = deployed === null ? ((await open(nas)).out[0] ?? []) : [];
    const again = deployed === null || helper.getNode('out0') === receiver ? after : inputsOf('out0');
    await until(async () => {
      await pollOnce();
      return received.length + again.length >= ids.length;
    });
    await pollOnce();
    expect([...received, ...again].map((msg) => `${named(msg)}${payloadOf(msg).late ? ' late' : ''}`)).toEqual([
      `backup_succeeded ${ids[0]}${late}`,
      `backup_failed ${ids[1]}${late}`,
    ]);
  });

  test('of the events node alone keep the session and repeat no event', async () => {
    const flow = await events();
    const ids = [run(flow.nas, 1)];
    await flow.nextEvents();
    const changed = flowOf({ type: 'active-backup-events', name: 'renamed' }, [nasConfig(flow.nas, BY_HAND)]);
    ids.push(run(flow.nas, 2));
    await helper.setFlows(changed, 'nodes');
    await until(() => (flow.out[0]?.length ?? 0) > 1, { interval: 2 });
    expect(flow.out[0]?.map(named)).toEqual(ids.map((id) => `backup_succeeded ${id}`));
    expect(flow.nas.received('login')).toHaveLength(1);
  });

  test('a damaged state file is renamed with a warning, and the monitor starts from a new baseline', async () => {
    const path = await userDir();
    const nas = await quietNas();
    await open(nas);
    await helper.unload();
    await writeFile(join(path, 'active-backup', 'nas.json'), '{"version":1,');
    run(nas, 1, 'failed');
    const flow = await open(nas);
    expect(flow.newEvents()).toEqual([]);
    const warnings = (helper.log().args as [{ level: number; msg: unknown }][]).map(([{ msg }]) => String(msg));
    expect(warnings.filter((text) => text.includes('is damaged'))).toHaveLength(1);
    expect(await readdir(join(path, 'active-backup'))).toEqual(['nas.devices.json', 'nas.json', 'nas.json.damaged']);
    const id = run(nas, 1);
    expect(await flow.nextEvents()).toEqual([`backup_succeeded ${id}`]);
  });

  test('a folder that cannot be written is a warning, and events are still sent', async () => {
    const path = await userDir();
    await writeFile(join(path, 'active-backup'), '');
    const flow = await open(await quietNas());
    const id = run(flow.nas, 1);
    expect(await flow.nextEvents()).toEqual([`backup_succeeded ${id}`]);
    const warnings = (helper.log().args as [{ msg: unknown }][]).map(([{ msg }]) => String(msg));
    expect(warnings.join()).toMatch(/cannot be stored/);
  });
});

describe('a node that is not configured shows it in its status and reports it to Catch', () => {
  test.each<[string, Properties, Properties, RegExp]>([
    ['no NAS is chosen', { nas: '' }, {}, /No NAS is chosen/],
    ['the NAS was deleted', { nas: 'gone' }, {}, /does not exist any more/],
    ['the NAS has no address', {}, { host: '' }, /host/i],
    ['an event that does not exist', { events: ['backup_exploded'] }, {}, /no event "backup_exploded"/],
    ['a limit that is no number', { storageLowPercent: 'low' }, {}, /storageLowPercent/],
    ['a number of failures below 1', { afterFailures: 0 }, {}, /afterFailures/],
    ['a limit above 100', { storageLowPercent: 101 }, {}, /storageLowPercent/],
  ])('%s', async (_name, properties, nasProperties, message) => {
    await userDir();
    const nas = await quietNas();
    const node = { type: 'active-backup-events', ...properties };
    const flow = await load([eventsNode], flowOf(node, [nasConfig(nas, nasProperties)]));
    await until(() => flow.caught.length > 0, { interval: 2 });
    expect(flow.caught).toHaveLength(1);
    expect(flow.caught[0]?.error).toMatchObject({ code: 'ECONFIG', message: expect.stringMatching(message) as string });
    expect(nas.requests).toEqual([]);
  });

  test('a wrong password: one login, one error, and the reason in the status', async () => {
    await userDir();
    pollOften();
    const nas = await quietNas();
    const flow = await load(
      [eventsNode],
      flowOf({ type: 'active-backup-events' }, [nasConfig(nas, { activePollInterval: 1 })]),
      {
        nas: { username: 'admin', password: 'wrong' },
      },
    );
    await until(() => (flow.out[0]?.length ?? 0) > 0);
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
