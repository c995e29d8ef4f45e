import { setTimeout as sleep } from 'node:timers/promises';
import { nasObjectIdOf } from '../home-assistant/device-info';
import { configFilter } from '../home-assistant/topics';
import { filterMatches } from '../mqtt/topic-filter';
import type { BrokerOptions, ReceivedMessage } from '../mqtt/types';
import { ReceivedDiscovery } from './received-discovery';

/** What bridges share, and which part of it is of one of them. */
export interface DiscoveryScope {
  /** Broker, account and discovery prefix. */
  readonly scope: string;
  readonly discoveryPrefix: string;
  /** Object id of the NAS in Home Assistant. */
  readonly objectId: string;
}

/** The scope of a bridge: accounts may differ in what they receive, and a client certificate is an account too. */
export function discoveryScopeOf(
  { url, username = '', tls }: Pick<BrokerOptions, 'url' | 'username' | 'tls'>,
  discoveryPrefix: string,
): string {
  return JSON.stringify([url, username, certificateOf(tls), discoveryPrefix]);
}

function certificateOf(tls: BrokerOptions['tls']): string {
  return [tls?.cert ?? []].flat().map(String).join('');
}

/** A bridge with an open session. */
interface DiscoveryMember {
  readonly objectId: string;
  /**
   * Subscribes to all discovery with its own session.
   * @returns false if the broker refuses it
   * @throws SessionLostError
   */
  readonly subscribe: () => Promise<boolean>;
  /** Handles discovery of its NAS that has come through the session of another member: it may be its own. */
  readonly receive: (message: ReceivedMessage) => void;
  /** Nobody has subscribed for a while: removals may have been missed although its session has lasted. */
  readonly missed: () => void;
}

/** Handlers of a bridge. */
export type DiscoveryHandlers = Pick<DiscoveryMember, 'receive' | 'missed'>;

/** Retained discovery, topic and payload. */
type Retained = Iterable<readonly [topic: string, payload: string]>;

/** By scope, with the number of bridges that use it. */
const SHARED = new Map<string, { readonly discovery: SharedDiscovery; users: number }>();

/**
 * What the bridges of this process receive of the discovery at one broker. MQTT has no filter for the devices of one NAS, so each
 * subscription brings those of all: with one for each bridge, a start of many NASes would cost the square of their number. One
 * member holds the subscription for all; when its session ends, another one takes over.
 */
export class SharedDiscovery {
  readonly received = new ReceivedDiscovery();
  readonly #members = new Map<string, Set<DiscoveryMember>>();
  /** The member that has subscribed, or is about to. */
  #holder: DiscoveryMember | null = null;
  #isSubscribed = false;
  /** The holder since everything retained was read; with another one, messages may have been missed. */
  #completeWith: DiscoveryMember | null = null;
  /** Members whose sessions are older than the subscription that is to be made. */
  readonly #withoutHolder = new Set<DiscoveryMember>();
  /** The read in progress. It never rejects. */
  #reading: Promise<unknown> | null = null;

  /** @param scope of {@link DiscoveryScope}. @returns what all users of a scope share, and its release */
  static use(scope: string): { readonly discovery: SharedDiscovery; readonly release: () => void } {
    const shared = SHARED.get(scope) ?? { discovery: new SharedDiscovery(), users: 0 };
    SHARED.set(scope, shared);
    shared.users += 1;
    let release = (): void => {
      release = () => undefined;
      shared.users -= 1;
      if (shared.users === 0) SHARED.delete(scope);
    };
    return { discovery: shared.discovery, release: () => release() };
  }

  /**
   * Adds a member, which subscribes if no other one has. It does not wait for that of another one, whose connection may hang.
   * @throws SessionLostError its own session has ended
   */
  async join(member: DiscoveryMember): Promise<void> {
    const { objectId } = member;
    this.#members.set(objectId, (this.#members.get(objectId) ?? new Set()).add(member));
    if (this.#holder === null) await this.#hold(member);
  }

  /** Removes a member; if it has held the subscription, another one takes over. */
  leave(member: DiscoveryMember): void {
    const same = this.#members.get(member.objectId);
    same?.delete(member);
    if (same?.size === 0) this.#members.delete(member.objectId);
    this.#withoutHolder.delete(member);
    if (this.#holder !== member) return;
    if (this.#isSubscribed)
      for (const members of this.#members.values()) members.forEach((each) => this.#withoutHolder.add(each));
    this.#holder = null;
    this.#isSubscribed = false;
    for (const members of this.#members.values())
      for (const next of members) {
        // If its session has ended too, it leaves by itself.
        void this.#hold(next).catch(() => undefined);
        return;
      }
  }

  /** Subscribes; a member that is refused is no longer one, as others of the account will be. */
  async #hold(member: DiscoveryMember): Promise<void> {
    this.#holder = member;
    let isAccepted = false;
    try {
      isAccepted = await member.subscribe();
      this.#isSubscribed ||= isAccepted && this.#holder === member;
    } finally {
      if (!isAccepted) this.leave(member);
    }
    if (!this.#isSubscribed) return;
    const missed = [...this.#withoutHolder];
    this.#withoutHolder.clear();
    for (const each of missed) each.missed();
  }

  /** Passes a message that a member has received with its own subscription on to the member whose NAS it is of. */
  share(from: DiscoveryMember, message: ReceivedMessage): void {
    if (from !== this.#holder) return;
    this.received.record(message.topic, message.payload.toString());
    const owners = [...objectIdsOf(message.topic)].flatMap((objectId) => [...(this.#members.get(objectId) ?? [])]);
    for (const member of owners) if (member !== from) member.receive(message);
  }

  /**
   * All retained discovery: as received since it was read, or read once for all that ask at the same time.
   * @param read null: it was refused @param waitMs for the read of another member, whose connection may hang
   * @throws what `read` throws
   */
  async retained(read: () => Promise<Retained | null>, waitMs: number): Promise<Retained> {
    const until = performance.now() + waitMs;
    while (this.#reading !== null && performance.now() < until) await this.#otherRead(until - performance.now());
    const holder = this.#isSubscribed ? this.#holder : null;
    if (holder !== null && holder === this.#completeWith) return this.received.entries();
    const replace = this.received.replaceLater();
    const reading = read();
    const settled = reading.then(
      () => undefined,
      () => undefined,
    );
    this.#reading = settled;
    let retained: Retained | null = null;
    try {
      retained = await reading;
      if (retained !== null && this.#holder === holder) this.#completeWith = holder;
      return retained ?? [];
    } finally {
      replace(retained);
      if (this.#reading === settled) this.#reading = null;
    }
  }

  /** Waits for the read in progress, but not longer. */
  async #otherRead(waitMs: number): Promise<void> {
    const limit = new AbortController();
    const expired = sleep(waitMs, undefined, { signal: limit.signal }).catch(() => undefined);
    await Promise.race([this.#reading, expired]);
    limit.abort();
  }
}

/** The object ids of the NAS that a discovery topic may be of: those of items have an end of their own. */
function* objectIdsOf(topic: string): Generator<string> {
  const objectId = topic.split('/').at(-2) ?? '';
  yield objectId;
  const ofNas = nasObjectIdOf(objectId);
  if (ofNas !== objectId) yield ofNas;
}

/** The part of one bridge in {@link SharedDiscovery}, from session to session. */
export class DiscoveryMembership {
  readonly #scope: DiscoveryScope;
  readonly #handlers: DiscoveryHandlers;
  #leave: () => void = () => undefined;
  #share: (message: ReceivedMessage) => void = () => undefined;

  constructor(scope: DiscoveryScope, handlers: DiscoveryHandlers) {
    this.#scope = scope;
    this.#handlers = handlers;
  }

  /** Joins with a session. @see SharedDiscovery.join @see DiscoveryMember.subscribe */
  async join(subscribe: () => Promise<boolean>): Promise<void> {
    const { scope, objectId, discoveryPrefix } = this.#scope;
    this.leave();
    const { discovery, release } = SharedDiscovery.use(scope);
    const receive = (message: ReceivedMessage): void => this.#handlers.receive({ ...message, mayBeOwn: true });
    const member = { objectId, subscribe, receive, missed: this.#handlers.missed };
    const filter = configFilter(discoveryPrefix);
    this.#share = (message) => {
      if (filterMatches(filter, message.topic)) discovery.share(member, message);
    };
    this.#leave = () => {
      discovery.leave(member);
      release();
    };
    await discovery.join(member);
  }

  /** The session has ended. */
  leave(): void {
    const leave = this.#leave;
    this.#share = () => undefined;
    this.#leave = () => undefined;
    leave();
  }

  /** Passes a message of the own session on, if it is discovery that another bridge waits for. */
  share(message: ReceivedMessage): void {
    this.#share(message);
  }
}
