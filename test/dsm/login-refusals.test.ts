import {
  createServer,
  connect as connectTcp,
  type AddressInfo,
  type Server,
  type Socket,
  type LookupFunction,
} from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DiskStation, type DiskStationOptions } from '../../src/dsm/diskstation';
import { BLOCKED_PAUSE_MS, LoginRefusals } from '../../src/dsm/login-refusals';
import { startNas, type Nas } from '../nas/index';
import { BACKUP, connect, errorOf, LIST } from './support';

const WRONG = { name: 'admin', password: 'wrong' };

/** Error code of a call, or `ok`. */
const endOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'ok',
    (error: unknown) => (error as { code: string }).code,
  );

describe('a NAS that takes longer than the time limit', () => {
  const slow = { on: { method: 'login' }, do: 'delay', ms: 400 } as const;

  test('receives one login for each read', async () => {
    const { nas, station } = await connect({}, { timeoutMs: 200, account: WRONG });
    nas.fail(slow);
    expect(await endOf(station.call(LIST))).toBe('EUNREACHABLE');
    expect(nas.received('login')).toHaveLength(1);
  });

  test('and refuses late receives no further login', async () => {
    const { nas, station } = await connect({}, { timeoutMs: 250, account: WRONG });
    nas.fail(slow);
    await errorOf(station.call(LIST));
    await expect.poll(() => endOf(station.call(LIST))).toBe('EAUTH');
    expect(nas.received('login')).toHaveLength(1);
  });

  test('keeps no unused session', async () => {
    const { nas, station } = await connect({}, { timeoutMs: 250 });
    nas.fail({ ...slow, times: 1 });
    expect(await endOf(station.call(LIST))).toBe('EUNREACHABLE');
    await expect.poll(() => endOf(station.call(LIST))).toBe('ok');
    expect(nas.received('login')).toHaveLength(1);
    await station.close();
    expect(nas.sessions).toBe(0);
  });
});

describe('105, which means "not permitted" and "no such session"', () => {
  test('ten forbidden changes: one login, one session', async () => {
    const { nas, station } = await connect();
    nas.fail({ on: { method: 'backup' }, do: 'refuse', code: 105 });
    for (let i = 0; i < 10; i += 1) expect(await endOf(station.call(BACKUP))).toBe('EPERMISSION');
    expect(nas.received('login')).toHaveLength(1);
    expect(nas.sessions).toBe(1);
  });

  test('a change after a long pause renews the session once and closes the old one', async () => {
    const clock = { now: 0 };
    const { nas, station } = await connect({}, { now: () => clock.now });
    nas.fail({ on: { method: 'backup' }, do: 'refuse', code: 105 });
    for (let i = 0; i < 10; i += 1) {
      clock.now += 60_000;
      expect(await endOf(station.call(BACKUP))).toBe('EPERMISSION');
    }
    expect(nas.received('login').length).toBeLessThanOrEqual(2);
    expect(nas.sessions).toBeLessThanOrEqual(1);
  });

  test('a forbidden read renews the session once and closes the old one', async () => {
    const { nas, station } = await connect();
    nas.fail({ on: { method: 'list' }, do: 'refuse', code: 105 });
    for (let i = 0; i < 10; i += 1) expect(await endOf(station.call(LIST))).toBe('EPERMISSION');
    expect(nas.received('login')).toHaveLength(2);
    await expect.poll(() => nas.sessions).toBe(1);
  });

  test('a session is logged out only after its last call', async () => {
    const { nas, station } = await connect();
    await station.call(LIST);
    nas.fail({ on: { method: 'backup' }, do: 'delay', ms: 150 });
    nas.fail({ on: { method: 'list' }, do: 'refuse', code: 105, times: 1 });
    const change = endOf(station.call(BACKUP));
    expect(await endOf(station.call(LIST))).toBe('ok');
    expect(nas.received('logout')).toHaveLength(0);
    expect(await change).toBe('ok');
    await expect.poll(() => nas.received('logout').length).toBe(1);
  });

  test('a success clears the refusal, so that reads continue after a restart of the NAS', async () => {
    const { nas, station } = await connect();
    const permit = nas.fail({ on: { method: 'list' }, do: 'refuse', code: 105 });
    expect(await endOf(station.call(LIST))).toBe('EPERMISSION');
    permit();
    expect(await endOf(station.call(LIST))).toBe('ok');
    nas.fail({ on: { method: 'list' }, do: 'refuse', code: 105, times: 1 }); // the response to a stale session
    expect(await endOf(station.call(LIST))).toBe('ok');
    expect(nas.received('login')).toHaveLength(3);
  });

  test('a refusal expires after half an hour', async () => {
    const clock = { now: 0 };
    const { nas, station } = await connect({}, { now: () => clock.now });
    nas.fail({ on: { method: 'list' }, do: 'refuse', code: 105 });
    await errorOf(station.call(LIST));
    clock.now += 30 * 60_000;
    await errorOf(station.call(LIST));
    expect(nas.received('login')).toHaveLength(3);
  });
});

describe('a refused login', () => {
  /** Calls over a new connection, as a redeployed node does. */
  async function call(nas: Nas, options: Partial<DiskStationOptions>): Promise<string> {
    const station = new DiskStation({
      url: new URL(nas.url),
      account: WRONG,
      certificate: { verify: true, fingerprint: null },
      timeoutMs: 5000,
      retryPausesMs: [],
      ...options,
    });
    const end = await endOf(station.call(LIST));
    await station.close();
    return end;
  }
  async function withNas(): Promise<{ nas: Nas; clock: { now: number }; options: Partial<DiskStationOptions> }> {
    const nas = await startNas();
    onTestFinished(() => nas.close());
    const clock = { now: 0 };
    return { nas, clock, options: { refusals: new LoginRefusals(), now: () => clock.now } };
  }

  test('is remembered over twelve new connections with the same credentials: one login', async () => {
    const { nas, clock, options } = await withNas();
    for (let i = 0; i < 12; i += 1) {
      expect(await call(nas, options)).toBe('EAUTH');
      clock.now += 24 * 3600_000;
    }
    expect(nas.received('login')).toHaveLength(1);
  });

  test.each<[string, Partial<DiskStationOptions>]>([
    ['another password', { account: { ...WRONG, password: 'synology' } }],
    ['a trusted-device token', { account: { ...WRONG, deviceId: 'token' } }],
    ['another account', { account: { ...WRONG, name: 'other' } }],
  ])('does not affect %s', async (_, changed) => {
    const { nas, options } = await withNas();
    await call(nas, options);
    await call(nas, { ...options, ...changed });
    expect(nas.received('login')).toHaveLength(2);
  });

  test('because of a block expires after 30 minutes, also when the clock was set back', async () => {
    const { nas, clock, options } = await withNas();
    const unblock = nas.fail({ on: { method: 'login' }, do: 'refuse', code: 407 });
    expect(await call(nas, options)).toBe('EBLOCKED');
    clock.now = BLOCKED_PAUSE_MS - 1;
    expect(await call(nas, options)).toBe('EBLOCKED');
    expect(nas.received('login')).toHaveLength(1);
    clock.now = BLOCKED_PAUSE_MS;
    expect(await call(nas, options)).toBe('EBLOCKED');
    clock.now = -24 * 3600_000;
    unblock();
    expect(await call(nas, { ...options, account: WRONG })).toBe('EAUTH');
    expect(nas.received('login')).toHaveLength(3);
  });

  test('names the way to clear it, and each caller gets its own copy of the error', async () => {
    const { station } = await connect({}, { account: WRONG });
    await errorOf(station.call(LIST));
    const [one, other] = [await errorOf(station.call(LIST)), await errorOf(station.call(LIST))];
    expect(one).not.toBe(other);
    expect(one.cause).not.toBe(other.cause);
    expect(one.message).toContain('unless the connection is tested in the NAS node');
  });
});

test('an update that moves the Auth API costs one failed read and one login', async () => {
  const { nas, station } = await connect();
  await station.call(LIST);
  nas.dropSessions();
  nas.fail({ on: { method: 'login' }, do: 'http-status', status: 404, times: 1 });
  expect(await endOf(station.call(LIST))).toBe('ERESPONSE');
  expect(await endOf(station.call(LIST))).toBe('ok');
  expect(nas.received('query')).toHaveLength(2);
});

describe('a NAS with an IPv4 and an IPv6 address', () => {
  /** A TCP proxy to the NAS. The NAS sees `localAddress` as the address of the client. */
  async function startProxy(nas: Nas, host: string, port: number, localAddress: string): Promise<Server> {
    const sockets = new Set<Socket>();
    const server = createServer((client) => {
      const target = connectTcp({ host: nas.host, port: nas.port, localAddress });
      for (const socket of [client, target]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          client.destroy();
          target.destroy();
        });
      }
      client.pipe(target).pipe(client);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, host, resolve);
    });
    server.once('close', () => {
      for (const socket of sockets) socket.destroy();
    });
    onTestFinished(() => void server.close());
    return server;
  }
  const stopProxy = (server: Server): void => {
    server.close();
    server.emit('close');
  };

  const lookup: LookupFunction = (_name, options, callback) => {
    const all = [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ].filter(({ family }) => !options.family || options.family === family);
    const [first = { address: '', family: 0 }] = all;
    if (options.all === true) callback(null, all);
    else callback(null, first.address, first.family);
  };

  test('is used through one of them; IPv6 that fails and returns costs at most two more logins', async () => {
    const nas = await startNas();
    onTestFinished(() => nas.close());
    let six = await startProxy(nas, '::1', 0, '127.0.0.6');
    const { port } = six.address() as AddressInfo;
    await startProxy(nas, '127.0.0.1', port, '127.0.0.4');
    const station = new DiskStation({
      url: new URL(`http://nas.test:${port}/`),
      account: { name: 'admin', password: 'synology' },
      certificate: { verify: true, fingerprint: null },
      timeoutMs: 5000,
      retryPausesMs: [1, 1],
      lookup,
    });
    onTestFinished(() => station.close());
    const poll = async (): Promise<void> => {
      const ends = await Promise.all(Array.from({ length: 8 }, () => endOf(station.call(LIST))));
      expect(new Set(ends)).toEqual(new Set(['ok']));
    };
    await poll();
    expect(nas.received('login')).toHaveLength(1);
    stopProxy(six);
    for (let i = 0; i < 3; i += 1) await poll();
    expect(nas.received('login').length).toBeLessThanOrEqual(2);
    six = await startProxy(nas, '::1', port, '127.0.0.6');
    for (let i = 0; i < 3; i += 1) await poll();
    expect(nas.received('login').length).toBeLessThanOrEqual(3);
    expect(await endOf(station.call(BACKUP))).toBe('ok');
  });

  test('150 drops the connections that were open', async () => {
    const { nas, station } = await connect();
    await Promise.all(Array.from({ length: 6 }, () => station.call(LIST)));
    const connectionsOf = (from: number): Set<number> =>
      new Set(
        nas
          .received('list')
          .slice(from)
          .map(({ connection }) => connection),
      );
    const before = connectionsOf(0);
    nas.fail({ on: { method: 'list' }, do: 'refuse', code: 150, times: 1 });
    const sent = nas.received('list').length;
    expect(await endOf(station.call(LIST))).toBe('ok');
    await Promise.all(Array.from({ length: 6 }, () => station.call(LIST)));
    const after = [...connectionsOf(sent + 1)];
    expect(after.filter((connection) => before.has(connection))).toEqual([]);
  });
});
