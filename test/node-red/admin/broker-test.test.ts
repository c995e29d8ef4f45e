import { describe, expect, onTestFinished, test } from 'vitest';
import brokerNode from '../../../nodes/mqtt-broker/mqtt-broker';
import { startBroker } from '../../../scripts/demo/broker';
import type { AdminResponse, BrokerTest } from '../../../src/node-red/admin/responses';
import { STORED_PASSWORD } from '../../../src/settings/nas-settings';
import { flowOf, helper, load } from '../../nodes/support';
import { freePort } from '../../support/free-port';
import { startMosquitto, type Mosquitto } from '../../support/mosquitto';
import { describeWith } from '../../support/needs';

const ACCOUNT = { username: 'anna', password: 'Geh€im' };

/** Deploys a broker node with the account. */
async function deploy(url: string, properties: object = {}): Promise<void> {
  const common = { id: 'broker', type: 'active-backup-mqtt-broker', z: '', name: '' };
  await load([brokerNode], flowOf({ type: 'helper' }, [{ ...common, url, ...properties }]), { broker: ACCOUNT });
}

function form(url: string, values: object = {}): object {
  return {
    id: 'broker',
    url,
    tls: '',
    clientId: '',
    protocolVersion: 'auto',
    keepalive: '60',
    credentials: ACCOUNT,
    ...values,
  };
}

async function run(body: object): Promise<AdminResponse<BrokerTest>> {
  return (await helper.request().post('/active-backup/broker/test').send(body)).body as AdminResponse<BrokerTest>;
}

describeWith('mosquitto', 'the test of a broker', (path) => {
  async function broker(options: Parameters<typeof startMosquitto>[1] = {}): Promise<Mosquitto> {
    const accounts = [{ name: ACCOUNT.username, password: ACCOUNT.password }];
    const mosquitto = await startMosquitto(path, { accounts, ...options });
    onTestFinished(() => mosquitto.close());
    return mosquitto;
  }

  test('reports the version of MQTT, and disconnects', async () => {
    const mosquitto = await broker();
    const { url } = mosquitto;
    await deploy(url);
    expect(await run(form(url))).toEqual({
      ok: true,
      result: { connected: true, version: '5', retains: true, roundTripMs: expect.any(Number) as number },
    });
    await mosquitto.logged(/Client active-backup-test-[0-9a-f]{8} .*disconnected/);
  });

  test('reports a refused login', async () => {
    const { url } = await broker();
    await deploy(url);
    const wrong = form(url, { credentials: { ...ACCOUNT, password: 'wrong' } });
    expect(await run(wrong)).toMatchObject({ ok: true, result: { connected: false, kind: 'refused-login' } });
  });

  test('reports a certificate that is not trusted', async () => {
    const { url } = await broker({ tls: true });
    await deploy(url);
    expect(await run(form(url))).toMatchObject({ ok: true, result: { connected: false, kind: 'tls' } });
  });

  test('uses the configured client id while no bridge has it', async () => {
    const mosquitto = await broker();
    const { url } = mosquitto;
    await deploy(url);
    expect(await run(form(url, { clientId: 'my-id' }))).toMatchObject({ result: { connected: true } });
    await mosquitto.logged(/as my-id /);
  });

  test('sends a stored password to the deployed URL with the deployed TLS configuration alone', async () => {
    const [own, other] = [await broker(), await broker()];
    await deploy(own.url);
    const credentials = { ...ACCOUNT, password: STORED_PASSWORD };
    expect(await run(form(own.url, { credentials }))).toMatchObject({ ok: true, result: { connected: true } });
    for (const body of [form(other.url, { credentials }), form(own.url, { credentials, id: 'new' })]) {
      expect(await run(body)).toMatchObject({
        ok: false,
        error: { code: 'ECONFIG', message: expect.stringMatching(/password again/) as string },
      });
    }
    expect(other.log).not.toContain('New connection');
  });
});

describe('the test of a broker, without a program', () => {
  test('reports the version of a broker without MQTT 5', async () => {
    const { url, close } = await startBroker(0);
    onTestFinished(close);
    await deploy(url);
    expect(await run(form(url))).toMatchObject({ ok: true, result: { connected: true, version: '3.1.1' } });
  });

  test('reports a port at which nothing listens', async () => {
    const url = `mqtt://127.0.0.1:${await freePort()}`;
    await deploy(url);
    expect(await run(form(url))).toMatchObject({ ok: true, result: { connected: false, kind: 'unreachable' } });
  });

  test.each([[{}], [[]], [{ id: 'broker' }], [{ id: 'broker', url: 'http://broker.lan' }]])(
    'refuses %j as values of the dialog',
    async (body) => {
      await deploy('mqtt://127.0.0.1:9');
      const response = await run(body);
      expect(response).toMatchObject({ ok: false, error: { code: expect.stringMatching(/EPARAM|ECONFIG/) as string } });
    },
  );
});
