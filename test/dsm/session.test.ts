import { describe, expect, test } from 'vitest';
import { DsmError, type ErrorCode } from '../../src/dsm/errors';
import { BLOCKED_PAUSE_MS, DsmSession, type Authenticator } from '../../src/dsm/session';

/** A door that counts, and that can be told to refuse. */
class CountingDoor implements Authenticator {
  logins = 0;
  readonly loggedOut: string[] = [];
  refuse: ErrorCode | null = null;
  held: Promise<void> | null = null;

  async login(): Promise<string> {
    this.logins++;
    await this.held;
    if (this.refuse !== null) throw new DsmError(this.refuse, 'refused');
    return `sid-${this.logins}`;
  }

  logout(sid: string): Promise<void> {
    this.loggedOut.push(sid);
    return Promise.resolve();
  }
}

function open(): { door: CountingDoor; session: DsmSession; clock: { now: number } } {
  const door = new CountingDoor();
  const clock = { now: 0 };
  return { door, clock, session: new DsmSession(door, () => clock.now) };
}

test('nothing logs in before the first caller', async () => {
  const { door, session } = open();
  await session.close();
  expect(door.logins).toBe(0);
  expect(door.loggedOut).toEqual([]);
});

test('twenty callers at once share one login', async () => {
  const { door, session } = open();
  const sids = await Promise.all(Array.from({ length: 20 }, () => session.getSid()));
  expect(new Set(sids)).toEqual(new Set(['sid-1']));
  expect(door.logins).toBe(1);
});

test('a session lost by twenty callers is renewed once', async () => {
  const { door, session } = open();
  const lost = await session.getSid();
  const renewed = await Promise.all(
    Array.from({ length: 20 }, () => {
      session.invalidate(lost);
      return session.getSid();
    }),
  );
  session.invalidate(lost); // a late reporter of the old session does not throw the new one away
  expect(new Set([...renewed, await session.getSid()])).toEqual(new Set(['sid-2']));
  expect(door.logins).toBe(2);
});

describe('after a login that failed', () => {
  test.each(['EAUTH', 'EOTP', 'EPERMISSION', 'ECONFIG', 'EPARAM'] as const)('%s is final', async (code) => {
    const { door, session, clock } = open();
    door.refuse = code;
    await expect(session.getSid()).rejects.toMatchObject({ code });
    clock.now += 24 * 3600_000;
    await expect(session.getSid()).rejects.toMatchObject({ code });
    expect(door.logins).toBe(1);
  });

  test('EBLOCKED pauses for thirty minutes', async () => {
    const { door, session, clock } = open();
    door.refuse = 'EBLOCKED';
    await expect(session.getSid()).rejects.toMatchObject({ code: 'EBLOCKED' });
    clock.now = BLOCKED_PAUSE_MS - 1;
    await expect(session.getSid()).rejects.toMatchObject({ code: 'EBLOCKED' });
    expect(door.logins).toBe(1);
    clock.now = BLOCKED_PAUSE_MS;
    door.refuse = null;
    await expect(session.getSid()).resolves.toBe('sid-2');
  });

  test.each(['EUNREACHABLE', 'ERESPONSE', 'EBUSY', 'EPACKAGE', 'EABB'] as const)(
    '%s lets the next caller try',
    async (code) => {
      const { door, session } = open();
      door.refuse = code;
      await expect(session.getSid()).rejects.toMatchObject({ code });
      door.refuse = null;
      await expect(session.getSid()).resolves.toBe('sid-2');
    },
  );
});

describe('closing', () => {
  test('gives the session back, and no caller gets one afterwards', async () => {
    const { door, session } = open();
    await session.getSid();
    await session.close();
    expect(door.loggedOut).toEqual(['sid-1']);
    await expect(session.getSid()).rejects.toBeInstanceOf(DsmError);
    expect(door.logins).toBe(1);
  });

  test('waits for a login under way, so that its session is given back too', async () => {
    const { door, session } = open();
    let letIn = (): void => undefined;
    door.held = new Promise((resolve) => (letIn = resolve));
    const caller = session.getSid();
    const closed = session.close();
    letIn();
    await Promise.all([caller, closed]);
    expect(door.loggedOut).toEqual(['sid-1']);
  });

  test('twice is once', async () => {
    const { door, session } = open();
    await session.getSid();
    await Promise.all([session.close(), session.close()]);
    expect(door.loggedOut).toEqual(['sid-1']);
  });
});
