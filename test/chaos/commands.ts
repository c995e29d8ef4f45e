import type { Random } from '../nas/random';
import type { MqttRecorder } from './recorder';
import type { Site } from './site';

/** A command that asks for one backup. */
interface SentCommand {
  readonly site: Site;
  readonly taskId: number;
  /** Real time in epoch ms. */
  readonly at: number;
}

/** How often commands to start a backup were carried out. */
export interface CommandTally {
  readonly sent: number;
  readonly carriedOut: number;
  /** Commands that were carried out more than once, and starts that no command explains. */
  readonly problems: readonly string[];
}

/** How long a command is valid: the longest that there is, so that it outlives restarts. */
const TTL_SECONDS = 3600;
/** Longer than a call to the NAS and its repetitions take (ms). */
const LONGEST_CALL_MS = 15_000;

/** Sends commands over MQTT and compares them with the requests that reach the NAS. */
export class Commands {
  readonly #sent: SentCommand[] = [];
  readonly #last = new Map<string, number>();

  /** @param speed of the clock of Node-RED, which began at `startMs` */
  constructor(
    private readonly recorder: MqttRecorder,
    private readonly random: Random,
    private readonly clock: { readonly startMs: number; readonly speed: number },
  ) {}

  /** Commands a backup, now and then twice with the same id. A task gets none before the last one cannot be carried out any more. */
  send(site: Site, taskId: number): void {
    const at = Date.now();
    const key = `${site.options.id}/task/${taskId}`;
    const validMs = (TTL_SECONDS / this.clock.speed) * 1000;
    const isTwice = this.random.integer(1, 3) === 1;
    if (at - (this.#last.get(key) ?? -Infinity) < validMs + LONGEST_CALL_MS) return;
    this.#last.set(key, at);
    this.#sent.push({ site, taskId, at });
    const ts = Math.floor(this.clock.startMs + (at - this.clock.startMs) * this.clock.speed);
    const command = { action: 'backup', id: `${key} ${this.#sent.length}`, ts, ttl: TTL_SECONDS };
    for (let times = isTwice ? 2 : 1; times > 0; times -= 1) {
      this.recorder.publish(`active-backup/${key}/command`, JSON.stringify(command));
    }
  }

  /** Each start belongs to the last command for its task. */
  tally(sites: readonly Site[]): CommandTally {
    const counts = new Map<SentCommand, number>();
    const problems: string[] = [];
    for (const site of sites) {
      for (const start of site.starts) {
        const name = `${site.options.id}: task ${start.taskId} at ${start.at}`;
        const command = this.#sent.findLast((each) => {
          return each.site === site && each.taskId === start.taskId && each.at <= start.at;
        });
        if (command === undefined) problems.push(`${name}: no command`);
        else counts.set(command, (counts.get(command) ?? 0) + 1);
        if (command !== undefined && counts.get(command) === 2) problems.push(`${name}: a second time`);
      }
    }
    return { sent: this.#sent.length, carriedOut: counts.size, problems };
  }
}
