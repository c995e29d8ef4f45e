import { describe, expect, test } from 'vitest';
import { DsmError, type ErrorCode } from '../../src/dsm/errors';
import { BLOCKED_PAUSE_MS } from '../../src/dsm/login-refusals';
import { DsmSession, type Authenticator } from '../../src/dsm/session';

/** Counts logins and logouts; a test can make it refuse or wait. */
class CountingAuthenticator implements Authenticator {
  logins = 0;
  readonly loggedOut: string[] = [];
  refuse: ErrorCode | null = null;
  pending: Promise<void> | null = null;

  async login(): Promise<string> {
    this.logins++;
    await this.pending;
    if (this.refuse !== null) throw new DsmError(this.refuse, 'refused');
    return `sid-${this.logins}`;
  }

  logout(sid: string): Promise<void> {
    this.loggedOut.push(sid);
    return Promise.resolve();
  }
}

function open(): { authenticator: CountingAuthenticator; session: DsmSession; clock: { now: number } } {
  const authenticator = new CountingAuthenticator();
  const clock = { now: 0 };
  return { authenticator, clock, session: new DsmSession(authenticator, () => clock.now) };
}

test('there is no login before the first call', async () => {
  const { authenticator, session } = open();
  await session.close();
  expect(authenticator.logins).toBe(0);
  expect(authenticator.loggedOut).toEqual([]);
});

test('twenty callers at once share one login', async () => {
  const { authenticator, session } = open();
  const sids = await Promise.all(Array.from({ length: 20 }, () => session.getSid()));
  expect(new Set(sids)).toEqual(new Set(['sid-1']));
  expect(authenticator.logins).toBe(1);
});

test('a session lost by twenty callers is renewed once', async () => {
  const { authenticator, session } = open();
  const lost = await session.getSid();
  const renewed = await Promise.all(
    Array.from({ length: 20 }, () => {
      session.invalidate(lost);
      return session.getSid();
    }),
  );
  session.invalidate(lost); // a late report about the old session must not end the new one
  expect(new Set([...renewed, await session.getSid()])).toEqual(new Set(['sid-2']));
  expect(authenticator.logins).toBe(2);
});

describe('after a login that failed', () => {
  test.each(['EAUTH', 'EOTP', 'EPERMISSION', 'ECONFIG', 'EPARAM'] as const)('%s is final', async (code) => {
    const { authenticator, session, clock } = open();
    authenticator.refuse = code;
    await expect(session.getSid()).rejects.toMatchObject({ code });
    clock.now += 24 * 3600_000;
    await expect(session.getSid()).rejects.toMatchObject({ code });
    expect(authenticator.logins).toBe(1);
  });

  test('EBLOCKED forbids logins for thirty minutes', async () => {
    const { authenticator, session, clock } = open();
    authenticator.refuse = 'EBLOCKED';
    await expect(session.getSid()).rejects.toMatchObject({ code: 'EBLOCKED' });
    clock.now = BLOCKED_PAUSE_MS - 1;
    await expect(session.getSid()).rejects.toMatchObject({ code: 'EBLOCKED' });
    expect(authenticator.logins).toBe(1);
    clock.now = BLOCKED_PAUSE_MS;
    authenticator.refuse = null;
    await expect(session.getSid()).resolves.toBe('sid-2');
  });

  test.each(['EUNREACHABLE', 'ERESPONSE', 'EBUSY', 'EPACKAGE', 'EABB'] as const)(
    '%s allows the next login',
    async (code) => {
      const { authenticator, session } = open();
      authenticator.refuse = code;
      await expect(session.getSid()).rejects.toMatchObject({ code });
      authenticator.refuse = null;
      await expect(session.getSid()).resolves.toBe('sid-2');
    },
  );
});

describe('closing', () => {
  test('logs out, and later calls get no session', async () => {
    const { authenticator, session } = open();
    await session.getSid();
    await session.close();
    expect(authenticator.loggedOut).toEqual(['sid-1']);
    await expect(session.getSid()).rejects.toBeInstanceOf(DsmError);
    expect(authenticator.logins).toBe(1);
  });

  test('waits for a login in progress and logs it out', async () => {
    const { authenticator, session } = open();
    let finishLogin = (): void => undefined;
    authenticator.pending = new Promise((resolve) => (finishLogin = resolve));
    const caller = session.getSid();
    const closed = session.close();
    finishLogin();
    await Promise.all([caller, closed]);
    expect(authenticator.loggedOut).toEqual(['sid-1']);
  });

  test('a second close has no effect', async () => {
    const { authenticator, session } = open();
    await session.getSid();
    await Promise.all([session.close(), session.close()]);
    expect(authenticator.loggedOut).toEqual(['sid-1']);
  });
});
