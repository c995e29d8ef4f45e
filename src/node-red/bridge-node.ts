import type { IdSource } from '../home-assistant/dashboard/entity-names';
import type { Node, NodeAPI } from 'node-red';
import { Bridge } from '../bridge/bridge';
import type { BrokerLink } from '../bridge/broker-link';
import {
  acceptHandover,
  claimsOf,
  endHandover,
  handoverKeyOf,
  hasHandover,
  offerHandover,
} from '../bridge/link-handover';
import type { BridgeSettings, OpenJournal } from '../bridge/types';
import { NamedTimers } from '../bridge/timings';
import { identityOf, storedIdentity, type BridgeIdentity, stateWithIdentity } from '../bridge/nas-identity';
import { PUBLISHED_FILE, type PersistedState } from '../bridge/persisted-state';
import { StandbyEvents } from '../bridge/standby-events';
import { createSharedAbortController } from '../dsm/abort';
import { DsmError } from '../dsm/errors';
import type { PollResult } from '../monitor/poller';
import type { BrokerOptions } from '../mqtt/types';
import type { Store } from '../storage/json-file';
import { BridgeReporter } from './bridge-reporter';
import { acquireAll, journalOf } from './bridge-resources';
import { getBroker, type Broker } from './broker-registry';
import { findNode, type NodeFinder, isDeleted } from './config-nodes';
import { bridgeSettings, type BridgeDef } from './mqtt-bridge';
import type { NasConnection } from '../client/nas-connection';
import { getNas } from './nas-registry';
import { openStore } from './node-files';
import { packageInfo } from '../client/package-info';

/** Interval of a bridge that waits for another bridge of this Node-RED, or for a state file that cannot be read. */
const RETRY_MS = 5000;

/** The bridge of each deployed node, for requests of the editor. */
const BRIDGES = new WeakMap<Node, BridgeNode>();

/** The bridge of the deployed node `id`; null if there is none. */
export function bridgeOf(RED: NodeFinder, id: string): BridgeNode | null {
  const node = findNode(RED, id);
  return (node && BRIDGES.get(node)) ?? null;
}

/** Everything a bridge node works with, once its settings have been validated. */
interface BridgeInputs {
  readonly settings: BridgeSettings;
  readonly nas: NasConnection;
  readonly broker: Broker;
  readonly store: Store<PersistedState>;
  readonly openJournal: OpenJournal | null;
}

/**
 * The bridge of one deployed node. Waits until the identity of the NAS is known, on which all topics and ids depend, then
 * publishes the NAS until the node closes.
 */
export class BridgeNode {
  readonly #RED: NodeAPI;
  readonly #node: Node;
  readonly #closing = createSharedAbortController();
  readonly #reporter: BridgeReporter;
  readonly #timers = new NamedTimers((error) => this.#reporter.logger.fault(error));
  readonly #settingsError: DsmError | null;
  #inputs: BridgeInputs | null = null;
  /** The state file; undefined until it has been read, null if there is none. */
  #stored: PersistedState | null | undefined;
  /** Whether the information about the NAS has been requested since it was unreachable. */
  #isNasInfoRequested = false;
  /** True while the link of the node before the deploy is closing. */
  #isWaiting = false;
  #bridge: Bridge | null = null;
  /** Serial number of the published NAS, when publishing started. */
  #serialNumber: string | null = null;
  /** Receives events while another bridge of this Node-RED publishes the NAS. */
  #standbyEvents: StandbyEvents | null = null;
  #handoverKey = '';
  #claims: readonly string[] = [];
  readonly #cleanups: (() => void)[] = [];
  /** Releases exclusive resources when the link is closed. */
  readonly #releases: (() => void)[] = [];

  constructor(RED: NodeAPI, node: Node, def: BridgeDef) {
    this.#RED = RED;
    this.#node = node;
    this.#reporter = new BridgeReporter(RED, node, this.#closing.signal);
    BRIDGES.set(node, this);
    this.#settingsError = this.#start(def);
    node.on('close', (removed: boolean, done: () => void) => {
      this.#close(removed).then(done, done);
    });
  }

  /** @see Bridge.dashboard @throws DsmError as {@link publishAll} does */
  dashboard(idSource?: IdSource): string {
    return this.#openBridge().dashboard(idSource);
  }

  /** Shows the status again after the error of a message has replaced it. */
  refreshStatus(): void {
    if (this.#settingsError === null && !this.#closing.signal.aborted) this.#reporter.refresh();
  }

  /** Publishes everything again. @throws DsmError ECONFIG, or EUNREACHABLE while the identity of the NAS is unknown */
  publishAll(): void {
    this.#openBridge().publishAll();
  }

  /** Clears everything it has published. @throws DsmError ECONFIG; EUNREACHABLE while NAS or broker cannot be reached */
  purge(): Promise<void> {
    return this.#openBridge().purge();
  }

  #openBridge(): Bridge {
    if (this.#settingsError !== null) throw this.#settingsError;
    if (this.#bridge !== null) return this.#bridge;
    throw new DsmError(
      'EUNREACHABLE',
      'Nothing is published yet: the NAS has not been identified, or another bridge publishes it',
    );
  }

  /** @returns the error if the settings are invalid */
  #start(def: BridgeDef): DsmError | null {
    try {
      const RED = this.#RED;
      const node = this.#node;
      const settings = bridgeSettings(def);
      const nas = getNas(RED, def.nas);
      const broker = getBroker(RED, def.broker);
      const inputs = {
        settings,
        nas,
        broker,
        store: openStore(RED, node, PUBLISHED_FILE),
        openJournal: journalOf(RED, node),
      };
      this.#inputs = inputs;
      this.#cleanups.push(
        () => inputs.store.close(),
        nas.poller.subscribe((poll) => this.#handlePoll(inputs, poll)),
      );
      this.#loadState(inputs);
      return null;
    } catch (error) {
      if (!(error instanceof DsmError)) throw error;
      this.#reporter.reportSettings(error);
      return error;
    }
  }

  /** Publishes under the stored identity, if there is one. While the file cannot be read nothing is published. */
  #loadState(inputs: BridgeInputs): void {
    const stored = inputs.store.load();
    if (inputs.store.isUnread) {
      this.#timers.set('read', RETRY_MS, () => {
        this.#loadState(inputs);
        inputs.nas.poller.pollNow();
      });
      return;
    }
    this.#stored = stored;
    const identity = storedIdentity(stored, inputs.nas, inputs.settings.nasId);
    if (identity !== null) this.#open(inputs, identity);
  }

  /** Requests the information about the NAS when it is reachable again: it may have another DSM version by then. */
  #handlePoll(inputs: BridgeInputs, poll: PollResult): void {
    const error = 'error' in poll ? poll.error : null;
    this.#reporter.showNas(error);
    if (error !== null) this.#isNasInfoRequested = false;
    if (error !== null || this.#isNasInfoRequested || this.#stored === undefined) return;
    this.#isNasInfoRequested = true;
    const { nas, settings } = inputs;
    nas
      .nasInfo()
      .then(
        (info) => this.#identified(inputs, identityOf(settings.nasId, info, nas)),
        () => void (this.#isNasInfoRequested = false), // requested again after the next poll
      )
      .catch((fault: unknown) => this.#reporter.logger.fault(fault));
  }

  #identified(inputs: BridgeInputs, identity: BridgeIdentity): void {
    if (this.#closing.signal.aborted) return;
    if (this.#bridge === null) {
      this.#open(inputs, identity);
      return;
    }
    const { description } = identity;
    if (inputs.settings.nasId === '') this.#reporter.warnOfOtherNas(this.#serialNumber, description.serialNumber);
    this.#bridge.setNasDescription(description);
  }

  #open(inputs: BridgeInputs, identity: BridgeIdentity): void {
    if (this.#closing.signal.aborted || this.#bridge !== null || this.#isWaiting) return;
    const { id } = this.#node;
    const { options, release } = inputs.broker.options(id);
    this.#handoverKey = handoverKeyOf(options, inputs.nas.address, identity.nasId, inputs.settings);
    const link = acceptHandover(id, this.#handoverKey);
    if (link === null && hasHandover(id)) {
      release();
      this.#openAfterHandover(inputs, identity);
      return;
    }
    this.#claims = claimsOf(options.url, identity.nasId, inputs.settings);
    const releases = acquireAll(this.#claims, this.#node);
    if (releases === null) {
      release();
      this.#waitForOther(inputs, identity);
      return;
    }
    this.#standbyEvents?.closeFile();
    this.#releases.push(release, ...releases);
    this.#serialNumber = identity.description.serialNumber;
    this.#bridge = this.#createBridge(inputs, identity, options, link);
    this.#bridge.open();
    this.#standbyEvents?.close();
    this.#standbyEvents = null;
  }

  /** The link from before the deploy has other settings: it has to disconnect and close its file first. */
  #openAfterHandover(inputs: BridgeInputs, identity: BridgeIdentity): void {
    this.#isWaiting = true;
    endHandover(this.#node.id)
      .then(() => {
        this.#isWaiting = false;
        this.#open(inputs, identity);
      })
      .catch((error: unknown) => this.#reporter.logger.fault(error));
  }

  #createBridge(
    { settings, nas, broker, store, openJournal }: BridgeInputs,
    identity: BridgeIdentity,
    options: BrokerOptions,
    link: BrokerLink | null,
  ): Bridge {
    const { nasId } = identity;
    const published = stateWithIdentity(this.#stored ?? null, identity, nas.address, settings.nasId);
    const bridge = new Bridge({
      ...{ id: this.#node.id, settings, identity, nas, published, store, link, openJournal },
      broker: { ...options, logger: this.#reporter.logger },
      origin: packageInfo(),
    });
    bridge.on('delivered', (key) => StandbyEvents.noteDelivered(this.#claims, key));
    bridge.on('warning', (message) => this.#reporter.warn(message));
    bridge.on('status', (status) => this.#reporter.showBridge(status, broker.name));
    bridge.on('command', (outcome) => this.#reporter.sendOutcome(outcome, { nasId, nasName: nas.name }));
    return bridge;
  }

  /** Another node of this Node-RED publishes the NAS; it may be deleted later. */
  #waitForOther(inputs: BridgeInputs, identity: BridgeIdentity): void {
    const { settings, nas, broker, openJournal } = inputs;
    this.#reporter.showBridge({ is: 'standby' }, broker.name);
    this.#standbyEvents ??= new StandbyEvents({
      id: this.#node.id,
      monitor: nas.monitor,
      topics: { baseTopic: settings.baseTopic, nasId: identity.nasId },
      claims: this.#claims,
      openJournal,
      warn: (message) => this.#reporter.warn(message),
    });
    this.#timers.set('claim', RETRY_MS, () => this.#open(inputs, identity));
  }

  /** @param isRemoved the node is deleted or disabled; false: a deploy may be restarting it */
  async #close(isRemoved: boolean): Promise<void> {
    this.#closing.abort();
    this.#timers.clear();
    for (const cleanUp of this.#cleanups.splice(0).reverse()) cleanUp();
    this.#standbyEvents?.close();
    if (!isRemoved && this.#offerLink()) return;
    await this.#bridge?.close();
    this.#release();
    if (isDeleted(this.#RED, this.#node.id, isRemoved)) this.#deleteState();
  }

  /** A deleted node does not come back: nothing is kept for it. */
  #deleteState(): void {
    this.#inputs?.nas.monitor.forget(this.#node.id);
    this.#inputs?.openJournal?.(() => []).discard();
  }

  #release(): void {
    for (const release of this.#releases.splice(0).reverse()) release();
  }

  /** Offers the link to the node that a deploy starts in place of this one. @returns false if there is no connection */
  #offerLink(): boolean {
    const { id } = this.#node;
    const link = this.#bridge?.detachLink({
      onLost: () => void endHandover(id),
      onDelivered: (key) => StandbyEvents.noteDelivered(this.#claims, key),
    });
    if (!link) return false;
    offerHandover(id, { key: this.#handoverKey, link, release: () => this.#release() });
    return true;
  }
}
