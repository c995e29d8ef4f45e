import { describe, expect, onTestFinished, test } from 'vitest';
import type { Nas } from '../nas/index';
import { startBroker } from '../../scripts/demo/broker';
import { startMosquitto } from '../support/mosquitto';
import { connectClient, retainedAt, type MqttClient } from '../support/mqtt-client';
import { describeWith } from '../support/needs';
import type { CommandResponse } from '../../src/bridge/responses';
import { simulatedNas, startBridge, type StartBroker, type TestBridge, type TestBridgeOptions } from './support';
import { until } from '../support/until';

interface CommandSetup {
  readonly nas: Nas;
  readonly bridged: TestBridge;
  readonly client: MqttClient;
  /** Sends a command and returns the responses to it, the last one being final. */
  readonly command: (
    topic: string,
    payload: string | Buffer,
    options?: { retain?: boolean },
  ) => Promise<CommandResponse[]>;
  readonly backups: () => number;
}

/** Requests for tasks, volumes, devices and versions. */
const READS: readonly ((request: Nas['requests'][number]) => boolean)[] = [
  ({ api, parameters }) => api === 'SYNO.ActiveBackup.Task' && parameters['load_status'] === 'true',
  ({ method }) => method === 'list_volume',
  ({ api }) => api === 'SYNO.ActiveBackup.Device',
  ({ api, parameters }) => api === 'SYNO.ActiveBackup.Task' && parameters['load_versions'] === 'true',
];

async function setUp(
  start: StartBroker,
  version: 4 | 5,
  options: TestBridgeOptions = {},
  world: { tasks?: number } = {},
): Promise<CommandSetup> {
  const broker = await start();
  onTestFinished(() => broker.close());
  const nas = await simulatedNas({ speed: 60, runSeconds: 600, ...world });
  const client = await connectClient(broker.url, { protocolVersion: version });
  onTestFinished(() => client.close());
  const bridged = await startBridge(nas, broker.url, { ...options, def: { commands: true, ...options.def } });
  await bridged.settled();
  await client.subscribe(`${bridged.root}/#`);
  await client.caughtUp();
  client.forget();
  const command: CommandSetup['command'] = async (topic, payload, publishOptions) => {
    const before = bridged.outcomes.length;
    await client.publish(`${bridged.root}/${topic}`, payload, publishOptions);
    await until(() => bridged.outcomes.length > before, { timeout: 4000, interval: 5 });
    await client.received(
      ({ topic: of, payload: text }) => of.endsWith('/response') && !text.includes('"status":"accepted"'),
    );
    await client.caughtUp();
    const responses = client.messages.filter((message) => message.topic.endsWith('/response'));
    expect(responses.every(({ retain }) => !retain)).toBe(true);
    client.forget();
    return responses.map((message) => JSON.parse(message.payload) as CommandResponse);
  };
  return {
    nas,
    bridged,
    client,
    command,
    backups: () => nas.received('backup').length + nas.received('cancel').length,
  };
}

/** Commands that are rejected, with the reason. */
const REJECTED: readonly { what: string; topic: string; payload: string | Buffer; reason: string }[] = [
  {
    what: 'an old command',
    topic: 'task/1/command',
    payload: `{"action":"backup","ts":${Date.now() - 60_000}}`,
    reason: 'stale',
  },
  {
    what: 'a command older than its ttl',
    topic: 'task/1/command',
    payload: `{"action":"backup","ts":${Date.now() - 5000},"ttl":2}`,
    reason: 'stale',
  },
  { what: 'incomplete JSON', topic: 'task/1/command', payload: '{"action":"backup"', reason: 'malformed' },
  { what: 'an array', topic: 'task/1/command', payload: '["backup"]', reason: 'malformed' },
  { what: 'an empty payload', topic: 'task/1/command', payload: '', reason: 'malformed' },
  { what: 'binary data', topic: 'task/1/command', payload: Buffer.from([0, 255, 128]), reason: 'malformed' },
  {
    what: 'a long payload',
    topic: 'task/1/command',
    payload: JSON.stringify({ action: 'backup', x: 'y'.repeat(1024) }),
    reason: 'too_large',
  },
  { what: 'an unknown action', topic: 'task/1/command', payload: 'remove', reason: 'unknown_action' },
  { what: 'an action of the NAS for a task', topic: 'task/1/command', payload: 'refresh', reason: 'unknown_action' },
  { what: 'an action of tasks for the NAS', topic: 'command', payload: 'backup', reason: 'unknown_action' },
  { what: 'a command for a missing task', topic: 'task/77/command', payload: 'backup', reason: 'unknown_task' },
  {
    what: 'a command for a task without a number',
    topic: 'task/all/command',
    payload: 'backup',
    reason: 'unknown_task',
  },
  { what: 'a cancellation of an idle task', topic: 'task/1/command', payload: 'cancel', reason: 'not_running' },
];

/** The cases in which the protocol version matters: MQTT 3.1.1 returns the bridge's own messages, and has no retain flag of live ones. */
function protocolCases(start: StartBroker, version: 4 | 5): void {
  test('a valid command starts one run, and is accepted and done', async () => {
    const { nas, bridged, command, backups } = await setUp(start, version);
    expect(await command('task/1/command', '{"action":"backup","id":"mine-1"}')).toMatchObject([
      { id: 'mine-1', action: 'backup', status: 'accepted', reason: null, code: null },
      { id: 'mine-1', action: 'backup', status: 'done', reason: null, code: null },
    ]);
    expect(backups()).toBe(1);
    expect(nas.received('backup')[0]?.parameters).toMatchObject({ task_ids: '[1]' });
    expect(bridged.outcomes).toMatchObject([
      { topic: `${bridged.root}/task/1/command`, taskId: 1, response: { id: 'mine-1', status: 'done' } },
    ]);
  });

  test('"refresh" publishes everything again', async () => {
    const { client, bridged } = await setUp(start, version);
    await client.publish(`${bridged.root}/command`, 'refresh');
    await client.received(`${bridged.root}/task/5/active`);
    await until(() => bridged.outcomes.length === 1);
    expect(bridged.outcomes[0]).toMatchObject({ taskId: null, response: { action: 'refresh', status: 'done' } });
  });

  test('an invalid command is rejected with a response, and nothing is sent to the NAS', async () => {
    const { command, backups } = await setUp(start, version);
    for (const { what, topic, payload, reason } of REJECTED) {
      expect(await command(topic, payload), what).toMatchObject([{ status: 'rejected', reason }]);
    }
    expect(backups()).toBe(0);
  });

  test('a command that was retained before the bridge started is rejected and cleared', async () => {
    const broker = await start();
    onTestFinished(() => broker.close());
    const nas = await simulatedNas();
    const client = await connectClient(broker.url, { protocolVersion: version });
    onTestFinished(() => client.close());
    const topic = `active-backup/${nas.state.serialNumber.toLowerCase()}/task/1/command`;
    await client.publish(topic, 'backup', { retain: true });
    const bridged = await startBridge(nas, broker.url, { def: { commands: true } });
    await bridged.settled();
    await bridged.polls(2);
    expect(nas.received('backup')).toEqual([]);
    if (version === 4)
      expect(bridged.outcomes).toMatchObject([{ response: { status: 'rejected', reason: 'retained' } }]);
  });
}

/** The cases that do not depend on the protocol version: they run with one broker. */
function commonCases(start: StartBroker, version: 4 | 5): void {
  test('a running backup is cancelled by plain text', async () => {
    const { nas, client, bridged, command } = await setUp(start, version);
    await command('task/1/command', 'backup');
    await until(() => nas.state.runs.some(({ state }) => state === 'running'));
    await bridged.polls(2);
    client.forget();
    expect((await command('task/1/command', ' cancel\n')).map(({ status }) => status)).toEqual(['accepted', 'done']);
    expect(nas.received('cancel')).toHaveLength(1);
  });

  test('"refresh" reads everything again: tasks, storages, devices and versions', async () => {
    const { client, bridged, nas } = await setUp(start, version);
    await bridged.pollNow();
    const counts = (): number[] => READS.map((isRead) => nas.requests.filter(isRead).length);
    const before = counts();
    expect(before.every((count) => count > 0)).toBe(true);
    await client.publish(`${bridged.root}/command`, 'refresh');
    await until(() => counts().every((count, index) => count > before[index]!));
  });

  test('a repeated command is rejected: by its id, and within five seconds', async () => {
    const { command, backups } = await setUp(start, version);
    await command('task/1/command', '{"action":"backup","id":"a"}');
    expect(await command('task/1/command', '{"action":"backup","id":"b"}')).toMatchObject([{ reason: 'repeated' }]);
    expect(await command('task/2/command', '{"action":"backup","id":"a"}')).toMatchObject([{ reason: 'repeated' }]);
    expect(backups()).toBe(1);
  });

  test('a start of a running task is rejected', async () => {
    const { nas, bridged, command, backups } = await setUp(start, version);
    nas.state.startRun(2);
    await bridged.polls(3);
    expect(await command('task/2/command', 'backup')).toMatchObject([
      { status: 'rejected', reason: 'already_running' },
    ]);
    expect(backups()).toBe(0);
  });

  test('while commands are off every command is rejected, known or not', async () => {
    const { command, backups } = await setUp(start, version, { def: { commands: false } });
    for (const payload of ['backup', 'cancel', 'nonsense', '{"action":"backup","id":"x"}'])
      expect(await command('task/1/command', payload)).toMatchObject([{ status: 'rejected', reason: 'commands_off' }]);
    expect(backups()).toBe(0);
  });

  test('commands above the access level are rejected, and Home Assistant has no buttons', async () => {
    const { bridged, client, command, backups } = await setUp(start, version, { access: 'read' });
    await client.subscribe('homeassistant/device/+/config');
    const { payload } = await client.received(`homeassistant/device/active_backup_${bridged.nasId}_task_1/config`);
    expect(payload).not.toContain('"button"');
    client.forget();
    expect(await command('task/1/command', 'backup')).toMatchObject([
      { status: 'rejected', reason: 'access_level', code: 'EACCESS' },
    ]);
    expect(backups()).toBe(0);
  });

  test('a refusal of the NAS is an error that names the task and the reason', async () => {
    const { nas, command } = await setUp(start, version);
    nas.fail({ on: { method: 'backup' }, do: 'refuse', code: 1010 });
    const [accepted, error] = await command('task/1/command', 'backup');
    expect(accepted).toMatchObject({ status: 'accepted' });
    expect(error).toMatchObject({ status: 'error', code: 'EABB' });
    expect(error?.reason).toMatch(/^.+ \(1\): the task does not exist any more$/);
  });

  test.each([
    { what: 'a refusal of the NAS', reason: /does not exist/, isRunning: false },
    { what: 'a start of a running task', reason: /already running/, isRunning: true },
  ])('$what is an event of the task and of the NAS, with the reason', async ({ reason, isRunning }) => {
    const { nas, bridged, client } = await setUp(start, version);
    if (isRunning) {
      nas.state.startRun(1);
      await client.received(
        ({ topic, payload }) => topic.endsWith('/task/1/state') && payload.includes('"running":"ON"'),
      );
    } else nas.fail({ on: { method: 'backup' }, do: 'refuse', code: 1010 });
    client.forget();
    await client.publish(`${bridged.root}/task/1/command`, 'backup');
    for (const topic of ['task/1/event', 'event']) {
      const { payload } = await client.received(
        (message) => message.topic === `${bridged.root}/${topic}` && message.payload.includes('backup_refused'),
      );
      const event = JSON.parse(payload) as Record<string, unknown>;
      expect(event).toMatchObject({ event_type: 'backup_refused', task_id: 1, late: false, status: null });
      expect(event['reason']).toMatch(reason);
    }
  });

  test('while the NAS is offline commands are rejected at once', async () => {
    const { nas, bridged, client, command, backups } = await setUp(start, version);
    nas.fail({ do: 'reset-before' });
    await client.received(({ topic, payload }) => topic === `${bridged.root}/connection` && payload === 'offline');
    client.forget();
    expect(await command('task/1/command', 'backup')).toMatchObject([
      { status: 'rejected', reason: 'nas_offline', code: 'EUNREACHABLE' },
    ]);
    expect(backups()).toBe(0);
  });
}

describeWith('mosquitto', 'commands by Mosquitto (MQTT 5)', (path) => {
  protocolCases(() => startMosquitto(path), 5);
  commonCases(() => startMosquitto(path), 5);

  test('a retained command is rejected and cleared', async () => {
    const broker = await startMosquitto(path);
    const { bridged, command, backups } = await setUp(() => Promise.resolve(broker), 5);
    expect(await command('task/1/command', 'backup', { retain: true })).toMatchObject([
      { status: 'rejected', reason: 'retained' },
    ]);
    expect(backups()).toBe(0);
    expect(bridged.warnings).toEqual([expect.stringMatching(/retain/)]);
    expect((await retainedAt(broker.url, `${bridged.root}/task/1/command`)).size).toBe(0);
    // MQTT 5 does not return the bridge's own clearing: the next empty message is another client's.
    expect(await command('task/1/command', '')).toMatchObject([{ status: 'rejected', reason: 'malformed' }]);
  });

  test('the response is also published to the response topic of MQTT 5, with the correlation data', async () => {
    const { bridged, client } = await setUp(() => startMosquitto(path), 5);
    await client.subscribe('my/answers');
    await client.publish(`${bridged.root}/task/1/command`, 'backup', {
      properties: { responseTopic: 'my/answers', correlationData: Buffer.from('c-7') },
    });
    const isDone = ({ topic, payload }: { topic: string; payload: string }): boolean =>
      topic === 'my/answers' && payload.includes('"done"');
    const { properties } = await client.received(isDone);
    expect(properties.correlationData?.toString()).toBe('c-7');
    await client.received(
      ({ topic, payload }) => topic === `${bridged.root}/task/1/response` && payload.includes('"done"'),
    );
  });
});

describe('commands by the broker of npm start (MQTT 3.1.1)', () => {
  protocolCases(() => startBroker(0), 4);
});

test('many commands at once while the NAS does not answer cause no warning of a leak', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const { nas, bridged, client } = await setUp(() => startBroker(0), 4, {}, { tasks: 15 });
  nas.fail({ on: { method: 'backup' }, do: 'hang' });
  const ids = nas.state.tasks.map(({ id }) => id);
  for (const id of ids) await client.publish(`${bridged.root}/task/${id}/command`, 'backup');
  const accepted = (): number => client.messages.filter(({ payload }) => payload.includes('"accepted"')).length;
  await until(() => accepted() === ids.length);
  expect(warnings).toEqual([]);
});
