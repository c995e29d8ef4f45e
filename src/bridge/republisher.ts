import { setTimeout as sleep } from 'node:timers/promises';
import type { Publisher } from '../mqtt/publisher';

/** What a repeater works with. */
export interface RepeaterOptions {
  readonly publisher: Pick<Publisher, 'republish' | 'whenIdle'>;
  /** Whether a topic tells that we, and the NAS, are there: these come first. */
  readonly isAvailability: (topic: string) => boolean;
  /** Whether a topic is discovery. */
  readonly isConfig: (topic: string) => boolean;
  /** From discovery to the rest: Home Assistant subscribes to the topics of a device when it has read it. */
  readonly discoveryMs: number;
  readonly signal: AbortSignal;
  readonly onDone: () => void;
}

/** Publishes everything once more, in an order that Home Assistant understands. */
export class Republisher {
  readonly #options: RepeaterOptions;
  #state: 'idle' | 'running' | 'asked-again' = 'idle';

  constructor(options: RepeaterOptions) {
    this.#options = options;
  }

  /** Begins; when it is asked for while it runs, it runs once more then. */
  run(): void {
    if (this.#state === 'idle') void this.#loop();
    else this.#state = 'asked-again';
  }

  async #loop(): Promise<void> {
    do {
      this.#state = 'running';
      await this.#once();
    } while (this.#isAsked() && !this.#options.signal.aborted);
    this.#state = 'idle';
  }

  #isAsked(): boolean {
    return this.#state === 'asked-again';
  }

  async #once(): Promise<void> {
    const { publisher, isAvailability, isConfig, discoveryMs, signal, onDone } = this.#options;
    publisher.republish(isAvailability);
    publisher.republish(isConfig);
    await publisher.whenIdle();
    await sleep(discoveryMs, undefined, { signal }).catch(() => undefined);
    publisher.republish((topic) => !isConfig(topic) && !isAvailability(topic));
    await publisher.whenIdle();
    if (!signal.aborted) onDone();
  }
}
