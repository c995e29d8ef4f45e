import { expect, onTestFinished, test } from 'vitest';
import apiRequestNode from '../../nodes/api-request/api-request';
import eventsNode from '../../nodes/events/events';
import bridgeNode from '../../nodes/mqtt-bridge/mqtt-bridge';
import brokerNode from '../../nodes/mqtt-broker/mqtt-broker';
import { startMosquitto } from '../support/mosquitto';
import { connectClient } from '../support/mqtt-client';
import { describeWith } from '../support/needs';
import { until } from '../support/until';
import { flowOf, helper, load, nasConfig, pollOften, simulatedNas, type FlowNode } from './support';

/** The prefix of secrets, which no line may contain. The sids and tokens of the simulated NAS have it, too. */
const PLANTED = 'planted';
const PASSWORDS = { nas: `${PLANTED}-nas`, broker: `${PLANTED}-broker`, other: `${PLANTED}-other` };
/** Mosquitto reports a refused publish of MQTT 5; it refuses the events of task 2. */
const ACL = [
  'user bridge',
  'topic readwrite #',
  'topic deny active-backup/+/task/2/event',
  'user visitor',
  'topic readwrite #',
];

interface Line {
  readonly level: number;
  readonly msg: unknown;
  readonly timestamp: number;
}

/** The log line by which each fault is recognized. */
const FAULTS = {
  'the NAS is down': /^Poll: EUNREACHABLE \(ECONNRESET\)/,
  'its session is dropped': /^The session was refused with 119/,
  'it answers with a web page': /^Poll: ERESPONSE/,
  'the broker is gone': /^MQTT: the connection has ended: .*\(/,
  'the broker refuses a message': /^MQTT: \d+ published, \d+ acknowledged, [1-9]\d* refused$/,
  'a command is rejected': /^Command cancel for task 1: rejected, not_running/,
  'a backup fails': /^Event backup_failed: task 1, result \d+, failed/,
  'the password is wrong': /^SYNO\.API\.Auth\.login: EAUTH \(400\)/,
} as const;

/** The faults in the log, each with the time of its first line. */
function faultsIn(lines: readonly Line[]): { fault: string; at: number }[] {
  return Object.entries(FAULTS).flatMap(([fault, pattern]) => {
    const found = lines.find(({ msg }) => typeof msg === 'string' && pattern.test(msg));
    return found === undefined ? [] : [{ fault, at: found.timestamp }];
  });
}

describeWith('mosquitto', 'the debug log', (path) => {
  test('shows what happened and when for each of eight faults, and no secret', { timeout: 60_000 }, async () => {
    const account = { name: 'admin', password: PASSWORDS.nas };
    const nas = await simulatedNas({ schedules: false, speed: 10, runSeconds: 6000, accounts: [account] });
    const broker = await startMosquitto(path, {
      accounts: ['bridge', 'visitor'].map((name) => ({ name, password: PASSWORDS.broker })),
      acl: ACL,
    });
    onTestFinished(() => broker.close());
    const brokerConfig: FlowNode = {
      id: 'broker',
      type: 'active-backup-mqtt-broker',
      z: '',
      name: '',
      url: broker.url,
    };
    const common = { z: 'flow', name: '', x: 0, y: 0, nas: 'nas', wires: [] };
    const polls = { pollInterval: 5, activePollInterval: 1 };
    await load(
      [brokerNode, bridgeNode, eventsNode, apiRequestNode],
      [
        ...flowOf({ type: 'active-backup-mqtt-bridge', broker: 'broker', commands: true }, [
          nasConfig(nas, polls),
          brokerConfig,
        ]),
        { ...common, id: 'events', type: 'active-backup-events' },
        {
          ...common,
          id: 'request',
          type: 'active-backup-api-request',
          api: 'SYNO.ActiveBackup.Task',
          operation: 'list',
        },
      ],
      {
        nas: { username: 'admin', password: PASSWORDS.nas, deviceId: `${PLANTED}-device` },
        broker: { username: 'bridge', password: PASSWORDS.broker },
      },
    );
    pollOften();
    const log = (): Line[] => (helper.log().args as unknown as [Line][]).map(([line]) => line);
    const logged = (pattern: RegExp, from: number): Promise<unknown> =>
      until(() => log().some(({ msg, timestamp }) => timestamp >= from && pattern.test(String(msg))), {
        timeout: 15_000,
      });
    const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
    const command = async (topic: string, payload: string): Promise<void> => {
      const visitor = await connectClient(broker.url, { username: 'visitor', password: PASSWORDS.broker });
      await visitor.publish(`${root}/${topic}`, payload);
      await visitor.close();
    };
    const startedAt: number[] = [];
    /** Causes a fault and waits for its log line. */
    const happens = async (fault: keyof typeof FAULTS, cause: () => unknown): Promise<void> => {
      startedAt.push(Date.now());
      await cause();
      await logged(FAULTS[fault], startedAt.at(-1) ?? 0);
    };
    const successfulPoll = async (): Promise<void> => {
      const from = Date.now();
      await logged(/^Poll: (?:\d|unchanged)/, from);
    };

    await logged(/^MQTT: \d+ published, \d+ acknowledged$/, 0);
    helper.getNode('request').receive({ params: { load_status: true, planted: `${PLANTED}-parameter` } });

    let undo = nas.fail({ do: 'reset-before' });
    await happens('the NAS is down', () => undefined);
    undo();
    await successfulPoll();
    await happens('its session is dropped', () => nas.dropSessions());
    await successfulPoll();
    await happens('it answers with a web page', () => (undo = nas.fail({ do: 'html' })));
    undo();
    await successfulPoll();
    await happens('the broker is gone', () => broker.kill());
    await broker.start();
    await logged(/^MQTT: connected/, Date.now());
    await happens('the broker refuses a message', () => nas.state.startRun(2));
    await happens('a command is rejected', () => command('task/1/command', 'cancel'));
    await happens('a backup fails', () => {
      nas.state.startRun(1);
      nas.state.endRun(1, 'failed');
    });
    await happens('the password is wrong', () => {
      account.password = PASSWORDS.other;
      nas.dropSessions();
    });

    const lines = log();
    const found = faultsIn(lines);
    expect(found.map(({ fault }) => fault)).toEqual(Object.keys(FAULTS));
    found.forEach(({ fault, at }, index) => {
      expect(at, fault).toBeGreaterThanOrEqual(startedAt[index] ?? Infinity);
      expect(at, fault).toBeLessThanOrEqual(startedAt[index + 1] ?? Infinity);
    });
    const text = JSON.stringify(lines);
    expect(text).toContain('SYNO.ActiveBackup.Task.list: ok');
    expect(text).toContain('Signed in again');
    expect(text).not.toContain(PLANTED);
  });
});
