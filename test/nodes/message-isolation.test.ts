import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startBroker } from '../../scripts/demo/broker';
import { methodsOf } from '../../src/active-backup/methods';
import { EVENTS } from '../../src/monitor/events';
import { getNas } from '../../src/node-red/nas-registry';
import { schedule, startNas, type Nas } from '../nas/index';
import { connectClient, retainedAt, type MqttClient } from '../support/mqtt-client';
import { objectsInTwoPlaces, ruin } from '../support/ownership';
import { settled } from '../support/settled';
import { receiversOf, twins, type NodeUnderTest, type Receivers } from './receivers';
import { helper } from './support';

const START = Date.now();
const V4 = { protocolVersion: 4 } as const;
const READS = ['SYNO.ActiveBackup.Share', 'SYNO.ActiveBackup.AEM'].flatMap((api) =>
  methodsOf(api).filter(({ level }) => level === 'read'),
);
const PARAMETERS = { root_path: '/ActiveBackupforBusiness', key: 'a-key', leader_addr: 'leader.lan' };
const OTHERS: readonly (readonly [api: string, operation: string, params?: object])[] = [
  ['Log', 'list_result'],
  ['Log', 'list_result_detail', { result_id: 1 }],
  ['Log', 'list_log'],
  ['Device', 'list'],
  ['Overview', 'list_activity'],
  ['Version', 'list', { task_id: 1 }],
  ['Setting', 'list'],
  ['Task', 'no_such_method'],
];

/** The nodes that answer messages. */
const NODES: Readonly<Record<string, NodeUnderTest>> = {
  'task-list': { type: 'task-list' },
  'task-list, one message per task': {
    type: 'task-list',
    properties: { output: 'messages' },
    msg: { parts: { id: 'outer', type: 'array', index: 0, count: 1 } },
  },
  'task-list list_with_device': { type: 'task-list', properties: { operation: 'list_with_device' } },
  'task-list list_with_device, one message per row': {
    type: 'task-list',
    properties: { operation: 'list_with_device', output: 'messages' },
  },
  'task-list with a wrong parameter': { type: 'task-list', msg: { params: 5 } },
  'task-list of a NAS that refuses the login': { type: 'task-list', properties: { nas: 'wrong' } },
  'task-list of a NAS that is not configured': { type: 'task-list', properties: { nas: 'unconfigured' } },
  ...Object.fromEntries(
    READS.map(({ api, method, parameters }): [string, NodeUnderTest] => {
      const type = api.endsWith('Share') ? 'share-storage' : 'aem-info';
      const params = Object.fromEntries(Object.entries(PARAMETERS).filter(([name]) => name in parameters));
      return [`${type} ${method}`, { type, properties: { operation: method }, msg: { params } }];
    }),
  ),
  ...Object.fromEntries(
    OTHERS.map(([api, operation, params = {}]): [string, NodeUnderTest] => [
      `api-request ${api}.${operation}`,
      { type: 'api-request', msg: { api: `SYNO.ActiveBackup.${api}`, operation, params } },
    ]),
  ),
  'task-backup backup': { type: 'task-backup', properties: { tasks: '1' } },
  'task-backup cancel': { type: 'task-backup', properties: { operation: 'cancel', tasks: '1' } },
  'task-backup cancel_waiting_backup': { type: 'task-backup', properties: { operation: 'cancel_waiting_backup' } },
};
/** The nodes that wait for results. */
const FOLLOWING: Readonly<Record<string, NodeUnderTest>> = {
  'task-backup that waits': { type: 'task-backup', properties: { wait: true }, msg: { parts: { id: 'outer' } } },
};

/** A NAS on which nothing happens by itself. Its clock and that of Node-RED stand still between calls of `pass`. */
async function quietNas(): Promise<Nas> {
  const nas = await startNas({ now: () => Date.now(), speed: 1, schedules: false, runSeconds: 7200, devices: 2 });
  for (const { id } of nas.state.tasks) nas.state.setSchedule(id, schedule());
  nas.state.deleteVersions(3);
  return nas;
}

/** Makes the nodes send every kind of message. @param run its name @param onReceived called with each message */
async function scenario(run: string, onReceived: (msg: object) => void): Promise<Receivers> {
  vi.setSystemTime(START);
  const [nas, broker] = [await quietNas(), await startBroker(0)];
  const client = await connectClient(broker.url, V4);
  await client.subscribe('#');
  const all = await receiversOf(nas, broker.url, { ...NODES, ...FOLLOWING }, `wrong-${run}`, onReceived);
  try {
    const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
    await settled(() => client.on(`${root}/task/5/state`).length > 0, 'the bridge to publish');
    await polls(2, 'wrong'); // the second failed poll makes the NAS offline
    await sendToAll(all);
    await runs(all, nas);
    await events(all, nas);
    await commands(all, client, root);
    await adminResponses(all);
    for (const [topic, payload] of await retainedAt(broker.url, '#', V4)) all.record(`retained ${topic}`, payload);
    for (const { topic, payload } of client.messages.filter((message) => message.topic.endsWith('/event'))) {
      all.record(`published ${topic}`, payload);
    }
    return all;
  } finally {
    await helper.unload();
    await client.close();
    await broker.close();
    await nas.close();
  }
}

async function sendToAll({ send }: Receivers): Promise<void> {
  for (const [name, { msg = {} }] of Object.entries(NODES)) {
    const [first, second] = twins(name);
    for (const id of [first, first, second]) await send(id, msg);
  }
}

function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + 1000 * seconds);
}

/** Polls once, and waits until the monitor has processed the poll. @param id of the NAS node */
async function poll(id: string): Promise<void> {
  const { poller, monitor } = getNas({ nodes: helper }, id);
  await new Promise<void>((resolve) => {
    const unsubscribe = poller.subscribe(
      () => {
        unsubscribe();
        resolve();
      },
      { fast: true },
    );
  });
  await monitor.processed();
  await new Promise((resolve) => setTimeout(resolve, 20));
}

async function polls(count: number, id = 'nas'): Promise<void> {
  for (let times = 0; times < count; times += 1) await poll(id);
}

/** Two nodes wait for a backup each, and then the first one for another. */
async function runs({ send }: Receivers, nas: Nas): Promise<void> {
  const [first, second] = twins('task-backup that waits');
  const { msg } = FOLLOWING['task-backup that waits'] ?? {};
  const started = (): number => nas.received('backup').length;
  for (const rounds of [
    [
      [first, 2],
      [second, 4],
    ],
    [[first, 2]],
  ] as const) {
    const before = started();
    const ends = rounds.map(([id, task]) => send(id, { ...msg, tasks: task }));
    await settled(() => started() === before + rounds.length, 'the runs to begin');
    await polls(2);
    pass(600);
    await polls(2);
    for (const [, task] of rounds) nas.state.endRun(task, task === 4 ? 'failed' : 'success');
    await Promise.all([...ends, polls(2)]);
  }
}

async function events(all: Receivers, nas: Nas): Promise<void> {
  const wasOnline = nas.state.device(nas.state.task(1).deviceIds[0] ?? 0).online;
  const fill = (percent: number): void => {
    for (const volume of nas.state.volumes) volume.usedBytes = Math.floor((volume.totalBytes * percent) / 100);
  };
  const changes: readonly (() => void)[] = [
    () => nas.state.startRun(2),
    () => undefined,
    () => nas.state.endRun(2, 'success'),
    ...(['partial', 'failed', 'cancelled', 'success'] as const).map((outcome) => (): void => {
      nas.state.startRun(1);
      pass(60);
      nas.state.endRun(1, outcome);
    }),
    () => nas.state.setOnline(1, !wasOnline),
    () => nas.state.setOnline(1, wasOnline),
    () => fill(98),
    () => fill(20),
    () => nas.state.addTask({ name: 'New' }),
    () => nas.state.removeTask(3),
    () => nas.state.setSchedule(2, schedule({ run_weekday: [0, 1, 2, 3, 4, 5, 6], run_hour: 3 })),
    () => pass(48 * 3600),
    () => {
      nas.state.startRun(2);
      pass(60);
      nas.state.endRun(2, 'success');
    },
    ...(['verify', 'restoreFile'] as const).flatMap((kind) =>
      (['success', 'failed'] as const).map((outcome) => (): void => {
        const { id } = nas.state.startJob(1, kind);
        pass(60);
        nas.state.endJob(id, outcome);
      }),
    ),
    () => {
      nas.state.deviate(2, { bytes: 10_000 });
      nas.state.startRun(2);
      pass(60);
      nas.state.endRun(2, 'success');
    },
    ...Array.from({ length: 9 }, (_, day) => (): void => {
      pass(24 * 3600);
      fill(20 + 5 * day);
    }),
  ];
  for (const change of changes) {
    change();
    pass(1200);
    await polls(3);
  }
  const undo = nas.fail({ do: 'refuse', code: 103 });
  await polls(3);
  undo();
  await polls(3);
}

async function commands(all: Receivers, client: MqttClient, root: string): Promise<void> {
  for (const id of ['a', 'b']) {
    await client.publish(`${root}/task/9/command`, JSON.stringify({ action: 'backup', id }));
    await settled(() => all.received.get('bridge')?.size === (id === 'a' ? 1 : 2), 'the outcome of a command');
  }
  await all.send('bridge', {});
  await all.send('bridge', {});
}

async function adminResponses({ record }: Receivers): Promise<void> {
  const paths = [
    ...['tasks', 'devices', 'shares', 'storages'].map((list) => `nas/nas/${list}`),
    'bridge/bridge/dashboard',
  ];
  for (const path of paths)
    record(`admin ${path}`, ((await helper.request().get(`/active-backup/${path}`)) as { body: unknown }).body);
}

describe('messages of a node belong to their receiver', () => {
  let untouched: Receivers;
  let ruined: Receivers;

  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    untouched = await scenario('untouched', () => undefined);
    ruined = await scenario('ruined', ruin);
  }, 120_000);
  afterAll(() => {
    vi.useRealTimers();
  });

  const linesOf = ({ received }: Receivers, isWanted: (receiver: string) => boolean): Record<string, string[]> =>
    Object.fromEntries(
      [...received].filter(([name]) => isWanted(name)).map(([name, lines]) => [name, [...lines].sort()]),
    );

  test.each([...Object.keys(NODES), ...Object.keys(FOLLOWING), 'events', 'events of a NAS that refuses the login'])(
    'a flow that changes the messages of “%s” changes no later message of it or of another node',
    (name) => {
      const isOfNode = (receiver: string): boolean =>
        twins(name).some((id) => receiver === id || receiver.endsWith(` ${id}`));
      const expected = linesOf(untouched, isOfNode);
      expect(Object.keys(expected).length).toBeGreaterThan(0);
      expect(linesOf(ruined, isOfNode)).toEqual(expected);
    },
  );

  test.each([
    ['messages of the bridge', /bridge$/],
    ['retained state and discovery', /^retained /],
    ['published events', /^published /],
    ['responses to the editor', /^admin /],
    ['statuses', /^status /],
  ])('nor does it change the %s', (_, pattern) => {
    const expected = linesOf(untouched, (name) => pattern.test(name));
    expect(Object.keys(expected).length).toBeGreaterThan(0);
    expect(linesOf(ruined, (name) => pattern.test(name))).toEqual(expected);
  });

  test('no object is in two messages, or twice in one', () => {
    expect(objectsInTwoPlaces(untouched.messages)).toEqual([]);
  });

  test('the scenario contains every kind of event', () => {
    const topics = new Set(
      [...(untouched.received.get('events (1)') ?? [])].map((line) => (JSON.parse(line) as { topic: string }).topic),
    );
    expect([...topics].sort()).toEqual([...EVENTS].sort());
  });
});
