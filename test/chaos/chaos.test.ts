import { execFileSync } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { RESULT_STATUS } from '../../src/active-backup/codes';
import { readFileIfPresent } from '../../src/storage/text-file';
import { schedule, startNas, type Nas } from '../nas/index';
import { fastClockEnv } from '../soak/fast-clock';
import { startMosquitto } from '../support/mosquitto';
import { startMqttProxy } from '../support/mqtt-proxy';
import { describeWith } from '../support/needs';
import { smallDisk } from '../support/small-disk';
import { tempDir } from '../support/temp-dir';
import { until } from '../support/until';
import { Chaos, type ChaosParts } from './chaos';
import { createChaoticNodeRed, LISTENERS, type EventLine } from './chaotic-node-red';
import { createRecorder } from './recorder';

const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
/** The whole run of `npm run test:chaos` has 2,000. */
const BACKUPS = Number(process.env['CHAOS_BACKUPS'] ?? 40);
const TASKS = 16;
/** Ten minutes pass in a second, for the NAS and for Node-RED. */
const SPEED = 600;
/** More than any process here has open: sockets, timers, child processes. */
const MOST_RESOURCES = 60;

const FINISHED = /^backup_(?:succeeded|partial|failed|cancelled)$/;

/** Everything, running and healthy, after the first poll. */
async function setUp(mosquitto: string): Promise<ChaosParts & { logins: () => number; watch: (chaos: Chaos) => void }> {
  const account = { name: 'admin', password: 'synology' };
  const startMs = Date.now();
  let chaos: Chaos | null = null;
  let logins = 0;
  const nas = await startNas({
    tasks: TASKS,
    seed: SEED,
    speed: SPEED,
    now: Date.now,
    schedules: false,
    runSeconds: 1e7,
    maxConcurrentDevices: 99,
    accounts: [account],
    onRequest: ({ method }) => {
      if (method === 'login' && chaos?.isNasDisturbed !== true) logins += 1;
    },
  });
  onTestFinished(() => nas.close());
  for (const { id } of nas.state.tasks) {
    nas.state.setSchedule(id, schedule());
    nas.state.setOnline(id, true);
  }
  const broker = await startMosquitto(mosquitto, { persistence: true, config: ['max_queued_messages 0'] });
  onTestFinished(() => broker.close());
  const proxy = await startMqttProxy(broker.port);
  onTestFinished(() => proxy.close());
  const recorder = createRecorder(broker.url);
  await recorder.connect();
  onTestFinished(() => recorder.disconnect());
  const { path, remove } = await tempDir('chaos');
  onTestFinished(remove);
  await cp(inject('installedPackage'), path, { recursive: true });
  const clock = await fastClockEnv(path, { startMs, speed: SPEED });
  const nodeRed = await createChaoticNodeRed(path, nas, proxy.url, clock);
  const disk = mountDisk(nodeRed.stateFolder);
  onTestFinished(() => nodeRed.end('SIGKILL'));
  await nodeRed.start();
  await until(() => areKnown(nodeRed.stateFolder)).catch((cause: unknown) => {
    throw new Error(nodeRed.output, { cause });
  });
  return {
    ...{ nas, account, nodeRed, broker, proxy, recorder, disk },
    logins: () => logins,
    watch: (watched) => {
      chaos = watched;
    },
  };
}

/** Whether both events nodes and the bridge have had their first poll: what ends before it is not for them. */
function areKnown(stateFolder: string): boolean {
  const text = readFileIfPresent(join(stateFolder, 'nas.json'));
  if (typeof text !== 'string') return false;
  const { listeners } = JSON.parse(text) as { listeners: object };
  return Object.keys(listeners).length === LISTENERS.length + 1;
}

/** A file system of 16 MB for the state files, where this user may mount one. */
function mountDisk(folder: string): ChaosParts['disk'] {
  const unmount = smallDisk(folder, 'size=16m');
  if (unmount === null) return null;
  onTestFinished(unmount);
  return {
    remount: (options) => {
      try {
        execFileSync('mount', ['-o', `remount,${options}`, folder], { stdio: 'ignore' });
      } catch {
        // Refused while a file is open for writing: the disk stays as it is.
      }
    },
  };
}

/** The finished backups that a listener has received, each time. */
function finishedOf(lines: readonly EventLine[], listener: string): { readonly id: number; readonly late: boolean }[] {
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

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** What the documents of the tasks must say, by topic and key. */
function truthOf(nas: Nas): Map<string, Record<string, unknown>> {
  return new Map(
    nas.state.tasks.map(({ id, name }) => {
      const backups = nas.state.resultsOf(id).filter(({ jobAction, endedAt }) => jobAction === 1 && endedAt !== null);
      const last = backups.at(-1);
      const success = backups.findLast(({ status }) => nameOf(status) === 'success');
      return [
        `active-backup/chaos/task/${id}/state`,
        {
          task_id: id,
          name,
          status: 'idle',
          running: 'OFF',
          version_count: nas.state.versions(id).length,
          ...(last && { last_result: nameOf(last.status), last_end: isoOf(Math.floor(last.endedAt ?? 0)) }),
          ...(success && { last_success: isoOf(Math.floor(success.endedAt ?? 0)) }),
        },
      ];
    }),
  );
}

/** A run that a restart of the NAS has interrupted counts as failed. */
function nameOf(status: number): string {
  const name = RESULT_STATUS[status as keyof typeof RESULT_STATUS];
  return name === 'incomplete' ? 'failed' : name;
}

/** The keys of the documents that differ from the truth, and topics that are missing or superfluous. */
function differences(nas: Nas, retained: ReadonlyMap<string, string>): string[] {
  const truth = truthOf(nas);
  const found = [...truth].flatMap(([topic, expected]) => {
    const text = retained.get(topic);
    if (text === undefined) return [`${topic} is missing`];
    const document = JSON.parse(text) as Record<string, unknown>;
    return Object.entries(expected)
      .filter(([key, value]) => document[key] !== value)
      .map(([key, value]) => `${topic} ${key}: ${String(document[key])} instead of ${String(value)}`);
  });
  const tasks = [...retained.keys()].filter((topic) => /^active-backup\/chaos\/task\/\d+\/state$/.test(topic));
  return [
    ...found,
    ...tasks.filter((topic) => !truth.has(topic)).map((topic) => `${topic} is of no task`),
    ...['bridge', 'connection']
      .map((name) => `active-backup/chaos/${name}`)
      .filter((topic) => retained.get(topic) !== 'online')
      .map((topic) => `${topic} is ${String(retained.get(topic))}`),
  ];
}

describeWith('mosquitto', 'chaos', (mosquitto) => {
  test(
    `${BACKUPS} backups with everything failing at random: each end once per listener and on MQTT, and the true state at the end`,
    { timeout: 60 * 60_000 },
    async () => {
      const parts = await setUp(mosquitto);
      const { nas, nodeRed, recorder, watch, logins } = parts;
      const chaos = new Chaos(parts, SEED);
      watch(chaos);
      try {
        await chaos.run(BACKUPS, chaos.disturbances());
        const finished = chaos.finishedIds;
        const missing = async (): Promise<string[]> => {
          const lines = await nodeRed.lines();
          const lost = LISTENERS.flatMap((listener) => {
            const received = new Set(finishedOf(lines, listener).map(({ id }) => id));
            return finished.filter((id) => !received.has(id)).map((id) => `${listener}: ${id}`);
          });
          const onMqtt = new Set(recorder.finished);
          return [...lost, ...finished.filter((id) => !onMqtt.has(id)).map((id) => `MQTT: ${id}`)];
        };
        const settled = async (): Promise<string[]> => [...(await missing()), ...differences(nas, recorder.retained)];
        await expect.poll(settled, { timeout: 180_000, interval: 500 }).toEqual([]);

        const lines = await nodeRed.lines();
        const repeats = LISTENERS.map((listener) => repeatsOf(finishedOf(lines, listener)));
        const repeatsOnMqtt = repeatsOf(recorder.finished.map((id) => ({ id })));
        const allowedLogins = chaos.endedSessions + 1;
        console.log(
          `chaos: seed ${SEED}; ${finished.length} backups, each received by ${LISTENERS.length} listeners and on MQTT; ` +
            `repeated after kills: ${repeats.map(({ length }) => length).join(' and ')}, on MQTT ${repeatsOnMqtt.length}; ` +
            `${recorder.repeated} retained messages repeated; ${logins()} logins (at most ${allowedLogins}), ` +
            `${nas.sessions} sessions; ${nodeRed.starts} processes, ${nas.bootId} starts of the NAS; ` +
            `${[...chaos.counts.values()].reduce((sum, count) => sum + count, 0)} disturbances of ${chaos.counts.size} kinds`,
        );
        // What a killed process could not store any more is sent again, late; nothing else.
        expect(repeats.flat().filter(({ late }) => !late)).toEqual([]);
        expect(logins()).toBeLessThanOrEqual(allowedLogins);
        expect(nodeRed.hasCrashed).toBe(false);
        expect(nodeRed.output).not.toMatch(/Uncaught|Unhandled/i);
        const last = lines.slice(-LISTENERS.length);
        expect(Math.max(...last.map(({ resources }) => resources))).toBeLessThan(MOST_RESOURCES);
      } catch (error) {
        console.log(chaos.log.join('\n'), nodeRed.output.slice(-20_000));
        throw error;
      }
    },
  );
});
