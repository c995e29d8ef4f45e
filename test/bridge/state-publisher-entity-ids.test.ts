import { describe, expect, onTestFinished, test } from 'vitest';
import { startBroker } from '../../scripts/demo/broker';
import { announcedBase } from '../../src/home-assistant/entity-ids';
import type { PersistedState } from '../../src/bridge/persisted-state';
import type { Nas } from '../nas/index';
import { connectClient, retainedAt } from '../support/mqtt-client';
import { until } from '../support/until';
import { ORIGIN, simulatedNas, startBridge, type TestBridge } from './support';

async function broker(): Promise<string> {
  const { url, close } = await startBroker(0);
  onTestFinished(close);
  return url;
}

/** A simulated NAS with this serial number and tasks of these names. */
async function nasWith(serialNumber: string, ...names: string[]): Promise<Nas> {
  const nas = await simulatedNas({ tasks: names.length });
  nas.state.serialNumber = serialNumber;
  for (const [index, name] of names.entries()) nas.state.task(index + 1).name = name;
  return nas;
}

interface Config {
  readonly device: { readonly name: string };
  readonly components: Record<string, { default_entity_id: string; command_topic?: string }>;
}

/** Retained discovery by object id. */
async function configs(url: string): Promise<Map<string, Config>> {
  const retained = await retainedAt(url, 'homeassistant/device/+/config', { protocolVersion: 4 });
  return new Map([...retained].map(([topic, payload]) => [topic.split('/')[2]!, JSON.parse(payload) as Config]));
}

/** Id base by object id. */
async function bases(url: string): Promise<Record<string, string | null>> {
  const found = [...(await configs(url))].map(([objectId, { components }]) => {
    const ids = Object.entries(components).map(
      ([key, { default_entity_id: entityId }]) => [key, { entityId }] as const,
    );
    return [objectId, announcedBase(Object.fromEntries(ids))] as const;
  });
  return Object.fromEntries(found);
}

/** The command topics of the buttons in a dashboard, according to the discovery. */
async function commandsOf({ bridge }: TestBridge, url: string): Promise<string[]> {
  const components = [...(await configs(url)).values()].flatMap((config) => Object.values(config.components));
  return [...bridge.dashboard().matchAll(/entity: ['"]?(button\.\w+)/g)].flatMap(([, id]) =>
    components
      .filter(({ default_entity_id }) => default_entity_id === id)
      .map(({ command_topic = '' }) => command_topic),
  );
}

const idle = { def: { commands: true } };

describe('two NAS with the same names', () => {
  test.each([
    { when: 'one after the other', isTogether: false },
    { when: 'together', isTogether: true },
  ])('published $when have different ids, and each dashboard starts its own backups', async ({ isTogether }) => {
    const url = await broker();
    const [one, other] = [await nasWith('AAA', 'PC', 'Server'), await nasWith('BBB', 'PC', 'Server')];
    const first = await startBridge(one, url, idle);
    if (!isTogether) await first.settled();
    const second = await startBridge(other, url, idle);
    await Promise.all([first.settled(), second.settled()]);
    const all = [...(await configs(url)).values()].flatMap(({ components }) => Object.values(components));
    const ids = all.map(({ default_entity_id }) => default_entity_id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const bridged of [first, second]) {
      const topics = await commandsOf(bridged, url);
      expect(topics.length).toBeGreaterThanOrEqual(5);
      expect(topics.filter((topic) => !topic.startsWith(`${bridged.root}/`))).toEqual([]);
    }
  });

  test('published by another Node-RED do not use the ids that are retained at the broker', async () => {
    const url = await broker();
    const otherClient = await connectClient(url, { protocolVersion: 4 });
    onTestFinished(() => otherClient.close());
    const components = { status: { platform: 'sensor', default_entity_id: 'sensor.cellar_pc_status' } };
    const topic = 'homeassistant/device/active_backup_zzz_task_1/config';
    await otherClient.publish(topic, JSON.stringify({ origin: ORIGIN, components }), { retain: true });
    const bridged = await startBridge(await nasWith('AAA', 'PC'), url, idle);
    await bridged.settled();
    expect(await bases(url)).toMatchObject({ active_backup_aaa_task_1: 'cellar_pc_2' });
  });
});

describe('a rename', () => {
  test('of a task or of the NAS changes names, not ids, also across a restart; a new task uses the first name', async () => {
    const url = await broker();
    const nas = await nasWith('AAA', 'PC');
    const before = await startBridge(nas, url, idle);
    await before.settled();
    const ids = await bases(url);
    expect(ids).toMatchObject({ active_backup_aaa: 'cellar_active_backup', active_backup_aaa_task_1: 'cellar_pc' });
    const dashboard = before.bridge.dashboard();

    nas.state.task(1).name = 'Office PC';
    before.bridge.setNasDescription({ ...before.published().facts, name: 'Attic' });
    await until(async () => {
      const now = await configs(url);
      const names = ['active_backup_aaa', 'active_backup_aaa_task_1'].map((id) => now.get(id)?.device.name);
      return names.join() === 'Attic Active Backup,Office PC';
    });
    expect(await bases(url)).toEqual(ids);
    const idsIn = (yaml: string): string[] => [...yaml.matchAll(/\w+\.cellar_\w+/g)].map(([id]) => id);
    expect(idsIn(before.bridge.dashboard())).toEqual(idsIn(dashboard));

    await before.close();
    nas.state.addTask({ name: 'Laptop' });
    const published = JSON.parse(JSON.stringify(before.published())) as PersistedState;
    const after = await startBridge(nas, url, { ...idle, published });
    await after.settled();
    expect(await bases(url)).toEqual({ ...ids, active_backup_aaa_task_2: 'cellar_laptop' });
  });

  test('does not change ids after a purge either', async () => {
    const url = await broker();
    const nas = await nasWith('AAA', 'PC');
    const bridged = await startBridge(nas, url, idle);
    await bridged.settled();
    const ids = await bases(url);
    await bridged.bridge.purge();
    nas.state.task(1).name = 'Office PC';
    bridged.bridge.publishAll();
    await until(async () => Object.keys(await bases(url)).length === Object.keys(ids).length);
    expect(await bases(url)).toEqual(ids);
  });
});

describe('ids published by release 0.1, which did not store bases', () => {
  const old = (objectId: string, base: string): [string, string] => [
    `homeassistant/device/${objectId}/config`,
    JSON.stringify({
      origin: ORIGIN,
      components: { status: { platform: 'sensor', default_entity_id: `sensor.${base}_status` } },
    }),
  ];
  const retain = async (url: string, ...all: [topic: string, payload: string][]): Promise<void> => {
    const client = await connectClient(url, { protocolVersion: 4 });
    for (const [topic, payload] of all) await client.publish(topic, payload, { retain: true });
    await client.close();
  };

  test('are kept, although names have changed', async () => {
    const url = await broker();
    await retain(url, old('active_backup_aaa', 'attic_active_backup'), old('active_backup_aaa_task_1', 'pc'));
    const bridged = await startBridge(await nasWith('AAA', 'Office PC', 'Server'), url, idle);
    await bridged.settled();
    expect(await bases(url)).toMatchObject({
      active_backup_aaa: 'attic_active_backup',
      active_backup_aaa_task_1: 'pc',
      active_backup_aaa_task_2: 'attic_server',
    });
  });

  test('are not used if two NAS had the same', async () => {
    const url = await broker();
    await retain(url, old('active_backup_aaa_task_1', 'pc'), old('active_backup_bbb_task_1', 'pc'));
    const [one, other] = [await nasWith('AAA', 'PC'), await nasWith('BBB', 'PC')];
    const all = [await startBridge(one, url, idle), await startBridge(other, url, idle)];
    await Promise.all(all.map((bridged) => bridged.settled()));
    expect(await bases(url)).toMatchObject({
      active_backup_aaa_task_1: 'cellar_pc',
      active_backup_bbb_task_1: 'cellar_2_pc',
    });
  });
});
