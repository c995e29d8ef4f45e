import { haDeviceOf, type HaDevice } from '../home-assistant/device-info';
import { idBases, UsedBases, type IdBases, type KnownIds } from '../home-assistant/entity-ids';
import type { HaItem } from '../home-assistant/items';
import { POLLS_UNTIL_GONE } from '../monitor/missing-item-filter';
import type { NasSnapshot } from '../monitor/snapshot';
import { EventEmitter } from 'node:events';
import { buildDashboard } from '../home-assistant/dashboard';
import type { IdSource } from '../home-assistant/dashboard/entity-names';
import type { BridgeOptions, NasDescription } from '../home-assistant/types';
import type { Topics } from '../home-assistant/topics';
import { toYaml } from '../home-assistant/yaml';
import type { Publisher } from '../mqtt/publisher';
import type { MqttSession, ReceivedMessage } from '../mqtt/types';
import { BrokerScan } from './broker-scan';
import { completeKinds, connectionState, DesiredStateBuilder } from './desired-state';
import { RetainedState, type RetainedStateOptions } from './retained-state';

/** Id bases of the bridges in this process: by broker and discovery prefix, then by bridge. */
const CLAIMS = new Map<string, Map<EntityIdClaims, UsedBases>>();

/**
 * Reserves the entity ids of one bridge against the other bridges of this process. Ids of other programs are known from their
 * retained discovery; two bridges that start at the same time would not find each other there yet.
 */
class EntityIdClaims {
  readonly #scope: string;
  readonly #nasId: string;
  #bases: IdBases | null = null;

  /** @param scope broker and discovery prefix */
  constructor(scope: string, nasId: string) {
    this.#scope = scope;
    this.#nasId = nasId;
  }

  /** Claims the ids of bases that were chosen before, in place of the earlier claim. */
  keep(bases: IdBases): void {
    if (bases === this.#bases) return;
    this.#bases = bases;
    const claims = CLAIMS.get(this.#scope) ?? new Map<EntityIdClaims, UsedBases>();
    CLAIMS.set(this.#scope, claims.set(this, UsedBases.of(bases, this.#nasId)));
  }

  /** Chooses bases for all devices and claims their ids. @see idBases */
  choose(devices: readonly HaDevice[], known: KnownIds): IdBases {
    const others = [...(CLAIMS.get(this.#scope) ?? [])].flatMap(([owner, bases]) => (owner === this ? [] : [bases]));
    const bases = idBases(devices, this.#nasId, { ...known, others });
    this.keep(bases);
    return bases;
  }

  /** Releases all claims of this bridge. */
  close(): void {
    const claims = CLAIMS.get(this.#scope);
    claims?.delete(this);
    if (claims?.size === 0) CLAIMS.delete(this.#scope);
  }
}

/** The messages of an item take about 0.3 ms. */
const ITEMS_PER_SLICE = 10;

/** Finds the snapshots that differ from the one before, and counts the polls that listed tasks. */
export class SnapshotFilter {
  #last: NasSnapshot | null = null;
  #pollsWithTasks = 0;
  /** ISO 8601. */
  #lastCountedAt = '';

  /**
   * True after 3 polls that returned tasks. Before that a missing task may just not be loaded yet (NAS starting), so its
   * retained topics must stay.
   */
  get hasEnoughPolls(): boolean {
    return this.#pollsWithTasks >= POLLS_UNTIL_GONE;
  }

  /** Returns `snapshot`, or the same object as before if nothing has changed. */
  filter(snapshot: NasSnapshot): NasSnapshot {
    const { at, online, tasks } = snapshot;
    if (online && tasks !== null && at !== this.#lastCountedAt) {
      this.#pollsWithTasks += 1;
      this.#lastCountedAt = at;
    }
    if (this.#last === null || !isSame(this.#last, snapshot)) this.#last = snapshot;
    return this.#last;
  }
}

function isSame(one: NasSnapshot, other: NasSnapshot): boolean {
  return (
    one.online === other.online &&
    one.tasks === other.tasks &&
    one.storages === other.storages &&
    one.storageWasLow === other.storageWasLow &&
    one.devices === other.devices &&
    one.protections === other.protections &&
    one.lastVerification === other.lastVerification &&
    one.lastRestore === other.lastRestore &&
    one.transferredBytes === other.transferredBytes
  );
}

/** The parts that a state publisher works with. */
interface StatePublisherOptions extends Pick<RetainedStateOptions, 'published' | 'store'> {
  readonly publisher: Publisher;
  readonly topics: Topics;
  readonly options: BridgeOptions;
  readonly discovery: boolean;
  readonly description: NasDescription;
  /** Broker and discovery prefix: within them entity ids are unique. */
  readonly entityIdScope: string;
  /** @see SharedDiscovery.use */
  readonly discoveryScope: string;
  /** Time limit for reading retained messages. */
  readonly retainedMs: number;
}

interface StatePublisherEvents {
  /** The broker receives the state of the latest snapshot. */
  updated: [];
  /** Home Assistant is removing components; call {@link StatePublisher.endComponentRemoval} later. */
  componentsRemoved: [];
  /** A sentence for the user. */
  warning: [message: string];
}

/** Publishes snapshots of the NAS as retained state and discovery. */
export class StatePublisher extends EventEmitter<StatePublisherEvents> {
  readonly #options: StatePublisherOptions;
  readonly #desired: DesiredStateBuilder;
  readonly #retained: RetainedState;
  readonly #scan: BrokerScan;
  readonly #entityIds: EntityIdClaims;
  readonly #filter = new SnapshotFilter();
  /** Items that all have id bases. */
  #identified: readonly HaItem[] = [];
  #description: NasDescription;
  #snapshot: NasSnapshot | null = null;
  /** Continues to make the messages of the latest snapshot. */
  #nextSlice: NodeJS.Immediate | null = null;
  #isPurged = false;
  #isClosed = false;

  constructor(options: StatePublisherOptions) {
    super();
    this.#options = options;
    this.#description = options.description;
    this.#desired = new DesiredStateBuilder(options.options, options.topics);
    this.#retained = new RetainedState({
      ...options,
      onCleared: (topic) => this.#scan.cleared(topic),
    });
    this.#entityIds = new EntityIdClaims(options.entityIdScope, options.options.nasId);
    this.#scan = new BrokerScan({
      scope: options.discoveryScope,
      topics: options.topics,
      options: options.options,
      retained: this.#retained,
      publisher: options.publisher,
      retainedMs: options.retainedMs,
      warn: (message) => this.emit('warning', message),
    });
  }

  /** The latest snapshot that differs from the one before; null before the first poll. */
  get snapshot(): NasSnapshot | null {
    return this.#snapshot;
  }

  /** After a purge nothing is published until {@link resume}. */
  get isPurged(): boolean {
    return this.#isPurged;
  }

  /** Reserves the entity ids of earlier runs. */
  open(): void {
    this.#entityIds.keep(this.#retained.bases);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#nextSlice !== null) clearImmediate(this.#nextSlice);
    this.#entityIds.close();
    this.#scan.close();
  }

  /** Publishes a snapshot, unless it is equal to the one before and adds no certainty about missing items. */
  show(snapshot: NasSnapshot): void {
    const { hasEnoughPolls } = this.#filter;
    const filtered = this.#filter.filter(snapshot);
    if (filtered === this.#snapshot && this.#filter.hasEnoughPolls === hasEnoughPolls) return;
    this.#snapshot = filtered;
    this.update();
  }

  setNasDescription(description: NasDescription): void {
    if (JSON.stringify(description) === JSON.stringify(this.#description)) return;
    this.#description = description;
    this.#retained.setNasDescription(description);
    this.update();
  }

  /** Publishes the latest snapshot, when all messages of it are made. Unchanged topics are not sent again. */
  update(): void {
    const { publisher, topics, options, discovery } = this.#options;
    const snapshot = this.#snapshot;
    if (snapshot === null || this.#isPurged || this.#isClosed) return;
    if (snapshot.tasks === null) {
      // Nothing else is known, not even which items are gone.
      publisher.retain(...connectionState(snapshot, topics));
    } else {
      const items = this.#desired.show(snapshot, this.#description);
      const bases = discovery ? this.#idBases(items) : null;
      if (discovery && bases === null) return; // discovery precedes the state, and its ids are not decided yet
      if (!this.#desired.prepare(bases, ITEMS_PER_SLICE)) {
        this.#updateLater();
        return;
      }
      const hasRemovedComponents = this.#retained.apply(
        this.#desired.build(bases),
        completeKinds(snapshot, options.devices, this.#filter.hasEnoughPolls),
      );
      if (hasRemovedComponents) this.emit('componentsRemoved');
    }
    this.emit('updated');
  }

  #updateLater(): void {
    this.#nextSlice ??= setImmediate(() => {
      this.#nextSlice = null;
      this.update();
    });
  }

  /** Publishes discovery without the removed components. */
  endComponentRemoval(): void {
    this.#retained.endComponentRemoval();
    this.update();
  }

  /** Adopts what earlier runs have left at the broker. Without effect if the session is lost: the next one scans again. */
  async scan(session: MqttSession): Promise<void> {
    await this.#scan.scan(session).then(
      () => this.update(),
      () => undefined,
    );
  }

  /** Finds what was removed in Home Assistant while nobody listened. Without effect if the session is lost. */
  async findRemovals(session: MqttSession): Promise<void> {
    await this.#scan.findRemovals(session).catch(() => undefined);
  }

  /** Handles discovery published by others. Without effect if the session is lost: the next one scans. */
  async handleDiscovery(session: MqttSession, { topic, payload, mayBeOwn }: ReceivedMessage): Promise<void> {
    await this.#scan.handleDiscovery(session, topic, payload.toString(), mayBeOwn === true).catch(() => undefined);
  }

  /** A dashboard for Home Assistant of the published entities, as YAML; `''` if there are none. @param idSource of its entity ids */
  dashboard(idSource: IdSource = 'discovery'): string {
    const snapshot = this.#snapshot;
    if (!snapshot?.tasks || !this.#options.discovery) return '';
    const bases = this.#idBases(this.#desired.show(snapshot, this.#description));
    if (bases === null) return '';
    const options = { ...this.#options.options, idSource };
    return toYaml({ views: [buildDashboard(snapshot, this.#description, options, bases)] });
  }

  /** Clears all topics, also those that a scan finds. @throws SessionLostError while nothing has been cleared */
  async purge(session: MqttSession): Promise<void> {
    await this.#scan.scan(session);
    this.#isPurged = true;
    this.#retained.purge();
    this.#options.publisher.clear(this.#options.topics.bridge);
  }

  /** Publishes again, also after a purge, and also what the user has removed in Home Assistant. */
  resume(): void {
    this.#retained.forgetUserRemovals();
    this.#isPurged = false;
    this.update();
  }

  /** Prefix of all entity ids; null while a new device has no ids and those of other programs are not known yet. */
  #idBases(items: readonly HaItem[]): IdBases | null {
    if (items === this.#identified) return this.#retained.bases;
    const { bases } = this.#retained;
    this.#entityIds.keep(bases);
    const added = items.filter(({ objectId }) => !(objectId in bases));
    if (added.length > 0) {
      const { announced } = this.#scan;
      if (announced === null) return null;
      const devices = added.map((item) => haDeviceOf(item, this.#options.options));
      this.#retained.keepBases(this.#entityIds.choose(devices, { bases, ...announced }));
    }
    this.#identified = items;
    return this.#retained.bases;
  }
}
