import { onTestFinished } from 'vitest';
import { schedule, startNas, type Account, type Nas } from '../nas/index';

/** Longer than the whole test in seconds of the NAS: no run ends by itself. */
export const RUN_SECONDS = 1e7;

/** How a simulated NAS of the chaos suite is set up. */
interface SiteOptions {
  /** Id of its config node, and level of its MQTT topics. */
  readonly id: string;
  /** Ids of its events nodes. */
  readonly listeners: readonly string[];
  readonly tasks: number;
  readonly https: boolean;
  readonly seed: number;
  /** Seconds of the NAS and of Node-RED in one real second. */
  readonly speed: number;
}

/** A request that the NAS has judged as the start of a backup, allowed or refused. */
interface StartRequest {
  readonly taskId: number;
  /** Real time in epoch ms. */
  readonly at: number;
}

/** A simulated NAS, and what it has seen. */
export class Site {
  /** How many sessions the NAS, Node-RED or a deploy has ended, so that the next call has to log in. */
  endedSessions = 0;
  /** Sessions that nobody could log out since the NAS has last ended all: of killed processes, and of answers that were lost. */
  leftSessions = 0;
  /** Logins received while the answers of the NAS were not disturbed. */
  logins = 0;
  /** Requests received while the NAS presented another certificate than the pinned one. */
  foreignRequests = 0;
  presentsOtherCertificate = false;
  /** Starts of backups that Node-RED has requested. */
  readonly starts: StartRequest[] = [];
  /** Whether answers may be lost now. */
  isDisturbed: () => boolean = () => false;
  readonly #lastOldId: number;

  constructor(
    readonly options: SiteOptions,
    readonly nas: Nas,
    /** Its only account, whose password changes. */
    readonly account: Account,
  ) {
    for (const { id } of nas.state.tasks) {
      nas.state.setSchedule(id, schedule());
      nas.state.setOnline(id, true);
    }
    this.#lastOldId = Math.max(0, ...nas.state.results.map(({ id }) => id));
  }

  /** The ids of the backups that have finished since the start, ascending. */
  get finishedIds(): number[] {
    const ended = this.nas.state.results.filter(({ id, jobAction, endedAt }) => {
      return id > this.#lastOldId && jobAction === 1 && endedAt !== null;
    });
    return ended.map(({ id }) => id).sort((one, other) => one - other);
  }

  /** Ends all sessions, so that the next call has to log in. */
  endSessions(): void {
    this.endedSessions += 1;
    this.leftSessions = 0;
    this.nas.dropSessions();
  }

  /** The process that had the session, or the node, has ended. @param leaves whether nobody logs out */
  sessionEnded(leaves: boolean): void {
    this.endedSessions += 1;
    if (leaves || this.isDisturbed()) this.leftSessions += 1;
  }

  requested(method: string): void {
    if (this.presentsOtherCertificate) this.foreignRequests += 1;
    if (method !== 'login') return;
    if (this.isDisturbed()) this.leftSessions += 1;
    else this.logins += 1;
  }
}

/** DSM's codes for a request with an invalid session: it was not carried out, and is repeated after a new login. */
const SESSION_CODES: ReadonlySet<number | undefined> = new Set([105, 106, 107, 119]);

function isSessionLost(body: string): boolean {
  return SESSION_CODES.has((JSON.parse(body) as { error?: { code: number } }).error?.code);
}

/** Starts a simulated NAS that lasts as long as the test. No task runs by itself. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const { tasks, https, seed, speed } = options;
  const account = { name: 'admin', password: 'synology' };
  let site: Site | null = null;
  const nas = await startNas({
    ...{ tasks, https, seed, speed, now: Date.now, accounts: [account] },
    ...{ schedules: false, runSeconds: RUN_SECONDS, maxConcurrentDevices: 99 },
    onRequest: ({ method }) => site?.requested(method),
    onReply: ({ method, parameters }, { body }) => {
      if (method !== 'backup' || isSessionLost(body)) return;
      for (const taskId of JSON.parse(parameters['task_ids'] ?? '[]') as number[]) {
        site?.starts.push({ taskId, at: Date.now() });
      }
    },
  });
  onTestFinished(() => nas.close());
  site = new Site(options, nas, account);
  return site;
}
