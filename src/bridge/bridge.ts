import { setTimeout as sleep } from 'node:timers/promises';
import { DsmError } from '../dsm/errors';
import { buildDashboard } from '../home-assistant/dashboard';
import { buildDiscovery } from '../home-assistant/discovery';
import type { IdBases } from '../home-assistant/entity-ids';
import { buildHaDevices, objectIdOf } from '../home-assistant/device-info';
import type { BridgeOptions, NasDescription, Origin } from '../home-assistant/options';
import { buildStateDocuments } from '../home-assistant/state-documents';
import { tasksOf } from '../home-assistant/published-items';
import { toYaml } from '../home-assistant/yaml';
import type { NasEvent } from '../monitor/events';
import type { NasSnapshot } from '../monitor/snapshot';
import { CommandValidator } from './command-validator';
import type { BrokerOptions, Incoming, Session, Trouble } from '../mqtt/mqtt-connection';
import { Publisher } from '../mqtt/publisher';
import { responseMessages } from './responses';
import {
  BIRTH_TOPIC,
  parseCommandTopic,
  configFilter,
  configTopic,
  topicsOf,
  type Topics,
} from '../home-assistant/topics';
import type { Journal } from '../storage/journal';
import { eventLine } from '../node-red/diagnostics';
import type { BridgeSettings } from '../node-red/mqtt-bridge';
import type { NasConnection } from '../node-red/nas-connection';
import { NamedTimers } from './named-timers';
import { CommandHandler, TASK_API, type CommandOutcome } from './command-handler';
import { IdClaims } from './id-claims';
import type { NasIdentity } from './nas-identity';
import { outgoingEvent, publishedKeyOf } from './outgoing-event';
import { DEFAULT_TIMINGS, type BridgeTimings } from './timings';
import { PING_ACTION } from './duplicate-check';
import type { PersistedState } from './persisted-state';
import { Republisher } from './republisher';
import { SnapshotFilter } from './snapshot-filter';
import { ConnectionKeeper, type LiveConnection } from './live-connection';
import { BridgeConnection, type TopicSubscription, type SeatOwner } from './bridge-connection';
import { RetainedState, type ItemKind, type DesiredState } from './retained-state';
import { BrokerScan } from './broker-scan';
import { UndeliveredEvents } from './undelivered-events';

/** How things stand with a bridge, for the line under its node. */
export type BridgeStatus =
  | { readonly is: 'connecting' }
  | { readonly is: 'trouble'; readonly trouble: Trouble }
  /** Another bridge publishes this NAS on this broker. */
  | { readonly is: 'twice' }
  | { readonly is: 'purged' }
  /** @see Picture.online */
  | {
      readonly is: 'published';
      readonly tasks: number | null;
      readonly online: boolean;
      /** A topic that the broker does not take, though it should hold it; null: it takes all of them. */
      readonly refused: string | null;
    };

/** What a bridge is made of. */
export interface BridgeDependencies {
  /** Of its node: the feed knows by it what this bridge has had. */
  readonly id: string;
  readonly settings: BridgeSettings;
  readonly identity: NasIdentity;
  readonly broker: BrokerOptions;
  readonly nas: Pick<NasConnection, 'activeBackup' | 'poller' | 'monitor'>;
  readonly origin: Origin;
  readonly published: PersistedState;
  readonly save: (published: PersistedState) => void;
  readonly onStatus: (standing: BridgeStatus) => void;
  readonly onOutcome: (outcome: CommandOutcome) => void;
  /** The connection of this very bridge before a deploy; null: it makes one of its own. */
  readonly live?: LiveConnection | null;
  /** Keeps on disk what the broker has not acknowledged; without it that ends with the process. */
  readonly openJournal?: ((lines: () => readonly string[]) => Journal) | null;
  /** Receives the key of each end of a backup that the broker has taken. */
  readonly onDelivered?: (key: string) => void;
  /** For a person to read: something is not as it should be. It may come again at another connection. */
  readonly warn: (message: string) => void;
  readonly pace?: Partial<BridgeTimings>;
  readonly random?: () => number;
}

/** Free space below this is low. */
const STORAGE_LOW_PERCENT = 10;

/**
 * Publishes one NAS on one broker, and takes commands for it. It puts the rooms together: the feed says what is, the room
 * home-assistant which messages that makes, the room mqtt carries them. Opened once, closed once.
 */
export class Bridge {
  readonly #parts: BridgeDependencies;
  readonly #pace: BridgeTimings;
  readonly #topics: Topics;
  readonly #options: BridgeOptions;
  readonly #publisher: Publisher;
  readonly #shelf: RetainedState;
  readonly #survey: BrokerScan;
  readonly #desk: CommandHandler;
  readonly #seat: BridgeConnection;
  readonly #events: UndeliveredEvents;
  /** What came for this bridge while it was being restarted. */
  readonly #missed: readonly Incoming[];
  readonly #repeater: Republisher;
  readonly #idClaims: IdClaims;
  readonly #roster = new SnapshotFilter();
  readonly #alarms = new NamedTimers((error) => this.#parts.broker.logger?.fault?.(error));
  readonly #closing = new AbortController();
  #facts: NasDescription;
  /** The NAS as it was last seen, with what has just gone missing. */
  #picture: NasSnapshot | null = null;
  #isPurged = false;
  /** Another bridge publishes this NAS. */
  #isAside = false;
  /** A purge under way. */
  #purging: Promise<void> | null = null;
  #unsubscribe: (() => void)[] = [];

  constructor(parts: BridgeDependencies) {
    const { settings, identity, origin } = parts;
    this.#parts = parts;
    this.#facts = identity.facts;
    this.#pace = { ...DEFAULT_TIMINGS, ...parts.pace };
    this.#topics = topicsOf(settings.baseTopic, identity.nasId);
    // A button that would always be refused is none.
    const commands = settings.commands && mayStart(parts.nas.activeBackup);
    this.#options = { ...settings, commands, nasId: identity.nasId, origin };
    this.#idClaims = new IdClaims(`${parts.broker.url} ${settings.discoveryPrefix}`, identity.nasId);
    const { live = null } = parts;
    this.#publisher = live?.publisher ?? new Publisher({ warn: parts.warn });
    this.#events = live?.events ?? this.#newEvents();
    this.#missed = live?.messages ?? [];
    this.#publisher.warnBy(parts.warn);
    this.#events.warnBy(parts.warn);
    this.#shelf = new RetainedState({ publisher: this.#publisher, published: parts.published, save: parts.save });
    this.#survey = new BrokerScan({
      topics: this.#topics,
      options: this.#options,
      shelf: this.#shelf,
      retainedMs: this.#pace.retainedMs,
      warn: parts.warn,
    });
    this.#seat = live?.seat ?? this.#newSeat();
    this.#seat.ownBy(this.#seatOwner());
    this.#repeater = new Republisher({
      publisher: this.#publisher,
      isAvailability: (topic) => topic === this.#topics.bridge || topic === this.#topics.connection,
      isConfig: (topic) => topic.startsWith(`${settings.discoveryPrefix}/device/`),
      discoveryMs: this.#pace.discoveryMs,
      signal: this.#closing.signal,
      onDone: () => {
        this.#refreshLater();
        this.#tellStanding();
      },
    });
    this.#desk = new CommandHandler({
      gate: new CommandValidator(this.#topics),
      commandsEnabled: settings.commands,
      nas: parts.nas,
      picture: () => this.#picture,
      publishAgain: () => {
        parts.nas.monitor.expireReads();
        this.#repeater.run();
      },
      respond: (response, incoming) => {
        for (const message of responseMessages(response, incoming, this.#topics, settings.discoveryPrefix))
          this.#publisher.publishEvent(message);
      },
      clear: (topic) => {
        this.#publisher.clear(topic);
      },
      hearsItself: () => this.#seat.session?.version !== 5,
      warn: parts.warn,
      onOutcome: (outcome) => {
        // Another bridge has asked whether we are here: that is between the two.
        if (outcome.response.action !== PING_ACTION) parts.onOutcome(outcome);
      },
      signal: this.#closing.signal,
    });
  }

  /** Begins to look at the NAS, and to connect to the broker, again and again until it is closed. */
  open(): void {
    const { monitor: feed } = this.#parts.nas;
    this.#idClaims.keep(this.#shelf.bases);
    this.#unsubscribe = [
      feed.onSnapshot((picture) => {
        this.#show(picture);
      }, STORAGE_LOW_PERCENT),
      feed.onEvent({
        id: this.#parts.id,
        storageLowPercent: STORAGE_LOW_PERCENT,
        onEvent: (event) => {
          if (event.event !== 'backup_progress') this.#parts.broker.logger?.debug(eventLine(event));
          this.#tell(event);
        },
      }),
    ];
    if (this.#seat.session === null) this.#seat.start();
    else this.#goOn(this.#seat.session);
  }

  /**
   * Closes the bridge but for its connection, which another one may take over.
   * @param onLost the connection has ended before that
   * @returns null when there is none, and the bridge has to be closed as a whole
   */
  handOver(onLost: () => void): ConnectionKeeper | null {
    if (this.#seat.session === null || this.#isPurged) return null;
    this.#letGo();
    return new ConnectionKeeper({ seat: this.#seat, publisher: this.#publisher, events: this.#events }, onLost);
  }

  /** What the NAS is, as it has just said itself. */
  setNasDescription(facts: NasDescription): void {
    if (JSON.stringify(facts) === JSON.stringify(this.#facts)) return;
    this.#facts = facts;
    this.#shelf.setNasDescription(facts);
    this.#update();
  }

  /** A dashboard for Home Assistant that shows what is announced now, as YAML; `''` when nothing is. */
  dashboard(): string {
    const picture = this.#picture;
    if (!picture?.tasks || !this.#parts.settings.discovery) return '';
    const bases = this.#idBases(picture);
    return bases === null ? '' : toYaml({ views: [buildDashboard(picture, this.#facts, this.#options, bases)] });
  }

  /** Reads everything anew and publishes everything again, also what was removed in Home Assistant, and after a purge. */
  publishAll(): void {
    if (this.#purging !== null) {
      const again = (): void => {
        this.publishAll();
      };
      this.#purging.then(again, again);
      return;
    }
    if (this.#closing.signal.aborted) return;
    this.#shelf.forgetUserRemovals();
    this.#publisher.forgetRefusals();
    this.#parts.nas.monitor.expireReads();
    this.#parts.nas.poller.pollNow();
    const wasPurged = this.#isPurged;
    this.#isPurged = false;
    this.#update();
    if (wasPurged) this.#seat.start();
    else this.#repeater.run();
  }

  /**
   * Removes everything it has published, and stays away until {@link publishAll}.
   * @throws DsmError EUNREACHABLE when the broker cannot be reached, so that nothing is removed
   */
  purge(): Promise<void> {
    this.#purging ??= this.#removeAll().finally(() => {
      this.#purging = null;
    });
    return this.#purging;
  }

  async #removeAll(): Promise<void> {
    const { session } = this.#seat;
    if (session === null) throw unreachable('is not connected to this bridge now, so nothing was removed from it');
    await this.#survey.scan(session).catch(() => {
      throw unreachable('was lost, so nothing was removed from it');
    });
    this.#isPurged = true;
    this.#shelf.purge();
    this.#events.dropBefore(Infinity);
    this.#publisher.clear(this.#topics.bridge);
    const isDone = (await this.#settled(this.#pace.purgeMs)) && this.#seat.session === session;
    await this.#seat.stop({ saysGoodbye: false });
    this.#parts.onStatus({ is: 'purged' });
    if (!isDone) throw unreachable('did not answer in time: not everything may have been removed from it');
  }

  /** Says goodbye to the broker. Never longer than a second. */
  async close(): Promise<void> {
    this.#letGo();
    await this.#seat.stop({ saysGoodbye: true });
    this.#events.end();
  }

  #letGo(): void {
    this.#closing.abort();
    this.#alarms.clear();
    for (const undo of this.#unsubscribe.splice(0)) undo();
    this.#idClaims.close();
  }

  #newEvents(): UndeliveredEvents {
    const { openJournal = null, onDelivered, warn } = this.#parts;
    return new UndeliveredEvents({
      openJournal,
      warn,
      ...(onDelivered && { onDelivered }),
      send: (message, onAnswered) => {
        this.#publisher.publishEvent(message, onAnswered);
      },
    });
  }

  #newSeat(): BridgeConnection {
    const { broker, random = Math.random } = this.#parts;
    return new BridgeConnection({
      broker,
      random,
      topics: this.#topics,
      hearings: this.#hearings(),
      pace: this.#pace,
      owner: this.#seatOwner(),
    });
  }

  #seatOwner(): SeatOwner {
    const { onStatus: onStanding, warn } = this.#parts;
    return {
      warn,
      onConnecting: () => {
        onStanding({ is: 'connecting' });
      },
      onActive: (session) => {
        this.#begin(session);
      },
      onInactive: (trouble) => {
        this.#alarms.clear();
        this.#events.close();
        this.#publisher.clearSession(trouble?.blame);
      },
      onTrouble: (trouble) => {
        onStanding({ is: 'trouble', trouble });
      },
      onStandby: () => {
        this.#isAside = true;
        this.#publisher.dropEvents(); // the other one has told it
        this.#events.dropBefore(Date.now() - this.#pace.trustMs);
        onStanding({ is: 'twice' });
      },
      onOverheard: (payload) => {
        const key = publishedKeyOf(payload);
        if (key !== null) this.#events.noteElsewhere(key);
      },
      onMessage: (incoming) => {
        this.#hear(incoming);
      },
      onStateOverwritten: () => {
        this.#publisher.republish((topic) => topic === this.#topics.bridge);
      },
    };
  }

  #hearings(): TopicSubscription[] {
    const { discovery, discoveryPrefix } = this.#parts.settings;
    const commands = { filters: this.#topics.commands, ifDenied: 'commands do not arrive' };
    if (!discovery) return [commands];
    return [
      commands,
      { filters: [...this.#births], ifDenied: 'a start of Home Assistant is not noticed' },
      { filters: [configFilter(discoveryPrefix)], ifDenied: 'devices removed in Home Assistant come back' },
    ];
  }

  get #births(): ReadonlySet<string> {
    return new Set([BIRTH_TOPIC, `${this.#parts.settings.discoveryPrefix}/status`]);
  }

  /** A new session: the broker may have forgotten everything. */
  #begin(session: Session): void {
    if (!session.retainAvailable) {
      this.#parts.warn(
        'This MQTT broker keeps no retained messages: after a restart Home Assistant knows nothing for a while',
      );
    }
    this.#isAside = false;
    const hasForgotten = this.#publisher.setSession(session);
    this.#publisher.retain(this.#topics.bridge, 'online');
    if (hasForgotten) this.#publisher.republish();
    this.#events.open();
    this.#refreshLater();
    this.#update();
    this.#scan(session);
  }

  #scan(session: Session): void {
    this.#survey.scan(session).then(
      () => {
        this.#update();
      },
      () => undefined, // a lost session: the next one looks again
    );
  }

  /** The session of the bridge before: the broker has forgotten nothing, and nobody is to notice. */
  #goOn(session: Session): void {
    this.#parts.onStatus({ is: 'connecting' });
    this.#refreshLater();
    this.#tellStanding();
    this.#scan(session);
    for (const incoming of this.#missed) this.#hear(incoming);
  }

  #hear(incoming: Incoming): void {
    const { topic } = incoming;
    const payload = incoming.payload.toString();
    if (this.#births.has(topic)) this.#hearBirth(payload);
    else if (parseCommandTopic(this.#topics, topic) !== null) void this.#desk.handle(incoming);
    else this.#hearDiscovery(topic, payload);
  }

  #hearDiscovery(topic: string, payload: string): void {
    const { session } = this.#seat;
    if (session === null) return;
    this.#survey.handleDiscovery(session, topic, payload).catch(() => undefined); // a lost session: the next one looks again
  }

  #hearBirth(payload: string): void {
    if (payload !== 'online') return;
    const [least, most] = this.#pace.birthMs;
    this.#alarms.setOnce('birth', least + (most - least) * this.#random(), () => {
      this.#repeater.run();
    });
  }

  #show(picture: NasSnapshot): void {
    const wasSure = this.#roster.hasEnoughPolls;
    const stable = this.#roster.filter(picture);
    if (stable === this.#picture && this.#roster.hasEnoughPolls === wasSure) return; // an idle look: nothing to say
    this.#picture = stable;
    this.#update();
  }

  /** Makes the broker hold what the picture says. */
  #update(): void {
    const picture = this.#picture;
    if (picture === null || this.#isPurged || this.#closing.signal.aborted) return;
    const { settings } = this.#parts;
    const connection = [this.#topics.connection, picture.online ? 'online' : 'offline'] as const;
    if (picture.tasks === null) {
      this.#publisher.retain(...connection); // of the rest nothing is known, not even that it is gone
    } else {
      const configs = this.#configs(picture);
      if (configs === null) return; // discovery goes out before the documents, and its ids are decided after the scan
      const standing = [[this.#topics.bridge, 'online'], connection] as const;
      const documents = new Map([...standing, ...buildStateDocuments(picture, this.#facts, this.#options)]);
      const hasFarewells = this.#shelf.apply(
        { documents, configs, uuids: this.#uuids(picture) },
        knownOf(picture, settings.devices, this.#roster.hasEnoughPolls),
      );
      if (hasFarewells && this.#seat.session !== null) {
        this.#alarms.setOnce('farewell', this.#pace.componentRemovalMs, () => {
          this.#shelf.endComponentRemoval();
          this.#update();
        });
      }
    }
    this.#tellStanding();
  }

  /** The discovery of everything; null while the entity ids of something are not decided. */
  #configs(picture: NasSnapshot): DesiredState['configs'] | null {
    if (!this.#parts.settings.discovery) return new Map();
    const bases = this.#idBases(picture);
    if (bases === null) return null;
    const discovery = buildDiscovery(picture, this.#facts, this.#options, bases);
    return new Map(discovery.map(({ topic, payload }) => [topic, payload]));
  }

  /** By the topic of its discovery, the uuid of each task. */
  #uuids(picture: NasSnapshot): Map<string, string> {
    const { discoveryPrefix, nasId } = this.#options;
    const topicOf = (id: number): string => configTopic(discoveryPrefix, objectIdOf(nasId, 'task', id));
    const uuids = (tasksOf(picture) ?? []).map(({ id, source }) => [topicOf(id), source.task.uuid] as const);
    return new Map(uuids.filter((entry): entry is readonly [string, string] => entry[1] !== null));
  }

  /** How all entity ids begin; null while something is new and nobody knows yet which ids others have at the broker. */
  #idBases(picture: NasSnapshot): IdBases | null {
    const things = buildHaDevices(picture, this.#facts, this.#options);
    const { bases } = this.#shelf;
    this.#idClaims.keep(bases);
    if (things.every(({ objectId }) => objectId in bases)) return bases;
    const { announced } = this.#survey;
    if (announced === null) return null;
    const chosen = this.#idClaims.choose(things, { bases, ...announced });
    this.#shelf.keepBases(chosen);
    return chosen;
  }

  /** When the broker has taken what there was to publish. */
  #tellStanding(): void {
    const { session } = this.#seat;
    void this.#publisher.whenIdle().then(() => {
      if (session === null || this.#seat.session !== session) return;
      const { tasks = null, online = false } = this.#picture ?? {};
      const [refused = null] = this.#publisher.refused.keys();
      this.#parts.onStatus({ is: 'published', tasks: tasks?.length ?? null, online, refused });
    });
  }

  #tell(event: NasEvent): void {
    if (this.#isPurged) return; // nobody is to hear it
    const outgoing = outgoingEvent(event, this.#options);
    // Ends wait, lest they are lost with the other bridge; of the rest it is the one that reports.
    if (outgoing === null || (this.#isAside && outgoing.key === null)) return;
    this.#events.add(outgoing);
  }

  #refreshLater(): void {
    if (this.#seat.session === null) return;
    this.#alarms.set('refresh', this.#pace.refreshMs, () => {
      this.#repeater.run();
    });
  }

  /** @returns false when the broker has not taken everything in that time */
  async #settled(withinMs: number): Promise<boolean> {
    const patience = new AbortController();
    const late = sleep(withinMs, false, { signal: patience.signal }).catch(() => false);
    const isDone = await Promise.race([this.#publisher.whenIdle().then(() => true), late]);
    patience.abort();
    return isDone;
  }

  #random(): number {
    return (this.#parts.random ?? Math.random)();
  }
}

/**
 * Machines are known when they are listed, and when none is wanted.
 * @param isSure false: what an earlier life has published may only be missing from the first answers
 */
function knownOf(
  { tasks, storages, devices }: NasSnapshot,
  wanted: BridgeSettings['devices'],
  isSure: boolean,
): ReadonlySet<ItemKind> {
  const known: [ItemKind, boolean][] = [
    ['task', isSure && tasks !== null],
    ['storage', isSure && storages !== null],
    ['device', wanted === 'none' || (isSure && devices !== null)],
  ];
  return new Set(known.filter(([, isKnown]) => isKnown).map(([kind]) => kind));
}

/** Whether the access level of the NAS node lets backups be started. */
function mayStart(activeBackup: NasConnection['activeBackup']): boolean {
  try {
    activeBackup.authorize({ api: TASK_API, method: 'backup' });
    return true;
  } catch {
    return false;
  }
}

function unreachable(why: string): DsmError {
  return new DsmError('EUNREACHABLE', `The MQTT broker ${why}`);
}
