import { describe, expect, test } from 'vitest';
import { DiscoveryMembership, discoveryScopeOf, SharedDiscovery } from '../../src/bridge/shared-discovery';
import type { ReceivedMessage } from '../../src/mqtt/types';

const LIMIT_MS = 5000;

function topicOf(objectId: string): string {
  return `homeassistant/device/${objectId}/config`;
}

function messageOf(objectId: string, payload = ''): ReceivedMessage {
  const none = { responseTopic: null, correlationData: null };
  return { topic: topicOf(objectId), payload: Buffer.from(payload), retain: true, ...none };
}

let scopes = 0;

/** A scope of its own for each test. */
function newScope(): string {
  return `broker ${(scopes += 1)} homeassistant`;
}

/** A bridge with how often it has subscribed, and the topics that came through others. */
class TestMember {
  subscriptions = 0;
  missed = 0;
  readonly received: string[] = [];
  readonly membership: DiscoveryMembership;

  constructor(scope: string, objectId: string) {
    this.membership = new DiscoveryMembership(
      { scope, discoveryPrefix: 'homeassistant', objectId },
      {
        receive: ({ topic, mayBeOwn }) => {
          expect(mayBeOwn).toBe(true);
          this.received.push(topic);
        },
        missed: () => (this.missed += 1),
      },
    );
  }

  /** @param accepts what the broker answers; an error: the session ends */
  async join(accepts: boolean | Error = true): Promise<this> {
    await this.membership.join(async () => {
      this.subscriptions += 1;
      await Promise.resolve();
      if (accepts instanceof Error) throw accepts;
      return accepts;
    });
    return this;
  }
}

function members(count: number): TestMember[] {
  const scope = newScope();
  return Array.from({ length: count }, (_, index) => new TestMember(scope, `active_backup_${index}`));
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe('a subscription that bridges share', () => {
  test('is made by the first, and brings the others what concerns their NAS', async () => {
    const all = members(3);
    for (const each of all) await each.join();
    expect(all.map(({ subscriptions }) => subscriptions)).toEqual([1, 0, 0]);
    const [first, second, third] = all;
    for (const objectId of ['active_backup_1', 'active_backup_2_task_7', 'active_backup_2_device_1', 'zigbee_1'])
      first?.membership.share(messageOf(objectId));
    first?.membership.share({ ...messageOf('active_backup_1'), topic: 'homeassistant/status' });
    expect(all.map(({ received }) => received)).toEqual([
      [],
      [topicOf('active_backup_1')],
      [topicOf('active_backup_2_task_7'), topicOf('active_backup_2_device_1')],
    ]);
    // What a member reads with its own session is no subscription.
    second?.membership.share(messageOf('active_backup_2'));
    expect(third?.received).toHaveLength(2);
  });

  test('is shared by members that join at the same time, without a wait for the first', async () => {
    const [first, second] = members(2);
    void first?.membership.join(() => new Promise(() => undefined)); // its connection hangs
    await second?.join();
    expect(second?.subscriptions).toBe(0);
  });

  test('is taken over when the session of its holder ends', async () => {
    const all = members(3);
    for (const each of all) await each.join();
    all[0]?.membership.leave();
    await settled();
    expect(all.map(({ subscriptions }) => subscriptions)).toEqual([1, 1, 0]);
    all[1]?.membership.share(messageOf('active_backup_2'));
    expect(all[2]?.received).toHaveLength(1);
    all[0]?.membership.share(messageOf('active_backup_2')); // its old session
    expect(all[2]?.received).toHaveLength(1);
    await all[0]?.join();
    expect(all[0]?.subscriptions).toBe(1);
  });

  test('may have missed something for those whose sessions have lasted while it was taken over', async () => {
    const all = members(4);
    for (const each of all) await each.join();
    all[0]?.membership.leave();
    all[1]?.membership.leave(); // while it takes over
    await all[0]?.join();
    await settled();
    expect(all.map(({ missed }) => missed)).toEqual([0, 0, 1, 1]);
  });

  test('is tried by each member while the broker refuses it', async () => {
    const all = members(3);
    for (const each of all) await each.join(false);
    expect(all.map(({ subscriptions }) => subscriptions)).toEqual([1, 1, 1]);
  });

  test('passes to the next member when the session of the first ends meanwhile', async () => {
    const [first, second] = members(2);
    const lost = first?.join(new Error('lost'));
    await second?.join();
    await expect(lost).rejects.toThrow('lost');
    await settled();
    expect(second?.subscriptions).toBe(1);
  });

  test('has a scope for each broker, user name, client certificate and prefix', () => {
    const url = 'mqtts://broker';
    const scopes = [
      discoveryScopeOf({ url }, 'homeassistant'),
      discoveryScopeOf({ url, username: 'one' }, 'homeassistant'),
      discoveryScopeOf({ url, tls: { cert: 'one' } }, 'homeassistant'),
      discoveryScopeOf({ url, tls: { cert: Buffer.from('other') } }, 'homeassistant'),
      discoveryScopeOf({ url }, 'other'),
      discoveryScopeOf({ url: 'mqtt://broker' }, 'homeassistant'),
    ];
    expect(new Set(scopes).size).toBe(scopes.length);
    expect(discoveryScopeOf({ url, tls: { ca: 'any' } }, 'homeassistant')).toBe(scopes[0]);
  });

  test('is not shared with another account or prefix', async () => {
    const [first] = members(1);
    const [second] = members(1);
    await first?.join();
    await second?.join();
    expect(second?.subscriptions).toBe(1);
  });
});

describe('retained discovery', () => {
  const entries = [[topicOf('active_backup_0'), 'x']] as const;

  /** Reads that the test answers, and how many there were. */
  function reads(): { read: () => Promise<typeof entries | null>; count: () => number } {
    let count = 0;
    const read = async (): Promise<typeof entries | null> => {
      count += 1;
      await settled();
      return entries;
    };
    return { read, count: () => count };
  }

  test('is read once for all that ask, and kept up to date by the subscription', async () => {
    const scope = newScope();
    const holder = await new TestMember(scope, 'active_backup_0').join();
    const { discovery, release } = SharedDiscovery.use(scope);
    const { read, count } = reads();
    const found = await Promise.all([1, 2, 3].map(() => discovery.retained(read, LIMIT_MS)));
    expect(found.map((each) => [...each])).toEqual([entries, entries, entries]);
    holder.membership.share(messageOf('active_backup_1', 'y'));
    holder.membership.share(messageOf('active_backup_0'));
    expect([...(await discovery.retained(read, LIMIT_MS))]).toEqual([[topicOf('active_backup_1'), 'y']]);
    expect(count()).toBe(1);
    release();
  });

  test('is read again after another member has taken over, and while nobody subscribes', async () => {
    const scope = newScope();
    const { discovery, release } = SharedDiscovery.use(scope);
    const { read, count } = reads();
    await discovery.retained(read, LIMIT_MS);
    await discovery.retained(read, LIMIT_MS);
    expect(count()).toBe(2);
    const first = await new TestMember(scope, 'active_backup_0').join();
    await new TestMember(scope, 'active_backup_1').join();
    await discovery.retained(read, LIMIT_MS);
    await discovery.retained(read, LIMIT_MS);
    expect(count()).toBe(3);
    first.membership.leave();
    await settled();
    await discovery.retained(read, LIMIT_MS);
    expect(count()).toBe(4);
    release();
  });

  test('is forgotten if a later read does not find it, unless it was received meanwhile', async () => {
    const scope = newScope();
    const first = await new TestMember(scope, 'active_backup_0').join();
    const second = await new TestMember(scope, 'active_backup_1').join();
    const { discovery, release } = SharedDiscovery.use(scope);
    const read = async (found: readonly (readonly [string, string])[]): Promise<[string, string][]> =>
      [...(await discovery.retained(() => settled().then(() => found), LIMIT_MS))].map(([topic, payload]) => [
        topic,
        payload,
      ]);
    await read([
      [topicOf('a'), '1'],
      [topicOf('b'), '1'],
    ]);
    first.membership.leave();
    await settled();
    const reading = read([
      [topicOf('b'), '2'],
      [topicOf('c'), '1'],
      [topicOf('d'), '1'],
    ]);
    second.membership.share(messageOf('c'));
    second.membership.share(messageOf('d', '2'));
    await reading;
    expect(new Map(await read([]))).toEqual(
      new Map([
        [topicOf('b'), '2'],
        [topicOf('d'), '2'],
      ]),
    );
    release();
  });

  test.each([
    { what: 'refused', end: () => Promise.resolve(null) },
    { what: 'lost with its session', end: () => Promise.reject(new Error('lost')) },
  ])('is read by the next when a read is $what', async ({ end }) => {
    const scope = newScope();
    await new TestMember(scope, 'active_backup_0').join();
    const { discovery, release } = SharedDiscovery.use(scope);
    const { read, count } = reads();
    const first = discovery.retained(end, LIMIT_MS).then(
      (found) => [...found],
      (error: unknown) => (error as Error).message,
    );
    expect([...(await discovery.retained(read, LIMIT_MS))]).toEqual(entries);
    expect(['lost', []]).toContainEqual(await first);
    expect(count()).toBe(1);
    release();
  });

  test('is read by a member itself when the read of another one hangs', async () => {
    const scope = newScope();
    await new TestMember(scope, 'active_backup_0').join();
    const { discovery, release } = SharedDiscovery.use(scope);
    void discovery.retained(() => new Promise(() => undefined), LIMIT_MS);
    expect([...(await discovery.retained(reads().read, 20))]).toEqual(entries);
    release();
  });

  test('is forgotten after the last user', () => {
    const scope = newScope();
    const first = SharedDiscovery.use(scope);
    const second = SharedDiscovery.use(scope);
    expect(second.discovery).toBe(first.discovery);
    first.release();
    first.release();
    const third = SharedDiscovery.use(scope);
    expect(third.discovery).toBe(second.discovery);
    second.release();
    third.release();
    const last = SharedDiscovery.use(scope);
    expect(last.discovery).not.toBe(first.discovery);
    last.release();
  });
});
