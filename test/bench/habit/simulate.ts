import type { DeviceResult, Task } from '../../../src/active-backup/types';
import { workingTime } from '../../../src/monitor/local-days';
import { updateOnlinePeriods, type OnlinePeriod } from '../../../src/monitor/online-periods';
import type { OverdueInput } from '../../../src/monitor/overdue';
import { protectionOf, successTime, type JudgedProtection } from '../../../src/monitor/protection';
import { updateTiming } from '../../../src/monitor/task-timing';
import { scheduledTask } from '../../monitor/support/builders';
import { device } from '../../monitor/support/protection-cases';
import { offsetAt } from '../../monitor/support/wall-clock';
import { clockErrorAt, isNasOn, isWithin, polledSince, type Attempt, type Machine } from './fleet';
import { otherRules, type Rule } from './other-rules';
import type { AlertCause, MachineOutcome } from './outcome';
import { DAY_MS, HOUR_MS, START, ZONE } from './zone';

/**
 * The monitor polls each minute, which would take long: here a poll follows within five minutes when something has changed, or is
 * due. The monitor stores once an hour that a machine is on line, so between such times a poll an hour is enough.
 */
const TICK_MS = HOUR_MS / 12;
const ONLINE_STEP_MS = HOUR_MS;
const OFFLINE_STEP_MS = 12 * HOUR_MS;
const HISTORY_MS = 90 * DAY_MS;
/** A stop that was not reported by then counts as missed. */
const LONGEST_STOP_MS = 75 * DAY_MS;

/**
 * Runs one machine for so many days, poll by poll. The product decides when the monitor would: after a change, or when its last
 * decision no longer holds. An alert is false if the agent works and the machine is not retired.
 */
export function simulate(machine: Machine, days: number): MachineOutcome {
  const run = new MachineRun(machine);
  const outcome: MachineOutcome = {
    machine,
    days,
    rules: { product: { falseAlerts: 0 }, fixed: { falseAlerts: 0 }, twice: { falseAlerts: 0 } },
    causes: [],
  };
  for (let now = START + HOUR_MS; now < START + days * DAY_MS; now += TICK_MS) {
    if (now >= run.dueAt && isNasOn(machine.nas, now)) run.poll(now, outcome);
  }
  return outcome;
}

/** How a stop goes on: it has not begun, goes on, was repaired and no backup has succeeded since, or is over. */
type StopState = 'before' | 'during' | 'repaired' | 'over';

class MachineRun {
  readonly #machine: Machine;
  readonly #offsets = new Map<number, readonly number[]>();
  readonly #alerts: Record<Rule, boolean> = { product: false, fixed: false, twice: false };
  #results: readonly DeviceResult[] = [];
  #dueAt = 0;
  #next = 0;
  #running: Attempt | null = null;
  #resultId = 0;
  #nextRun = 0;
  #nextPresence = 0;
  #stop: StopState = 'before';
  #repairAt = Infinity;
  #periods: readonly OnlinePeriod[] = [];
  #online: boolean | null = null;
  #task: Task;
  #known: OverdueInput | null = null;
  #lastSuccessAt: string | null = null;
  #succeededAt = START;
  /** Whether its last backup succeeded; an alert after another outcome is not false. */
  #isLastSuccess = true;
  #judged: JudgedProtection | null = null;
  /** Ends of all successes. */
  readonly #successes: number[] = [];
  #offDays: readonly number[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#task = scheduledTask(machine.schedule, null);
  }

  poll(now: number, outcome: MachineOutcome): void {
    this.#moveStop(now, outcome);
    const isChanged = [this.#readOnline(now), this.#readRuns(now)].some(Boolean);
    const isQueueChanged = this.#readSchedule(now);
    if (isChanged || isQueueChanged || now >= (this.#judged?.nextAt ?? 0)) this.#judge(now);
    const { protection } = this.#judged ?? {};
    const expectedBy = protection?.expectedBy ?? null;
    const others = otherRules(this.#machine, this.#succeededAt, now);
    this.#note('product', expectedBy !== null && Date.parse(expectedBy) <= now, now, outcome);
    this.#note('fixed', others.fixed, now, outcome);
    this.#note('twice', others.twice, now, outcome);
    const step = this.#online === true ? ONLINE_STEP_MS : OFFLINE_STEP_MS;
    const due = [this.#judged?.nextAt ?? 0, others.nextAt, ...this.#nextChanges(now)].filter((time) => time > now);
    this.#dueAt = Math.min(now + step, ...due);
  }

  /** When the machine is next switched on or off, a backup of it starts or ends, a run is due, or its agent stops or is repaired. */
  #nextChanges(now: number): number[] {
    const { attempts, presence, runs, stop } = this.#machine;
    const next = attempts[this.#next];
    while ((presence[this.#nextPresence]?.[1] ?? Infinity) <= now) this.#nextPresence++;
    const running = this.#running;
    return [
      ...(presence[this.#nextPresence] ?? []),
      running === null ? (next?.at ?? Infinity) : running.at + running.duration,
      next?.queuedAt ?? Infinity,
      runs[this.#nextRun] ?? Infinity,
      stop?.at ?? Infinity,
      this.#repairAt,
    ];
  }

  /** When the next poll is due (epoch ms). */
  get dueAt(): number {
    return this.#dueAt;
  }

  #moveStop(now: number, { rules }: MachineOutcome): void {
    const { stop } = this.#machine;
    if (stop === null) return;
    if (this.#stop === 'before' && now >= stop.at) {
      this.#stop = 'during';
      for (const rule of Object.values(rules)) rule.delay = null;
    }
    const isReported = Object.values(rules).every(({ delay }) => delay !== null);
    if (this.#stop === 'during' && this.#repairAt === Infinity && (isReported || now >= stop.at + LONGEST_STOP_MS))
      this.#repairAt = now + DAY_MS;
    if (this.#stop === 'during' && now >= this.#repairAt) this.#stop = 'repaired';
  }

  #note(rule: Rule, isAlert: boolean, now: number, outcome: MachineOutcome): void {
    const { machine, rules } = outcome;
    const wasAlert = this.#alerts[rule];
    this.#alerts[rule] = isAlert;
    const known = rules[rule];
    if (this.#stop === 'during') {
      if (!isAlert || known.delay !== null || machine.stop === null) return;
      known.delay = now - machine.stop.at;
      known.delayInGaps = this.#inGaps(machine.stop.at, now);
    } else if (isAlert && !wasAlert && this.#stop !== 'repaired' && now < machine.retiredAt && this.#isLastSuccess) {
      known.falseAlerts++;
      if (rule === 'product') outcome.causes.push(this.#causeAt(now));
    }
  }

  #causeAt(now: number): AlertCause {
    for (let days = 0; days <= 3; days++)
      if (clockErrorAt(this.#machine.nas, now - days * DAY_MS) !== 0) return 'wrong clock';
    if (this.#online !== true) return 'off line';
    const [before, last] = this.#periods.slice(-2);
    if (before === undefined || last === undefined) return 'on line';
    const from = Date.parse(last.from);
    const isBack = now - from < 2 * DAY_MS && from - Date.parse(before.to) > DAY_MS;
    return isBack ? 'after a return' : 'on line';
  }

  /** A delay in usual gaps of this machine: half of the time before the stop lies in gaps up to this one. Without its days off. */
  #inGaps(from: number, to: number): number {
    const calendar = { offset: offsetAt(ZONE, from), offDays: this.#offDays };
    const before = this.#successes.filter((time) => time <= from && time > from - HISTORY_MS);
    const gaps = before.slice(1).map((time, index) => workingTime(before[index] ?? time, time, calendar));
    return workingTime(from, to, calendar) / coveringHalf(gaps);
  }

  #readOnline(now: number): boolean {
    const { presence, stop } = this.#machine;
    const isGone = this.#stop === 'during' && stop?.mode === 'gone';
    const online = !isGone && isWithin(presence, now);
    const count = this.#periods.length;
    // As the monitor: a person switches a PC off, also while nobody polls.
    const lastPoll = this.#machine.type === 'pc' ? undefined : this.#pollBefore(now);
    const isLearned = this.#machine.schedule.kind !== 'weekly';
    const stored = this.#periods.at(-1)?.to;
    if (stored === undefined || now - Date.parse(stored) >= ONLINE_STEP_MS)
      this.#periods = updateOnlinePeriods(this.#periods, online, new Date(now), { lastPoll, isLearned });
    const isChanged = online !== this.#online || this.#periods.length !== count;
    this.#online = online;
    return isChanged;
  }

  /** The poll of the monitor before this one: it polls whenever the NAS is on, also while nothing changes here. */
  #pollBefore(now: number): number {
    let before = now - TICK_MS;
    while (!isNasOn(this.#machine.nas, before)) before -= TICK_MS;
    return before;
  }

  /**
   * Starts and ends backups. One that the agent began before it stopped still ends. The start of one only puts off when the
   * machine is late, so the last decision holds.
   * @returns whether one has ended
   */
  #readRuns(now: number): boolean {
    const { attempts } = this.#machine;
    let isChanged = false;
    for (;;) {
      if (this.#running !== null) {
        if (this.#running.at + this.#running.duration > now) return isChanged;
        this.#finish(this.#running, now);
        this.#running = null;
        isChanged = true;
      }
      const next = attempts[this.#next];
      if (next === undefined || next.at > now) return isChanged;
      this.#next++;
      if (!this.#isStopped(next.at)) this.#running = next;
    }
  }

  #isStopped(at: number): boolean {
    return this.#stop === 'during' && at >= (this.#machine.stop?.at ?? Infinity) && at < this.#repairAt;
  }

  #finish({ at, duration, status }: Attempt, now: number): void {
    const error = clockErrorAt(this.#machine.nas, at);
    const result: DeviceResult = {
      resultId: ++this.#resultId,
      taskId: 1,
      status,
      statusCode: null,
      startedAt: iso(at + error),
      endedAt: iso(at + duration + error),
      durationSeconds: duration / 1000,
      transferredBytes: null,
      reason: null,
    };
    const oldest = iso(now - HISTORY_MS);
    const first = this.#results.findIndex(({ endedAt }) => (endedAt ?? '9') >= oldest);
    this.#results = [...(first < 0 ? [] : this.#results.slice(first)), result];
    this.#isLastSuccess = status === 'success';
    if (status !== 'success') return;
    this.#lastSuccessAt = successTime(result, this.#lastSuccessAt, new Date(now));
    this.#succeededAt = at + duration;
    this.#successes.push(this.#succeededAt);
    if (this.#stop === 'repaired') this.#stop = 'over';
  }

  /**
   * The next run by the clock of the NAS, and whether a backup runs: they move no decision forward.
   * @returns whether a backup waits for the NAS since now, or no longer
   */
  #readSchedule(now: number): boolean {
    const { runs, nas, schedule } = this.#machine;
    const isByClock = schedule.kind === 'weekly';
    while (isByClock && (runs[this.#nextRun] ?? Infinity) <= now) this.#nextRun++;
    const next = runs[this.#nextRun];
    const nextRunAt = next === undefined ? null : iso(next + clockErrorAt(nas, now));
    const state = this.#stateAt(now);
    const since = this.#lastSuccessAt ?? iso(START);
    const known = this.#known;
    if (known?.since === since && nextRunAt === this.#task.nextRunAt && state === this.#task.state) return false;
    const isQueueChanged = state !== this.#task.state && [state, this.#task.state].includes('queued');
    this.#task = { ...this.#task, nextRunAt, state };
    const timing = updateTiming(this.#task, known?.timing ?? null, since, new Date(now));
    this.#known = { since, timing, recent: [], overdue: null };
    return isQueueChanged;
  }

  /** A backup that the agent requested before it stopped stays in the queue until its turn, while the machine is on line. */
  #stateAt(now: number): 'running' | 'queued' | 'idle' {
    if (this.#running !== null) return 'running';
    const queuedAt = this.#machine.attempts[this.#next]?.queuedAt ?? Infinity;
    return queuedAt <= now && this.#online === true && !this.#isStopped(queuedAt) ? 'queued' : 'idle';
  }

  #judge(now: number): void {
    const at = new Date(now);
    const since = polledSince(this.#machine.nas, now);
    this.#judged = protectionOf(
      {
        device: device({ type: this.#machine.type, online: this.#online }),
        tasks: [{ task: this.#task, known: this.#known }],
        results: this.#results,
        lastSuccessAt: this.#lastSuccessAt,
        knownSince: iso(START),
        onlinePeriods: this.#periods,
        previous: this.#judged?.protection ?? null,
      },
      { overdueHours: 0, now: at, utcOffsets: this.#offsetsOf(now), polledSince: since === null ? null : iso(since) },
    );
    const { habit } = this.#judged.protection;
    if (this.#stop === 'before' && habit !== null) this.#offDays = habit.offDays;
  }

  #offsetsOf(now: number): readonly number[] {
    const offset = offsetAt(ZONE, now);
    const offsets = this.#offsets.get(offset) ?? [offset];
    this.#offsets.set(offset, offsets);
    return offsets;
  }
}

function coveringHalf(gaps: readonly number[]): number {
  const ascending = [...gaps].sort((a, b) => a - b);
  const half = gaps.reduce((sum, gap) => sum + gap, 0) / 2;
  let covered = 0;
  return ascending.find((gap) => (covered += gap) >= half) ?? DAY_MS;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
