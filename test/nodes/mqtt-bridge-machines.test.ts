import { expect, onTestFinished, test } from 'vitest';
import { startMosquitto } from '../support/mosquitto';
import { retainedAt } from '../support/mqtt-client';
import { describeWith } from '../support/needs';
import { until } from '../support/until';
import { brokerConfig, NODES, poll, subscriber, V4 } from './mqtt-bridge-support';
import { flowOf, load, nasConfig, simulatedNas } from './support';

type Document = Record<string, unknown>;

/** A bridge that publishes machines, on a broker of its own. */
async function machinesOf(path: string, nas: Awaited<ReturnType<typeof simulatedNas>>, devices: string) {
  const mosquitto = await startMosquitto(path);
  onTestFinished(() => mosquitto.close());
  const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
  const client = await subscriber(mosquitto.url, `${root}/event`, `${root}/state`);
  const bridge = { type: 'active-backup-mqtt-bridge', broker: 'broker', devices };
  await load(NODES, flowOf(bridge, [nasConfig(nas), brokerConfig(mosquitto.url)]));
  await client.received(`${root}/state`);
  const documents = async (filter: string): Promise<Document[]> =>
    [...(await retainedAt(mosquitto.url, `${root}/${filter}`, V4)).values()].map(
      (text) => JSON.parse(text) as Document,
    );
  return { root, client, documents };
}

describeWith('mosquitto', 'the machines of a bridge', (path) => {
  test('of a task of forty, one of which fails: that one is failing, and the others are protected', async () => {
    const nas = await simulatedNas({ tasks: 1, devices: 40, speed: 0 });
    const { root, client, documents } = await machinesOf(path, nas, 'all');
    await until(async () => (await documents('device/+/state')).every(({ protection }) => protection === 'protected'));
    expect(await documents('device/+/state')).toHaveLength(40);
    await client.caughtUp();
    client.forget();

    const victim = nas.state.devices[17]!;
    nas.state.setDeviceOutcome(1, victim.id, 'failed', -71);
    nas.state.startRun(1);
    nas.state.endRun(1);
    await poll();

    await until(async () => (await documents('state'))[0]?.['devices_failing'] === 1);
    const failing = (await documents('device/+/state')).filter(({ protection }) => protection !== 'protected');
    expect(failing).toMatchObject([
      {
        ...{ device_id: victim.id, name: victim.hostName, protection: 'failing', status: 'failing', problem: 'ON' },
        ...{ last_result: 'failed', failures_in_row: 1 },
      },
    ]);
    expect(await documents('state')).toMatchObject([{ problem: 'ON', devices_late: 0 }]);
    expect(await documents('task/1/attributes')).toMatchObject([{ failed_devices: [victim.hostName] }]);
    const ends = client.on(`${root}/event`).map((text) => JSON.parse(text) as Document);
    expect(ends.filter(({ event_type: type }) => type === 'backup_partial')).toMatchObject([
      { failed_devices: [victim.hostName] },
    ]);
  });

  test('are only those with a problem, if chosen so', async () => {
    const nas = await simulatedNas({ tasks: 1, devices: 40, speed: 0 });
    const victim = nas.state.devices[17]!;
    nas.state.setDeviceOutcome(1, victim.id, 'failed', -71);
    nas.state.startRun(1);
    nas.state.endRun(1);
    const { documents } = await machinesOf(path, nas, 'problems');
    await until(async () => (await documents('device/+/state')).length > 0);
    expect(await documents('device/+/state')).toMatchObject([{ device_id: victim.id, protection: 'failing' }]);
  });

  test('are unknown where the NAS does not report their outcomes, whatever their task says', async () => {
    const nas = await simulatedNas({ tasks: 1, devices: 3, speed: 0 });
    nas.fail({
      on: { api: 'SYNO.ActiveBackup.Overview', method: 'list_device_transfer_size' },
      do: 'refuse',
      code: 105,
    });
    const { documents } = await machinesOf(path, nas, 'all');
    await until(async () => (await documents('device/+/state')).length === 3);
    const unknown = { protection: 'unknown', status: 'unknown', problem: null, overdue: null, last_success: null };
    expect(await documents('device/+/state')).toMatchObject([unknown, unknown, unknown]);
    expect(await documents('state')).toMatchObject([{ devices_failing: null, devices_late: null }]);
  });
});
