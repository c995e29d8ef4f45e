import { describe, expect, test } from 'vitest';
import aemInfo from '../../nodes/aem-info/aem-info';
import { DsmError } from '../../src/dsm/errors';
import { brokerSettings } from '../../src/node-red/broker-registry';
import { nasSettings } from '../../src/node-red/settings';
import { flowOf, load, nasConfig, simulatedNas } from '../nodes/support';

const SECRET = 'hunter2';
const NAS = { id: 'n', type: 'active-backup-nas', z: '', name: '' };
const BROKER = { id: 'b', type: 'active-backup-mqtt-broker', z: '', name: '' };

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof DsmError) return error.message;
  }
  throw new Error('the settings were accepted');
}

describe('a password in a wrong field is not in the error', () => {
  test.each([
    `admin:${SECRET}@nas.lan`,
    `https://admin:${SECRET}@nas lan`,
    `ftp://admin:${SECRET}@nas.lan`,
    `https://admin:${SECRET}@nas.lan`,
    `nas.lan/${SECRET}`,
  ])('host %s', (host) => {
    expect(messageOf(() => nasSettings({ ...NAS, host }, { username: 'a', password: 'b' }))).not.toContain(SECRET);
  });

  test.each(['port', 'https', 'verifyCertificate', 'fingerprint', 'access', 'pollInterval', 'timeout'])(
    'property %s',
    (property) => {
      const def = { ...NAS, host: 'nas.lan', [property]: `${SECRET}!` };
      expect(messageOf(() => nasSettings(def, { username: 'a', password: 'b' }))).not.toContain(SECRET);
    },
  );

  test('the query of an address, when the node has no name', () => {
    const def = { ...NAS, host: `https://nas.lan/?token=${SECRET}` };
    const message = messageOf(() => nasSettings(def, { username: 'a' }));
    expect(message).toContain('nas.lan');
    expect(message).not.toContain(SECRET);
  });

  test.each([`mqtt:user:${SECRET}@broker`, `http://${SECRET}@x`, SECRET])('broker %s', (url) => {
    expect(messageOf(() => brokerSettings({ ...BROKER, url }, undefined))).not.toContain(SECRET);
  });
});

test.each(['json', 'jsonata'])('a join key of the type %s is not in the error', async (type) => {
  const nas = await simulatedNas();
  const params = { key: { value: `${SECRET} - key (`, type } };
  const node = { type: 'active-backup-aem-info', operation: 'join', params };
  const flow = await load([aemInfo], flowOf(node, [nasConfig(nas, { access: 'delete' })]));
  flow.send({});
  await flow.ended(1);
  expect(flow.caught[0]?.error).toMatchObject({ code: 'EPARAM', message: expect.stringContaining('"key"') as string });
  expect(flow.caught[0]?.error.message).not.toContain(SECRET);
});
