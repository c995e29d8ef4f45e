import { createHash } from 'node:crypto';
import type { Node, NodeAPI } from 'node-red';
import { DsmError, ERRORS, type ErrorCode } from '../dsm/errors';
import type { BrokerOptions, Trouble } from '../mqtt/mqtt-connection';
import type { ConnectionLogger } from '../mqtt/logger';
import { Journal } from '../storage/journal';
import type { Store } from '../storage/json-file';
import { bridgeSettings, type BridgeDef, type BridgeSettings } from './mqtt-bridge';
import { getBroker, type Broker } from './broker-registry';
import { isDeleted } from './deletion';
import { commandLine, loggerOf, warnOfUnexpectedError } from './diagnostics';
import { HandOvers, type Kept } from './hand-overs';
import { nasNameFor, withNasName } from './nas-names';
import { toNodeError } from './node-error';
import { packageInfo } from './package-info';
import { findNode, type NodeFinder } from './config-nodes';
import { acquireExclusive } from './exclusive-claims';
import type { NasConnection } from './nas-connection';
import { getNas } from './nas-registry';
import { openStore, statePath } from './node-files';
import { errorStatus } from './status';
import type { Message } from './types';
import { NamedTimers } from '../bridge/named-timers';
import { Bridge, type BridgeDependencies, type BridgeStatus } from '../bridge/bridge';
import { TASK_API, type CommandOutcome } from '../bridge/command-handler';
import { identityOf, storedIdentity, type NasIdentity } from '../bridge/nas-identity';
import type { LiveConnection } from '../bridge/live-connection';
import { PUBLISHED_FILE, type PersistedState } from '../bridge/persisted-state';
import { StandbyEvents } from '../bridge/standby-events';
import { BridgeStatusLine } from './bridge-status';
import { WarnOnce } from '../bridge/warn-once';

/** While another bridge of this Node-RED publishes the same NAS, how often is looked whether it has gone. */
const CLAIM_AGAIN_MS = 5000;
/** What could not be read from the disk is read again after a while. */
const READ_AGAIN_MS = 5000;

/** What Catch nodes get when the broker will not have us; passing troubles are for the status alone. */
const CODES: Readonly<Partial<Record<Trouble['kind'], ErrorCode>>> = {
  'refused-login': 'EAUTH',
  refused: 'EPERMISSION',
  protocol: 'EUNSUPPORTED',
  tls: 'EUNREACHABLE',
  'taken-over': 'ECONFIG',
};

/** Bridges by their node: for the editor, which knows its id. */
const BRIDGES = new WeakMap<Node, BridgeNode>();

/** The bridge of the deployed node `id`; null when there is none. */
export function bridgeOf(RED: NodeFinder, id: string): BridgeNode | null {
  const node = findNode(RED, id);
  return (node && BRIDGES.get(node)) ?? null;
}

/**
 * The bridge of one deployed node: waits until the NAS has said who it is, since every topic and id hangs on that, and
 * then publishes it until the node closes.
 */
export class BridgeNode {
  readonly #RED: NodeAPI;
  readonly #node: Node;
  readonly #line: BridgeStatusLine;
  readonly #closing = new AbortController();
  readonly #alarms = new NamedTimers((error) => this.#reportFault(error));
  #undo: (() => void)[] = [];
  /** Gives back what goes with the connection. */
  readonly #held: (() => void)[] = [];
  /** The connection that a deploy left says goodbye, before this node has one of its own. */
  #isWaiting = false;
  #bridge: Bridge | null = null;
  /** While another bridge of this Node-RED has the topics of this one. */
  #standIn: StandbyEvents | null = null;
  #openJournal: OpenJournal | null = null;
  /** Forgets all that is kept for this node: a deleted one does not come back. */
  #forget: () => void = () => undefined;
  /** What has to be the same for a connection to outlive a deploy. */
  #key = '';
  #refusal: DsmError | null = null;
  /** Of the NAS that is published, when that began. */
  #serialNumber: string | null = null;
  /** What a person has been told since broker, and NAS, were well; and of what is as it is, since the deploy. */
  readonly #warned = { ofBroker: new WarnOnce(), ofNas: new WarnOnce(), ofBridge: new WarnOnce() };

  constructor(RED: NodeAPI, node: Node, def: BridgeDef) {
    this.#RED = RED;
    this.#node = node;
    this.#line = new BridgeStatusLine(node);
    BRIDGES.set(node, this);
    try {
      const set = { settings: bridgeSettings(def), nas: getNas(RED, def.nas), broker: getBroker(RED, def.broker) };
      this.#openJournal = journalOf(RED, node);
      this.#forget = (): void => {
        set.nas.monitor.forget(node.id);
        this.#openJournal?.(() => []).discard();
      };
      this.#start(openStore(RED, node, PUBLISHED_FILE), set);
    } catch (error) {
      if (!(error instanceof DsmError)) throw error;
      this.#refusal = error;
      node.status(errorStatus(error));
      this.#report(error, this.#warned.ofBridge);
    }
    node.on('close', (removed: boolean, done: () => void) => {
      this.#close(removed).then(done, done);
    });
  }

  /** @see Bridge.dashboard @throws DsmError as {@link publishAll} does */
  dashboard(): string {
    return this.#opened().dashboard();
  }

  /** Shows how things stand once more, after the error of a message has been shown in its place. */
  showAgain(): void {
    if (this.#refusal === null && !this.#closing.signal.aborted) this.#line.showAgain();
  }

  /** Publishes everything again. @throws DsmError ECONFIG, or EUNREACHABLE while the NAS has not said who it is */
  publishAll(): void {
    this.#opened().publishAll();
  }

  /** Removes everything it has published. @throws DsmError ECONFIG; EUNREACHABLE while NAS or broker cannot be reached */
  purge(): Promise<void> {
    return this.#opened().purge();
  }

  #opened(): Bridge {
    if (this.#refusal !== null) throw this.#refusal;
    if (this.#bridge !== null) return this.#bridge;
    throw new DsmError(
      'EUNREACHABLE',
      'Nothing is published yet: the NAS has not said who it is, or another bridge has it',
    );
  }

  #start(store: Store<PersistedState>, set: BridgeInputs): void {
    const { nas } = set;
    this.#undo.push(
      () => {
        store.close();
      },
      nas.poller.subscribe((look) => {
        this.#line.showNas('error' in look ? look.error : null);
        if (!('error' in look)) this.#warned.ofNas.reset();
        else if (ERRORS[look.error.code].retry === 'never')
          this.#report(look.error, this.#warned.ofNas, look.error.code);
      }),
    );
    this.#begin(store, set);
  }

  /** Goes on from what was published before; while nobody can say what that was, nothing is published. */
  #begin(store: Store<PersistedState>, set: BridgeInputs): void {
    const { nas, settings } = set;
    const before = store.load();
    if (store.isUnread) {
      this.#alarms.set('unread', READ_AGAIN_MS, () => {
        this.#begin(store, set);
      });
      return;
    }
    const known = storedIdentity(before, nas, settings.nasId);
    if (known !== null) this.#open(known, before, store, set);
    this.#ask(nas, settings, (identity) => {
      if (this.#bridge === null) {
        this.#open(identity, before, store, set);
        return;
      }
      if (settings.nasId === '') this.#compare(identity.facts);
      this.#bridge.setNasDescription(identity.facts);
    });
  }

  /** Asks the NAS what it is as soon as it answers at all, and again whenever it was away: it may have another DSM then. */
  #ask(nas: NasConnection, settings: BridgeSettings, onIdentity: (identity: NasIdentity) => void): void {
    let isAsked = false;
    this.#undo.push(
      nas.poller.subscribe((look) => {
        if ('error' in look) isAsked = false;
        if ('error' in look || isAsked) return;
        isAsked = true;
        nas
          .nasInfo()
          .then(
            (about) => {
              if (!this.#closing.signal.aborted) onIdentity(identityOf(settings.nasId, about, nas));
            },
            () => {
              isAsked = false; // the next look asks again
            },
          )
          .catch((error: unknown) => this.#reportFault(error));
      }),
    );
  }

  /** The ids stay the same for ever, so that nobody loses what hangs on them; but a person may want others now. */
  #compare({ serialNumber }: NasIdentity['facts']): void {
    const before = this.#serialNumber;
    if (before === null || serialNumber === null || serialNumber === before) return;
    const message = `The NAS has another serial number (${serialNumber}) than before (${before}), and keeps its topics and ids: if it is another NAS, enter an id for it`;
    if (this.#warned.ofBridge.isFirst(message)) this.#node.warn(withNasName(message, nasNameFor(this.#node)));
  }

  #open(identity: NasIdentity, before: PersistedState | null, store: Store<PersistedState>, set: BridgeInputs): void {
    const { settings, nas, broker } = set;
    if (this.#closing.signal.aborted || this.#bridge !== null || this.#isWaiting) return;
    const { options, release } = broker.options(this.#node.id);
    this.#key = keyOf(options, nas, identity.nasId, settings);
    const live = KEPT.take(this.#node.id, this.#key)?.release() ?? null;
    // Of other settings: it says goodbye first, and lets go of its file.
    if (live === null && KEPT.has(this.#node.id)) {
      release();
      this.#isWaiting = true;
      KEPT.end(this.#node.id)
        .then(() => {
          this.#isWaiting = false;
          this.#open(identity, before, store, set);
        })
        .catch((error: unknown) => this.#reportFault(error));
      return;
    }
    const claims = claimsOf(options.url, identity.nasId, settings);
    const undo = claims.map((what) => acquireExclusive(what, this.#node));
    if (undo.includes(null)) {
      for (const giveBack of undo) giveBack?.();
      release();
      this.#standTwice(identity, before, store, set, claims);
      return;
    }
    this.#standIn?.letGo();
    this.#held.push(release, ...undo.filter((giveBack) => giveBack !== null));
    const { nasId, facts } = identity;
    this.#serialNumber = facts.serialNumber;
    const published = {
      documents: [],
      configs: {},
      removed: [],
      ...before,
      version: 1,
      address: nas.address,
      chosen: settings.nasId,
      nasId,
      facts,
    } as const;
    this.#bridge = new Bridge({
      id: this.#node.id,
      settings,
      identity,
      nas,
      published,
      live,
      openJournal: this.#openJournal,
      broker: { ...options, logger: this.#connectionLogger() },
      origin: packageInfo(),
      onDelivered: (key) => {
        StandbyEvents.noteDelivered(claims, key);
      },
      save: (now) => {
        store.save(now);
      },
      warn: (message) => {
        if (this.#warned.ofBridge.isFirst(message)) this.#node.warn(message);
      },
      onStatus: (standing) => {
        this.#tell(standing, broker);
      },
      onOutcome: (outcome) => {
        loggerOf(this.#node).debug(commandLine(outcome.response, outcome.taskId));
        this.#node.send(messageOf(outcome, nasId, nas.name));
      },
    });
    this.#bridge.open();
    this.#standIn?.leave();
    this.#standIn = null;
  }

  /** Another node of this Node-RED publishes the NAS; it may be deleted one day. */
  #standTwice(
    identity: NasIdentity,
    before: PersistedState | null,
    store: Store<PersistedState>,
    set: BridgeInputs,
    claims: readonly string[],
  ): void {
    this.#tell({ is: 'twice' }, set.broker);
    this.#standIn ??= new StandbyEvents({
      id: this.#node.id,
      monitor: set.nas.monitor,
      topics: { baseTopic: set.settings.baseTopic, nasId: identity.nasId },
      claims,
      openJournal: this.#openJournal,
      warn: (message) => {
        if (this.#warned.ofBridge.isFirst(message)) this.#node.warn(message);
      },
    });
    this.#alarms.set('claim', CLAIM_AGAIN_MS, () => {
      if (this.#bridge === null) this.#open(identity, before, store, set);
    });
  }

  #tell(standing: BridgeStatus, broker: Broker): void {
    this.#line.showStanding(standing);
    const told = this.#warned.ofBroker;
    if (standing.is === 'published') told.reset();
    if (standing.is === 'twice') {
      this.#report(
        new DsmError(
          'ECONFIG',
          `Another bridge publishes this NAS on ${broker.name} already: remove one of the two, or give one another base topic and no discovery`,
        ),
        told,
      );
    }
    if (standing.is !== 'trouble') return;
    const code = CODES[standing.trouble.kind];
    const { message } = standing.trouble;
    if (code !== undefined) this.#report(new DsmError(code, message), told, message, false);
    else if (told.isFirst(message)) this.#node.warn(message);
  }

  #connectionLogger(): ConnectionLogger {
    const logger = loggerOf(this.#node);
    return { debug: (line) => logger.debug(line), fault: (error) => warnOfUnexpectedError(logger, error) };
  }

  #reportFault(error: unknown): void {
    warnOfUnexpectedError(loggerOf(this.#node), error);
  }

  /** Once: broker and NAS are asked again and again. @param what by which it is known to have been said; @param isOfNas or of the broker alone */
  #report(error: DsmError, told: WarnOnce, what = error.message, isOfNas = true): void {
    if (!told.isFirst(what)) return;
    // The Catch nodes of a flow are known only when all of its nodes are there.
    setImmediate(() => {
      if (!this.#closing.signal.aborted)
        this.#node.error(toNodeError(error, isOfNas ? nasNameFor(this.#node) : null), {});
    });
  }

  /** @param isRemoved the node is not in the flow any more; else it may be back in a moment */
  async #close(isRemoved: boolean): Promise<void> {
    this.#closing.abort();
    this.#alarms.clear();
    for (const undo of this.#undo.splice(0).reverse()) undo();
    this.#standIn?.leave();
    if (!isRemoved && this.#keepConnection()) return;
    await this.#bridge?.close();
    this.#giveBack();
    if (isDeleted(this.#RED, this.#node.id, isRemoved)) this.#forget();
  }

  #giveBack(): void {
    for (const giveBack of this.#held.splice(0).reverse()) giveBack();
  }

  /** Leaves the connection to the node that a deploy starts in this one's place. @returns false when there is none */
  #keepConnection(): boolean {
    const { id } = this.#node;
    const keeper = this.#bridge?.handOver(() => {
      KEPT.forget(id, kept);
      void kept.end();
    });
    const kept: KeptConnection = {
      key: this.#key,
      release: () => {
        this.#giveBack();
        return keeper?.release() ?? null;
      },
      end: async () => {
        await keeper?.end();
        this.#giveBack();
      },
    };
    if (!keeper) return false;
    KEPT.keep(id, kept);
    return true;
  }
}

/** A connection that waits for its bridge to be restarted. */
interface KeptConnection extends Kept {
  release(): LiveConnection | null;
}

/** One for the process. */
const KEPT = new HandOvers<KeptConnection>();

/** Says goodbye for the bridges that a deploy was taken to restart, when it is Node-RED that stops. */
export function endKeptConnections(): void {
  void KEPT.endAll();
}

/** The same for two lives of a bridge of which the second can go on with the connection of the first. */
function keyOf(
  options: BrokerOptions,
  { address }: NasConnection,
  nasId: string,
  { baseTopic, discovery, discoveryPrefix }: BridgeSettings,
): string {
  const parts = [options, address, nasId, baseTopic, discovery, discoveryPrefix];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function journalOf(RED: NodeAPI, node: Node): OpenJournal | null {
  const path = statePath(RED, node, '.events.jsonl');
  if (path === null) return null;
  return (lines) =>
    new Journal({
      path,
      lines,
      warn: (message) => {
        node.warn(message);
      },
      content: 'Events that wait for the MQTT broker',
    });
}

type OpenJournal = NonNullable<BridgeDependencies['openJournal']>;

/** What a bridge is put together from. */
interface BridgeInputs {
  readonly settings: BridgeSettings;
  readonly nas: NasConnection;
  readonly broker: Broker;
}

/** What became of a command, as the flow gets it: a copy. @param id of the NAS in the topics of this bridge */
function messageOf({ topic, taskId, response }: CommandOutcome, id: string, name: string): Message {
  const { action } = response;
  const isCall = action === 'backup' || action === 'cancel';
  const nas = { id, name, api: isCall ? TASK_API : null, method: isCall ? action : null };
  return { topic, payload: { ...response }, taskId, nas };
}

/** What no two bridges of one Node-RED may both do. */
function claimsOf(url: string, nasId: string, { baseTopic, discovery, discoveryPrefix }: BridgeSettings): string[] {
  const topics = `${url} ${baseTopic}/${nasId}`;
  return discovery ? [topics, `${url} ${discoveryPrefix} ${nasId}`] : [topics];
}
