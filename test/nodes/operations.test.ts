import type { NodeInitializer } from 'node-red';
import { describe, expect, test } from 'vitest';
import aemInfoNode from '../../nodes/aem-info/aem-info';
import apiRequestNode from '../../nodes/api-request/api-request';
import shareStorageNode from '../../nodes/share-storage/share-storage';
import type { Share, Storage, StorageOverview, Volume } from '../../src/active-backup/storage-types';
import type { AemInfo } from '../../src/active-backup/types';
import type { Nas } from '../nas/index';
import { flowOf, load, nasConfig, simulatedNas, type Flow } from './support';

type Properties = Record<string, unknown>;

const NODES: Readonly<Record<string, NodeInitializer>> = {
  'share-storage': shareStorageNode,
  'aem-info': aemInfoNode,
  'api-request': apiRequestNode,
};

async function nodeOf(name: string, properties: Properties = {}, nas: Properties = {}): Promise<Flow & { nas: Nas }> {
  const simulated = await simulatedNas();
  const flow = flowOf({ type: `active-backup-${name}`, ...properties }, [nasConfig(simulated, nas)]);
  return { ...(await load([NODES[name]!], flow)), nas: simulated };
}

/** The payload for one message. */
async function payloadOf(flow: Flow, msg: Properties): Promise<unknown> {
  const before = flow.out[0]?.length ?? 0;
  flow.send(msg);
  await flow.ended(flow.completed.length + flow.caught.length + 1);
  return flow.out[0]?.[before]?.payload;
}

describe('share-storage', () => {
  test('sends the overview by default: storages with their volume and share', async () => {
    const flow = await nodeOf('share-storage');
    const overview = (await payloadOf(flow, {})) as StorageOverview;
    expect(overview.defaultShare).toBe('ActiveBackupforBusiness');
    expect(overview.storages[0]).toMatchObject({ volume: { path: '/volume1' }, share: { isDefault: true } });
    expect(flow.out[0]?.[0]).toMatchObject({
      nas: { api: 'SYNO.ActiveBackup.Share', method: 'overview' },
      topic: 'overview',
    });
    expect(['list', 'list_storage', 'list_volume'].map((method) => flow.nas.received(method).length)).toEqual([
      1, 1, 1,
    ]);
    expect(flow.nas.received('overview')).toEqual([]);
  });

  test('lists shares, storages, volumes and encrypted shares as arrays', async () => {
    const flow = await nodeOf('share-storage');
    const shares = (await payloadOf(flow, { operation: 'list' })) as Share[];
    const storages = (await payloadOf(flow, { operation: 'list_storage' })) as Storage[];
    const volumes = (await payloadOf(flow, { operation: 'list_volume' })) as Volume[];
    expect(shares.filter(({ isDefault }) => isDefault)).toHaveLength(1);
    expect(storages[0]?.dedupRatio).toBeTypeOf('number');
    expect(volumes[0]?.totalBytes).toBeTypeOf('number');
    expect(await payloadOf(flow, { operation: 'list_encrypted' })).toEqual([]);
  });

  test('deletes only with the access level delete', async () => {
    const flow = await nodeOf(
      'share-storage',
      { operation: 'remove', params: { is_remove_data: { value: 'true', type: 'bool' } } },
      { access: 'manage' },
    );
    flow.send({});
    await flow.ended(1);
    expect(flow.caught[0]?.error.code).toBe('EACCESS');
    expect(flow.caught[0]?.error.message).toMatch(/delete/);
    expect(flow.nas.requests).toEqual([]);
  });
});

describe('aem-info', () => {
  test('contains whether an ActiveProtect leader manages the NAS', async () => {
    const flow = await nodeOf('aem-info', {}, { access: 'delete' });
    expect((await payloadOf(flow, {})) as AemInfo).toMatchObject({ joined: false, roleCode: 2, statusCode: 0 });
    await payloadOf(flow, { operation: 'join', params: { key: 'planted-key' } });
    expect(flow.nas.received('join')[0]?.parameters['key']).toBe('"planted-key"');
    expect(JSON.stringify([flow.caught, flow.statuses])).not.toContain('planted-key');
  });

  test('does not show the key in the error of an invalid one', async () => {
    const flow = await nodeOf('aem-info', { operation: 'check_key' });
    flow.send({ params: { key: { secret: 'planted-key' } } });
    await flow.ended(1);
    expect(flow.caught[0]?.error.code).toBe('EPARAM');
    expect(flow.caught[0]?.error.message).not.toContain('planted-key');
  });
});

describe('api-request', () => {
  test('calls a read method of the method table', async () => {
    const flow = await nodeOf(
      'api-request',
      { api: 'SYNO.ActiveBackup.Activation', operation: 'get' },
      { access: 'read' },
    );
    expect(await payloadOf(flow, {})).toMatchObject({ activated: true });
  });

  test('takes API, operation and parameters from the message', async () => {
    const flow = await nodeOf('api-request');
    const results = await payloadOf(flow, {
      api: 'SYNO.ActiveBackup.Log',
      operation: 'list_result',
      params: { limit: 3, offset: 0 },
    });
    expect(results).toHaveLength(3);
    expect(flow.out[0]?.[0]?.nas).toMatchObject({ api: 'SYNO.ActiveBackup.Log', method: 'list_result' });
    for (const override of ['api', 'operation', 'params']) expect(flow.out[0]?.[0]).not.toHaveProperty(override);
  });

  test.each([
    ['SYNO.ActiveBackup.Log', 'clear', 'manage'],
    ['SYNO.ActiveBackup.Version', 'delete', 'manage'],
    ['SYNO.ActiveBackup.Never', 'no_such_method', 'manage'],
    ['SYNO.ActiveBackup.Task', 'backup', 'read'],
  ])('%s.%s requires more than "%s": EACCESS, and nothing is sent', async (api, operation, access) => {
    const flow = await nodeOf('api-request', { api, operation }, { access });
    flow.send({ params: { task_ids: [1] } });
    await flow.ended(1);
    expect(flow.caught[0]?.error.code).toBe('EACCESS');
    expect(flow.nas.requests).toEqual([]);
  });

  test.each([
    ['SYNO.Core.System', 'info'],
    ['SYNO.ActiveBackup.', 'list'],
    ['SYNO.ActiveBackup.Task&method=remove', 'list'],
    ['', 'list'],
    ['SYNO.ActiveBackup.Task', ''],
    ['SYNO.ActiveBackup.Task', 'list&x=1'],
  ])('API "%s" with operation "%s" is EPARAM, and nothing is sent', async (api, operation) => {
    const flow = await nodeOf('api-request', { api, operation }, { access: 'delete' });
    flow.send({});
    await flow.ended(1);
    expect(flow.caught[0]?.error.code).toBe('EPARAM');
    expect(flow.nas.requests).toEqual([]);
  });

  test.each(['method', 'api', 'version', '_sid'])(
    'a parameter "%s" cannot change the call into another one',
    async (name) => {
      const flow = await nodeOf('api-request', { api: 'SYNO.ActiveBackup.Task', operation: 'list' });
      flow.send({ params: { [name]: 'remove', task_ids: [1] } });
      await flow.ended(1);
      expect(flow.caught[0]?.error.code).toBe('EPARAM');
      expect(flow.nas.requests).toEqual([]);
    },
  );
});
