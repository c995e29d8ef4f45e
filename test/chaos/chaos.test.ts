import { expect, test } from 'vitest';
import { describeWith } from '../support/needs';
import { until } from '../support/until';
import { Chaos } from './chaos';
import { startSystem, type ChaosSystem } from './chaos-system';
import type { EventLine } from './chaotic-node-red';
import type { Footprint } from './footprint';
import type { Site } from './site';
import { compareDocuments, type Comparison } from './truth';

const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
/** The whole run of `npm run test:chaos` has 2,000. */
const BACKUPS = Number(process.env['CHAOS_BACKUPS'] ?? 40);
/** By how much a process may grow while a quarter of the backups end. */
const GROWTH = { megabytes: 16, resources: 12, listeners: 0 };
/** More than any process here has open: sockets, timers, child processes. */
const MOST_RESOURCES = 60;

const FINISHED = /^backup_(?:succeeded|partial|failed|cancelled)$/;

/** A finished backup, as received. */
interface Received {
  readonly id: number;
  readonly late: boolean;
}

/** The finished backups that a listener has received, each time. */
function receivedBy(lines: readonly EventLine[], listener: string): Received[] {
  return lines.flatMap((line) => {
    const { event, result, late } = line.event;
    const id = FINISHED.test(event) ? result?.id : null;
    return line.listener === listener && typeof id === 'number' ? [{ id, late }] : [];
  });
}

/** All but the first of each backup. */
function repeatsOf<T extends { readonly id: number }>(received: readonly T[]): T[] {
  const seen = new Set<number>();
  return received.filter(({ id }) => seen.size === seen.add(id).size);
}

/** What must have been received, and what has been. */
class Judge {
  readonly #sites: readonly Site[];

  constructor(private readonly system: ChaosSystem) {
    this.#sites = system.parts.sites;
  }

  /** Finished backups that a listener, or MQTT, has not received. */
  async missing(): Promise<string[]> {
    const lines = await this.system.parts.nodeRed.lines();
    return this.#sites.flatMap(({ finishedIds, options: { id: site, listeners } }) => {
      const receivers: [string, number[]][] = listeners.map((listener) => {
        return [listener, receivedBy(lines, listener).map(({ id }) => id)];
      });
      receivers.push([`MQTT ${site}`, [...this.system.parts.recorder.finishedOf(site)]]);
      return receivers.flatMap(([receiver, ids]) => {
        const received = new Set(ids);
        return finishedIds.filter((id) => !received.has(id)).map((id) => `${receiver}: ${id}`);
      });
    });
  }

  compare(): Comparison {
    const all = this.#sites.map((site) => compareDocuments(site, this.system.parts.recorder.retained));
    return {
      fields: all.reduce((sum, { fields }) => sum + fields, 0),
      differences: all.flatMap(({ differences }) => differences),
    };
  }

  /** Waits until everything was received and the retained state is true. */
  async settled(): Promise<void> {
    const open = async (): Promise<string[]> => [...(await this.missing()), ...this.compare().differences];
    await expect.poll(open, { timeout: 180_000, interval: 500 }).toEqual([]);
  }

  /** How many events of finished backups were due: of each NAS, one for each of its listeners and one on MQTT. */
  get due(): number {
    return this.#sites.reduce((sum, { finishedIds, options }) => {
      return sum + finishedIds.length * (options.listeners.length + 1);
    }, 0);
  }

  /** What listeners have received again. */
  async repeats(): Promise<Received[]> {
    const lines = await this.system.parts.nodeRed.lines();
    const listeners = this.#sites.flatMap(({ options }) => options.listeners);
    return listeners.flatMap((listener) => repeatsOf(receivedBy(lines, listener)));
  }

  get repeatsOnMqtt(): number {
    const ids = this.#sites.map(({ options }) => this.system.parts.recorder.finishedOf(options.id));
    return ids.reduce((sum, of) => sum + repeatsOf(of.map((id) => ({ id }))).length, 0);
  }
}

/** The kinds of disturbances and how often each was survived. */
function survived({ counts }: Chaos): string {
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const kinds = [...counts].sort().map(([name, count]) => `  ${count} × ${name}`);
  return [`faults survived: ${all} of ${counts.size} kinds`, ...kinds].join('\n');
}

const megabytes = ({ heap }: Footprint): number => Math.round(heap / 1e5) / 10;

/** No process, listener, handle or session is left over. */
async function expectNothingLeft(system: ChaosSystem, judge: Judge, before: Footprint): Promise<void> {
  const { sites, nodeRed } = system.parts;
  for (const site of sites) {
    const { logins, endedSessions, nas, leftSessions, foreignRequests } = site;
    expect(logins, 'logins').toBeLessThanOrEqual(endedSessions + 1);
    expect(nas.sessions, 'sessions').toBeLessThanOrEqual(leftSessions + 1);
    expect(foreignRequests, 'requests to another certificate').toBe(0);
    site.endSessions();
  }
  await until(() => sites.every(({ nas }) => nas.sessions > 0));
  await judge.settled();
  for (const { nas } of sites) expect(nas.sessions, 'sessions after all were ended').toBe(1);
  const after = await system.measure();
  console.log(
    `heap ${megabytes(before)} MB, then ${megabytes(after)} MB; open resources ${before.resources}, then ${after.resources}; ` +
      `listeners ${before.listeners}, then ${after.listeners}`,
  );
  expect(megabytes(after) - megabytes(before)).toBeLessThan(GROWTH.megabytes);
  expect(after.resources - before.resources).toBeLessThanOrEqual(GROWTH.resources);
  expect(after.resources).toBeLessThan(MOST_RESOURCES);
  expect(after.listeners - before.listeners).toBeLessThanOrEqual(GROWTH.listeners);
  expect(nodeRed.hasCrashed).toBe(false);
  expect(nodeRed.output).not.toMatch(/Uncaught|Unhandled|MaxListenersExceeded/i);
}

describeWith('mosquitto', 'chaos', (mosquitto) => {
  test(
    `${BACKUPS} backups with everything failing at random: each end once per listener and on MQTT, and the true state at the end`,
    { timeout: 60 * 60_000 },
    async () => {
      const system = await startSystem(mosquitto, SEED);
      const { sites, nodeRed, recorder } = system.parts;
      const judge = new Judge(system);
      const chaos = new Chaos(system.parts, system.commands);
      try {
        await chaos.run(Math.ceil(BACKUPS * 0.75), true);
        await judge.settled();
        const before = await system.measure();
        // The same process until the end, so that it shows what it has kept.
        await chaos.run(BACKUPS, false);
        await judge.settled();

        const { fields } = judge.compare();
        const commands = system.commands.tally(sites);
        const repeats = await judge.repeats();
        console.log(
          [
            `chaos: seed ${SEED}, ${chaos.finished} backups of ${sites.length} NASes`,
            survived(chaos),
            `events once ${judge.due}/${judge.due}; repeated as late after kills ${repeats.length}, on MQTT ${judge.repeatsOnMqtt}`,
            `fields ${fields}/${fields}; retained messages repeated ${recorder.repeated}`,
            `commands at most once ${commands.sent - commands.problems.length}/${commands.sent}; carried out ${commands.carriedOut}`,
            `responses: ${[...recorder.responses].map(([response, count]) => `${count} × ${response}`).join(', ')}`,
            ...sites.map(({ options, logins, endedSessions, nas }) => {
              return `NAS ${options.id}: ${logins} logins (at most ${endedSessions + 1}), ${nas.sessions} sessions, ${nas.bootId} starts`;
            }),
            `${nodeRed.starts} processes of Node-RED`,
          ].join('\n'),
        );
        // What a killed process could not store any more is sent again, late; nothing else.
        expect(repeats.filter(({ late }) => !late)).toEqual([]);
        expect(commands.problems).toEqual([]);
        await expectNothingLeft(system, judge, before);
      } catch (error) {
        console.log(chaos.log.join('\n'), nodeRed.output.slice(-20_000));
        throw error;
      }
    },
  );
});
