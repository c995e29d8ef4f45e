import { setTimeout as sleep } from 'node:timers/promises';
import type { Topics } from '../home-assistant/topics';
import type { Publisher } from '../mqtt/publisher';
import type { NamedTimers, BridgeTimings } from './timings';

/** The parts that a republisher works with. */
export interface RepublisherOptions {
  readonly publisher: Pick<Publisher, 'republish' | 'whenIdle'>;
  readonly topics: Pick<Topics, 'bridge' | 'connection'>;
  readonly discoveryPrefix: string;
  readonly timings: Pick<BridgeTimings, 'discoveryMs' | 'birthMs' | 'refreshMs'>;
  /** Cleared by their owner when the session ends. */
  readonly timers: NamedTimers;
  /** In [0, 1). */
  readonly random: () => number;
  /** Aborted when the bridge closes. */
  readonly signal: AbortSignal;
  readonly onDone: () => void;
}

/** Publishes all retained topics again: at an interval, after a start of Home Assistant, and on request. */
export class Republisher {
  readonly #options: RepublisherOptions;
  #state: 'idle' | 'running' | 'requested-again' = 'idle';

  constructor(options: RepublisherOptions) {
    this.#options = options;
  }

  /** Publishes everything; while it is running, another run follows. */
  run(): void {
    if (this.#state === 'idle') void this.#runAll();
    else this.#state = 'requested-again';
  }

  /** Runs after the refresh interval, counted from this call. */
  runLater(): void {
    const { timers, timings } = this.#options;
    timers.set('refresh', timings.refreshMs, () => {
      this.run();
    });
  }

  /** Home Assistant has started: runs after a random delay, because all bridges react to the same message. */
  runAfterBirth(): void {
    const { timers, timings, random } = this.#options;
    const [min, max] = timings.birthMs;
    timers.setOnce('birth', min + (max - min) * random(), () => {
      this.run();
    });
  }

  async #runAll(): Promise<void> {
    do {
      this.#state = 'running';
      await this.#republish();
    } while (this.#isRequestedAgain() && !this.#options.signal.aborted);
    this.#state = 'idle';
  }

  #isRequestedAgain(): boolean {
    return this.#state === 'requested-again';
  }

  /** Availability first, then discovery, then state: Home Assistant subscribes to a device's state after its discovery. */
  async #republish(): Promise<void> {
    const { publisher, topics, discoveryPrefix, timings, signal, onDone } = this.#options;
    const isAvailability = (topic: string): boolean => topic === topics.bridge || topic === topics.connection;
    const isConfig = (topic: string): boolean => topic.startsWith(`${discoveryPrefix}/device/`);
    publisher.republish(isAvailability);
    publisher.republish(isConfig);
    await publisher.whenIdle();
    await sleep(timings.discoveryMs, undefined, { signal }).catch(() => undefined);
    publisher.republish((topic) => !isConfig(topic) && !isAvailability(topic));
    await publisher.whenIdle();
    if (!signal.aborted) onDone();
  }
}
