import { EventEmitter } from 'node:events';
import { buildDashboard } from '../home-assistant/dashboard';
import { buildHaDevices } from '../home-assistant/device-info';
import type { IdBases } from '../home-assistant/entity-ids';
import type { BridgeOptions, NasDescription } from '../home-assistant/options';
import type { Topics } from '../home-assistant/topics';
import { toYaml } from '../home-assistant/yaml';
import type { NasSnapshot } from '../monitor/snapshot';
import type { Publisher } from '../mqtt/publisher';
import type { MqttSession } from '../mqtt/types';
import { BrokerScan } from './broker-scan';
import { buildDesiredState, completeKinds, connectionState } from './desired-state';
import { EntityIdClaims } from './entity-id-claims';
import { RetainedState, type RetainedStateOptions } from './retained-state';
import { SnapshotFilter } from './snapshot-filter';

/** The parts that a state publisher works with. */
export interface StatePublisherOptions extends Pick<RetainedStateOptions, 'published' | 'store'> {
  readonly publisher: Publisher;
  readonly topics: Topics;
  readonly options: BridgeOptions;
  readonly discovery: boolean;
  readonly description: NasDescription;
  /** Broker and discovery prefix: within them entity ids are unique. */
  readonly entityIdScope: string;
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
  readonly #retained: RetainedState;
  readonly #scan: BrokerScan;
  readonly #entityIds: EntityIdClaims;
  readonly #filter = new SnapshotFilter();
  #description: NasDescription;
  #snapshot: NasSnapshot | null = null;
  #isPurged = false;
  #isClosed = false;

  constructor(options: StatePublisherOptions) {
    super();
    this.#options = options;
    this.#description = options.description;
    this.#retained = new RetainedState(options);
    this.#entityIds = new EntityIdClaims(options.entityIdScope, options.options.nasId);
    this.#scan = new BrokerScan({
      topics: options.topics,
      options: options.options,
      retained: this.#retained,
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
    this.#entityIds.close();
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

  /** Publishes the latest snapshot. Unchanged topics are not sent again. */
  update(): void {
    const { publisher, topics, options, discovery } = this.#options;
    const snapshot = this.#snapshot;
    if (snapshot === null || this.#isPurged || this.#isClosed) return;
    if (snapshot.tasks === null) {
      // Nothing else is known, not even which items are gone.
      publisher.retain(...connectionState(snapshot, topics));
    } else {
      const bases = discovery ? this.#idBases(snapshot) : null;
      if (discovery && bases === null) return; // discovery precedes the state, and its ids are not decided yet
      const hasRemovedComponents = this.#retained.apply(
        buildDesiredState(snapshot, { options, topics, description: this.#description }, bases),
        completeKinds(snapshot, options.devices, this.#filter.hasEnoughPolls),
      );
      if (hasRemovedComponents) this.emit('componentsRemoved');
    }
    this.emit('updated');
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

  /** Handles discovery published by others. Without effect if the session is lost: the next one scans. */
  async handleDiscovery(session: MqttSession, topic: string, payload: string): Promise<void> {
    await this.#scan.handleDiscovery(session, topic, payload).catch(() => undefined);
  }

  /** A dashboard for Home Assistant of the published entities, as YAML; `''` if there are none. */
  dashboard(): string {
    const snapshot = this.#snapshot;
    if (!snapshot?.tasks || !this.#options.discovery) return '';
    const bases = this.#idBases(snapshot);
    if (bases === null) return '';
    return toYaml({ views: [buildDashboard(snapshot, this.#description, this.#options.options, bases)] });
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
  #idBases(snapshot: NasSnapshot): IdBases | null {
    const devices = buildHaDevices(snapshot, this.#description, this.#options.options);
    const { bases } = this.#retained;
    this.#entityIds.keep(bases);
    if (devices.every(({ objectId }) => objectId in bases)) return bases;
    const { announced } = this.#scan;
    if (announced === null) return null;
    const chosen = this.#entityIds.choose(devices, { bases, ...announced });
    this.#retained.keepBases(chosen);
    return chosen;
  }
}
