import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../nas/accounts';
import type { Nas, Outcome } from '../nas/index';
import { createRandom, type Random } from '../nas/random';
import type { Mosquitto } from '../support/mosquitto';
import type { MqttProxy } from '../support/mqtt-proxy';
import type { ChaoticNodeRed, DeployType } from './chaotic-node-red';
import type { MqttRecorder } from './recorder';

/** Everything that can fail. */
export interface ChaosParts {
  readonly nas: Nas;
  /** The account of the NAS, whose password changes. */
  readonly account: Account;
  readonly nodeRed: ChaoticNodeRed;
  readonly broker: Mosquitto;
  /** Between the bridge and the broker. */
  readonly proxy: MqttProxy;
  readonly recorder: MqttRecorder;
  /** Makes the folder of the state files full or read-only; null where this user may not mount one. */
  readonly disk: { readonly remount: (options: string) => void } | null;
}

type RunOutcome = Exclude<Outcome, 'never_runs'>;

const OUTCOMES: readonly RunOutcome[] = ['success', 'success', 'success', 'partial', 'failed', 'cancelled'];

/** What the NAS answers instead, until the fault ends. */
const RESPONSES = [
  { do: 'html' },
  { do: 'http-status', status: 502 },
  { do: 'cut-off' },
  { do: 'not-json' },
  { do: 'empty' },
  { do: 'reset-before' },
  { do: 'reset-after' },
  { do: 'hang' },
  { do: 'delay', ms: 1500 },
  { do: 'refuse', code: 117 },
] as const;

const DEPLOYS: readonly (readonly [DeployType, readonly string[]])[] = [
  ['full', []],
  ['full', ['nas']],
  ['flows', ['first']],
  ['nodes', ['second']],
  ['nodes', ['append-first']],
  ['nodes', ['bridge']],
  ['nodes', ['broker']],
];

/** A disturbance: what it does, and how it ends. Only one of the same part lasts at a time. */
interface Disturbance {
  readonly part: 'nas' | 'broker' | 'disk' | 'node-red';
  readonly begin: () => unknown;
  readonly end: () => unknown;
}

/** Random disturbances of a real system while backups run; the same seed makes the same choices in the same order. */
export class Chaos {
  /** What was done, with the time in seconds: enough to repeat a run that has failed. */
  readonly log: string[] = [];
  /** How often each disturbance was made. */
  readonly counts = new Map<string, number>();
  /** How many sessions the NAS, Node-RED or a deploy has ended, so that the next call has to log in. */
  endedSessions = 0;
  readonly #parts: ChaosParts;
  readonly #random: Random;
  readonly #from = performance.now();
  readonly #current = new Map<Disturbance['part'], Disturbance>();
  readonly #lastOldId: number;

  constructor(parts: ChaosParts, seed: number) {
    this.#parts = parts;
    this.#random = createRandom(seed);
    this.#lastOldId = Math.max(0, ...parts.nas.state.results.map(({ id }) => id));
  }

  /** Whether the answers of the NAS are disturbed now, so that a login may be lost. */
  get isNasDisturbed(): boolean {
    return this.#current.has('nas');
  }

  /** The ids of the backups that have finished, ascending. */
  get finishedIds(): number[] {
    const ended = this.#parts.nas.state.results.filter(({ id, jobAction, endedAt }) => {
      return id > this.#lastOldId && jobAction === 1 && endedAt !== null;
    });
    return ended.map(({ id }) => id).sort((one, other) => one - other);
  }

  /** Acts until `count` backups have finished. */
  async run(count: number, disturbances: ReadonlyMap<string, Disturbance>): Promise<void> {
    const names = [...disturbances.keys()];
    while (this.finishedIds.length < count) {
      for (let steps = this.#random.integer(2, 20); steps > 0; steps -= 1) {
        this.#workOfNas();
        await sleep(20);
      }
      const name = this.#random.pick(names);
      const disturbance = disturbances.get(name);
      if (disturbance !== undefined) await this.#change(name, disturbance);
    }
    for (const part of [...this.#current.keys()]) await this.#endOf(part);
    for (const { taskId } of this.#parts.nas.state.runs) this.#parts.nas.state.endRun(taskId, 'success');
  }

  async #change(name: string, disturbance: Disturbance): Promise<void> {
    const lasts = this.#current.get(disturbance.part);
    if (lasts !== undefined) await this.#endOf(disturbance.part);
    // As often calm as disturbed.
    if (lasts !== undefined && this.#random.integer(0, 1) === 0) return;
    this.#note(name);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    this.#current.set(disturbance.part, disturbance);
    await disturbance.begin();
  }

  async #endOf(part: Disturbance['part']): Promise<void> {
    const disturbance = this.#current.get(part);
    if (disturbance === undefined) return;
    await disturbance.end();
    this.#current.delete(part);
    this.#note(`end of ${part}`);
  }

  #note(what: string): void {
    this.log.push(`${((performance.now() - this.#from) / 1000).toFixed(1)} s: ${what}`);
  }

  /** Backups start and end; now and then tasks, machines and versions come and go. */
  #workOfNas(): void {
    const { state } = this.#parts.nas;
    const random = this.#random;
    const idle = state.tasks.filter(({ id }) => !state.runs.some(({ taskId }) => taskId === id));
    const choice = random.integer(1, 100);
    if (choice <= 49 && idle.length > 0) state.startRun(random.pick(idle).id);
    else if (choice <= 97 && state.runs.length > 0) {
      state.endRun(random.pick([...state.runs]).taskId, random.pick(OUTCOMES));
    } else if (choice === 98 && state.tasks.length < 24) state.addTask();
    else if (choice === 99) state.deleteVersions(random.pick(state.tasks).id);
    else if (idle.length > 8) state.removeTask(random.pick(idle).id);
  }

  /** The disturbances of these parts, by name. */
  disturbances(): Map<string, Disturbance> {
    const all = [...this.#ofNas(), ...this.#ofNodeRed(), ...this.#ofBroker(), ...this.#ofDisk()];
    return new Map(all);
  }

  #ofNas(): [string, Disturbance][] {
    const { nas, account } = this.#parts;
    const nothing = (): undefined => undefined;
    const faults = RESPONSES.map((fault): [string, Disturbance] => {
      let undo = nothing as () => void;
      const begin = (): void => void (undo = nas.fail(fault));
      const details = Object.values(fault).join(' ');
      return [`NAS: ${details}`, { part: 'nas', begin, end: () => undo() }];
    });
    const session = (begin: () => void, end: () => unknown = nothing): Disturbance => ({
      part: 'nas',
      begin: () => {
        this.endedSessions += 1;
        begin();
      },
      end,
    });
    return [
      ...faults,
      ['NAS: an answer of 200 MB', { part: 'nas', begin: () => this.#oversized(), end: nothing }],
      ['NAS: session lost', session(() => nas.dropSessions())],
      ['NAS: restart', session(() => nas.restart({ downMs: this.#random.integer(0, 3000) }))],
      [
        'NAS: clock jumps',
        { part: 'nas', begin: () => nas.clock.advance(this.#random.integer(1, 7200)), end: nothing },
      ],
      [
        'NAS: package stopped',
        { part: 'nas', begin: () => this.#setPackage(false), end: () => this.#setPackage(true) },
      ],
      [
        'NAS: password changed and back',
        session(
          () => {
            account.password = 'another';
            nas.dropSessions();
          },
          async () => {
            account.password = 'synology';
            // A refused login is not repeated until a person acts.
            await this.#restart('SIGTERM');
          },
        ),
      ],
    ];
  }

  #oversized(): void {
    this.#parts.nas.fail({ on: { method: 'list' }, do: 'oversized', bytes: 200_000_000, times: 1 });
  }

  #setPackage(isRunning: boolean): void {
    this.#parts.nas.state.packageRunning = isRunning;
  }

  #ofNodeRed(): [string, Disturbance][] {
    const { nodeRed } = this.#parts;
    const nothing = (): undefined => undefined;
    const ends = (['SIGTERM', 'SIGKILL'] as const).map((signal): [string, Disturbance] => [
      `Node-RED: ${signal}, later started again`,
      { part: 'node-red', begin: () => this.#stop(signal), end: () => this.#start() },
    ]);
    const restart = (signal: NodeJS.Signals) => (): Promise<void> => this.#restart(signal);
    const deploys = DEPLOYS.map(([type, changed]): [string, Disturbance] => {
      const begin = async (): Promise<void> => {
        if (!nodeRed.isRunning) return;
        if (type === 'full') this.endedSessions += 1;
        await nodeRed.deploy(type, changed);
      };
      return [`Node-RED: deploy ${[type, ...changed].join(' ')}`, { part: 'node-red', begin, end: nothing }];
    });
    return [
      ...ends,
      ['Node-RED: killed and started', { part: 'node-red', begin: restart('SIGKILL'), end: nothing }],
      ...deploys,
    ];
  }

  async #stop(signal: NodeJS.Signals): Promise<void> {
    if (!this.#parts.nodeRed.isRunning) return;
    this.endedSessions += 1;
    await this.#parts.nodeRed.end(signal);
  }

  async #start(): Promise<void> {
    if (!this.#parts.nodeRed.isRunning) await this.#parts.nodeRed.start();
  }

  async #restart(signal: NodeJS.Signals): Promise<void> {
    await this.#stop(signal);
    await this.#start();
  }

  #ofBroker(): [string, Disturbance][] {
    const { broker, proxy, recorder } = this.#parts;
    const release = (): void => proxy.release();
    const drop = (): void => proxy.drop();
    const start = async (): Promise<void> => {
      await broker.start();
      await recorder.connect();
      proxy.release();
    };
    const stop = async (how: () => Promise<void>): Promise<void> => {
      // What the broker has acknowledged, the recorder has received; nothing more is acknowledged until it is back.
      proxy.freeze();
      proxy.drop();
      await sleep(50);
      await recorder.disconnect();
      await how();
    };
    return [
      ['broker: answers nothing', { part: 'broker', begin: () => proxy.freeze(), end: release }],
      ['broker: no acknowledgements', { part: 'broker', begin: () => proxy.holdAcknowledgements(), end: release }],
      ['broker: connection dropped', { part: 'broker', begin: drop, end: () => undefined }],
      ['broker: stopped', { part: 'broker', begin: () => stop(() => broker.stop()), end: start }],
      ['broker: killed', { part: 'broker', begin: () => stop(() => broker.kill()), end: start }],
      [
        'broker: has lost everything',
        {
          part: 'broker',
          begin: () => stop(() => broker.stop()),
          end: async () => {
            await rm(join(broker.folder, 'mosquitto.db'), { force: true });
            recorder.clear();
            await start();
          },
        },
      ],
    ];
  }

  #ofDisk(): [string, Disturbance][] {
    const { disk, nodeRed } = this.#parts;
    if (disk === null) return [];
    const filler = join(nodeRed.stateFolder, 'filler');
    const fill = (): void => {
      try {
        writeFileSync(filler, Buffer.alloc(64 * 1024 * 1024));
      } catch {
        // The disk is full now.
      }
    };
    return [
      ['disk: full', { part: 'disk', begin: fill, end: () => rm(filler, { force: true }) }],
      ['disk: read-only', { part: 'disk', begin: () => disk.remount('ro'), end: () => disk.remount('rw') }],
    ];
  }
}
