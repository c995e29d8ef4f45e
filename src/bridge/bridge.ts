import { EventEmitter } from 'node:events';
import { createSharedAbortController } from '../dsm/abort';
import { DsmError } from '../dsm/errors';
import type { IdSource } from '../home-assistant/dashboard/entity-names';
import type { BridgeOptions, NasDescription } from '../home-assistant/types';
import { objectIdOf } from '../home-assistant/items';
import { parseCommandTopic, topicsOf, type Topics } from '../home-assistant/topics';
import { eventLine } from '../monitor/events';
import type { MqttSession, ReceivedMessage } from '../mqtt/types';
import { FULL_WITHIN_DAYS, LOW_STORAGE } from '../settings/limits';
import { BrokerLink, type DetachedLinkListener } from './broker-link';
import { CommandHandler } from './command-handler';
import { CommandValidator, type CommandTarget } from './command-validator';
import type { BridgeDependencies, BridgeEvents } from './dependencies';
import { PING_ACTION } from './duplicate-check';
import { NamedTimers, DEFAULT_TIMINGS, type BridgeTimings } from './timings';
import { outgoingEvent } from './standby-events';
import { Republisher } from './republisher';
import { CommandResponder } from './responses';
import { discoveryScopeOf } from './shared-discovery';
import { StatePublisher } from './state-publisher';
import { birthTopicsOf, subscriptionsOf } from './bridge-connection';

/**
 * Publishes one NAS on one broker and executes commands for it: snapshots of the monitor become retained messages, its events
 * are delivered, and received messages are routed. Opened once, closed once.
 */
export class Bridge extends EventEmitter<BridgeEvents> {
  readonly #dependencies: BridgeDependencies;
  readonly #timings: BridgeTimings;
  readonly #topics: Topics;
  readonly #options: BridgeOptions;
  readonly #link: BrokerLink;
  readonly #state: StatePublisher;
  readonly #commands: CommandHandler;
  readonly #republisher: Republisher;
  readonly #timers = new NamedTimers((error) => this.#dependencies.broker.logger?.fault?.(error));
  readonly #closing = createSharedAbortController();
  readonly #random: () => number;
  /** The purge in progress. */
  #purging: Promise<void> | null = null;
  #unsubscribe: () => void = () => undefined;

  constructor(dependencies: BridgeDependencies) {
    super();
    const { settings, origin, broker, published, store } = dependencies;
    const { nasId, description } = dependencies.identity;
    this.#dependencies = dependencies;
    this.#random = dependencies.random ?? Math.random;
    this.#timings = { ...DEFAULT_TIMINGS, ...dependencies.timings };
    this.#topics = topicsOf(settings.baseTopic, nasId);
    this.#link = dependencies.link ?? this.#createLink();
    this.#commands = this.#createCommandHandler();
    // Without the permission there are no buttons in Home Assistant.
    const commands = settings.commands && this.#commands.isPermitted('backup');
    this.#options = { ...settings, commands, nasId, origin };
    this.#state = new StatePublisher({
      publisher: this.#link.publisher,
      topics: this.#topics,
      options: this.#options,
      discovery: settings.discovery,
      entityIdScope: `${broker.url} ${settings.discoveryPrefix}`,
      discoveryScope: this.#discoveryScope,
      retainedMs: this.#timings.retainedMs,
      description,
      published,
      store,
    });
    this.#republisher = this.#createRepublisher();
  }

  /** Subscribes to the NAS, and connects to the broker until it is closed. */
  open(): void {
    const { link } = this.#dependencies;
    const received = link?.attach() ?? [];
    this.#listen();
    if (!link) this.#link.load();
    this.#state.open();
    this.#unsubscribe = this.#subscribeToNas();
    if (this.#link.session === null) this.#link.start();
    else this.#continue(this.#link.session, received);
  }

  /**
   * Closes the bridge without its link to the broker, for the bridge instance after the deploy.
   * @returns null without a connection; then {@link close} the bridge
   */
  detachLink(listener: DetachedLinkListener): BrokerLink | null {
    if (this.#link.session === null || this.#state.isPurged) return null;
    this.#closeAllButLink();
    this.#link.detach(listener);
    return this.#link;
  }

  setNasDescription(description: NasDescription): void {
    this.#state.setNasDescription(description);
  }

  /** @see StatePublisher.dashboard */
  dashboard(idSource?: IdSource): string {
    return this.#state.dashboard(idSource);
  }

  /** Polls and publishes everything again, also after a purge, and also what the user has removed in Home Assistant. */
  publishAll(): void {
    if (this.#purging !== null) {
      const publishAll = (): void => this.publishAll();
      this.#purging.then(publishAll, publishAll);
      return;
    }
    if (this.#closing.signal.aborted) return;
    const { monitor, poller } = this.#dependencies.nas;
    this.#link.publisher.forgetRefusals();
    monitor.expireReads();
    poller.pollNow();
    const { isPurged } = this.#state;
    this.#state.resume();
    if (isPurged) this.#link.start();
    else this.#republisher.run();
  }

  /**
   * Clears everything it has published and disconnects until {@link publishAll}.
   * @throws DsmError EUNREACHABLE when the broker cannot be reached
   */
  purge(): Promise<void> {
    this.#purging ??= this.#purge().finally(() => {
      this.#purging = null;
    });
    return this.#purging;
  }

  async #purge(): Promise<void> {
    const { session } = this.#link;
    if (session === null) throw unreachable('is not connected to this bridge now, so nothing was removed from it');
    await this.#state.purge(session).catch(() => {
      throw unreachable('was lost, so nothing was removed from it');
    });
    this.#link.dropEvents();
    const isDone = await this.#link.stopWhenIdle(this.#timings.purgeMs);
    this.emit('status', { is: 'purged' });
    if (!isDone) throw unreachable('did not answer in time: not everything may have been removed from it');
  }

  /** Publishes `offline` and disconnects. Takes at most a second. */
  async close(): Promise<void> {
    this.#closeAllButLink();
    await this.#link.close();
  }

  #closeAllButLink(): void {
    this.#closing.abort();
    this.#timers.clear();
    this.#unsubscribe();
    this.#state.close();
  }

  get #discoveryScope(): string {
    return discoveryScopeOf(this.#dependencies.broker, this.#dependencies.settings.discoveryPrefix);
  }

  #createLink(): BrokerLink {
    const { broker, identity, settings, openJournal = null } = this.#dependencies;
    const { discoveryPrefix } = settings;
    return new BrokerLink({
      broker,
      random: this.#random,
      topics: this.#topics,
      subscriptions: subscriptionsOf(settings, this.#topics),
      discovery: { scope: this.#discoveryScope, discoveryPrefix, objectId: objectIdOf(identity.nasId) },
      timings: this.#timings,
      openJournal,
    });
  }

  #createRepublisher(): Republisher {
    return new Republisher({
      publisher: this.#link.publisher,
      topics: this.#topics,
      discoveryPrefix: this.#options.discoveryPrefix,
      timings: this.#timings,
      timers: this.#timers,
      random: this.#random,
      signal: this.#closing.signal,
      onDone: () => {
        if (this.#link.session !== null) this.#republisher.runLater();
        this.#reportPublished();
      },
    });
  }

  #createCommandHandler(): CommandHandler {
    const { settings, nas } = this.#dependencies;
    return new CommandHandler({
      validator: new CommandValidator(),
      responder: new CommandResponder({
        publisher: this.#link.publisher,
        topics: this.#topics,
        discoveryPrefix: settings.discoveryPrefix,
        warn: (message) => this.emit('warning', message),
      }),
      nas,
      commandsEnabled: settings.commands,
      refresh: () => {
        nas.monitor.expireReads();
        this.#republisher.run();
        nas.poller.pollNow();
      },
      signal: this.#closing.signal,
    });
  }

  #subscribeToNas(): () => void {
    const { id, nas, broker } = this.#dependencies;
    return nas.monitor.subscribe({
      id,
      storageLowPercent: LOW_STORAGE.default,
      fullWithinDays: FULL_WITHIN_DAYS.default,
      onSnapshot: (snapshot) => this.#state.show(snapshot),
      onEvent: (event) => {
        if (event.event !== 'backup_progress') broker.logger?.debug(eventLine(event));
        const outgoing = this.#state.isPurged ? null : outgoingEvent(event, this.#options);
        if (outgoing !== null) this.#link.deliver(outgoing);
      },
      areStored: () => this.#link.areEventsStored,
    });
  }

  #listen(): void {
    const warn = (message: string): void => void this.emit('warning', message);
    this.#link.on('warning', warn);
    this.#link.on('delivered', (key) => this.emit('delivered', key));
    this.#link.on('connecting', () => this.emit('status', { is: 'connecting' }));
    this.#link.on('problem', (problem) => this.emit('status', { is: 'problem', problem }));
    this.#link.on('standby', () => this.emit('status', { is: 'standby' }));
    this.#link.on('active', (session) => {
      this.#republisher.runLater();
      this.#state.update();
      void this.#state.scan(session);
    });
    this.#link.on('inactive', () => {
      this.#timers.clear();
    });
    this.#link.on('message', (message) => {
      this.#route(message);
    });
    this.#link.on('discoveryMissed', () => {
      // Later: when many bridges are closed, the subscription changes hands many times.
      this.#timers.setOnce('removals', this.#timings.discoveryMs, () => {
        if (this.#link.session !== null) void this.#state.findRemovals(this.#link.session);
      });
    });
    this.#state.on('warning', warn);
    this.#state.on('updated', () => {
      this.#reportPublished();
    });
    this.#state.on('componentsRemoved', () => {
      if (this.#link.session === null) return;
      this.#timers.setOnce('componentRemoval', this.#timings.componentRemovalMs, () =>
        this.#state.endComponentRemoval(),
      );
    });
  }

  /** Continues the session of the bridge instance before the deploy: the broker still has everything. */
  #continue(session: MqttSession, received: readonly ReceivedMessage[]): void {
    this.emit('status', { is: 'connecting' });
    this.#republisher.runLater();
    this.#reportPublished();
    void this.#state.scan(session);
    for (const message of received) this.#route(message);
  }

  #route(message: ReceivedMessage): void {
    const { topic } = message;
    const target = parseCommandTopic(this.#topics, topic);
    if (target !== null) void this.#handleCommand(message, target);
    else if (birthTopicsOf(this.#options.discoveryPrefix).has(topic)) this.#handleBirth(message.payload.toString());
    else if (this.#link.session !== null) void this.#state.handleDiscovery(this.#link.session, message);
  }

  async #handleCommand(message: ReceivedMessage, target: CommandTarget): Promise<void> {
    const returnsOwnMessages = this.#link.session?.version !== 5;
    const outcome = await this.#commands.handle(message, target, this.#state.snapshot, returnsOwnMessages);
    // A ping of another bridge is not a command of the user.
    if (outcome !== null && outcome.response.action !== PING_ACTION) this.emit('command', outcome);
  }

  #handleBirth(payload: string): void {
    if (payload === 'online') this.#republisher.runAfterBirth();
  }

  /** Emits the status once the broker has acknowledged everything. */
  #reportPublished(): void {
    const { session, publisher } = this.#link;
    void publisher.whenIdle().then(() => {
      if (session === null || this.#link.session !== session) return;
      const { tasks = null, online = false } = this.#state.snapshot ?? {};
      const [refused = null] = publisher.refused.keys();
      this.emit('status', { is: 'published', tasks: tasks?.length ?? null, online, refused });
    });
  }
}

function unreachable(why: string): DsmError {
  return new DsmError('EUNREACHABLE', `The MQTT broker ${why}`);
}
