import { appendFileSync, copyFileSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MqttConnection } from '../../src/mqtt/mqtt-connection';
import { Publisher } from '../../src/mqtt/publisher';
import { UndeliveredEvents } from '../../src/bridge/undelivered-events';
import { Journal } from '../../src/storage/journal';
import { mosquitto, other, proxy } from '../mqtt/brokers';
import { createRandom } from '../nas/random';
import type { MqttProxy } from '../support/mqtt-proxy';
import { describeWith } from '../support/needs';
import { tempDir } from '../support/temp-dir';
import { until } from '../support/until';

const journalAt =
  (path: string, warnings: string[] = []) =>
  (lines: () => readonly string[]): Journal =>
    new Journal({ path, lines, warn: (message) => warnings.push(message), content: 'Events', retryMs: 20 });

async function folder(): Promise<string> {
  const { path, remove } = await tempDir('events');
  onTestFinished(remove);
  return path;
}

/** Undelivered events whose messages are acknowledged by the test. */
function createEvents(path: string | null, now?: () => number) {
  const sent: { topic: string; payload: string; answer: (isAccepted: boolean) => void }[] = [];
  const warnings: string[] = [];
  const events = new UndeliveredEvents({
    openJournal: path === null ? null : journalAt(path, warnings),
    send: ({ topic, payload }, answer) => sent.push({ topic, payload, answer }),
    ...(now && { now }),
  });
  events.on('warning', (message) => warnings.push(message));
  events.load();
  onTestFinished(() => {
    events.end();
  });
  return { events, sent, warnings };
}

const finished = (id: number) => ({
  key: `end ${id}`,
  topics: ['event', `task/${id % 5}/event`],
  payload: `{"id":${id}}`,
});

test('an event is on disk when add() returns, and removed once the broker has accepted it on all topics', async () => {
  const path = join(await folder(), 'events.jsonl');
  const first = createEvents(path);
  first.events.add(finished(1));
  first.events.add(finished(2));
  expect(createEvents(path).events.count).toBe(2); // read in the same turn, as after a kill of the process
  first.events.open();
  expect(first.sent.map(({ topic }) => topic)).toEqual(['event', 'task/1/event', 'event', 'task/2/event']);
  first.sent[0]?.answer(true);
  first.sent[2]?.answer(true);
  first.sent[3]?.answer(true);
  expect(first.events.count).toBe(1);
  const second = createEvents(path);
  second.events.open();
  expect(second.sent.map(({ topic, payload }) => `${topic} ${payload}`)).toEqual(['task/1/event {"id":1}']);
});

test('an event that is added again, as after a kill of Node-RED, is published once, also after its delivery', async () => {
  const path = join(await folder(), 'events.jsonl');
  const first = createEvents(path);
  first.events.open();
  first.events.add(finished(1));
  for (const { answer } of first.sent) answer(true);
  first.events.add(finished(2));
  const second = createEvents(path);
  second.events.open();
  second.events.add(finished(1));
  second.events.add(finished(2));
  expect(second.sent.map(({ payload }) => payload)).toEqual(['{"id":2}', '{"id":2}']);
});

test('a refused event waits for the next session, and delays no other event', () => {
  const { events, sent } = createEvents(null);
  events.open();
  for (let id = 1; id <= 50; id += 1) events.add(finished(id));
  for (let i = 0; i < sent.length; i += 1) sent[i]?.answer(i > 1);
  expect(sent).toHaveLength(100);
  expect(events.count).toBe(1);
  events.close();
  events.open();
  expect(sent).toHaveLength(102);
});

test('the latest 10,000 events are kept, with one warning', async () => {
  const path = join(await folder(), 'events.jsonl');
  const { events, warnings } = createEvents(path);
  for (let id = 1; id <= 10_200; id += 1) events.add({ key: null, topics: ['event'], payload: String(id) });
  expect(events.count).toBe(10_000);
  expect(warnings).toEqual(['More events wait for the MQTT broker than are kept: the oldest are dropped']);
  const { events: again, sent } = createEvents(path);
  again.open();
  expect(again.count).toBe(10_000);
  expect(sent[0]?.payload).toBe('201');
});

test('at most 16 MB of events are kept', () => {
  const { events, sent } = createEvents(null);
  for (let id = 0; id < 40; id += 1)
    events.add({ key: null, topics: ['event'], payload: `${id} `.padEnd(1024 * 1024) });
  expect(events.count).toBe(16);
  events.open();
  expect(Number.parseInt(sent[0]?.payload ?? '', 10)).toBe(24);
});

test('the size of the file is bounded', async () => {
  const path = join(await folder(), 'events.jsonl');
  const { events, sent } = createEvents(path);
  events.open();
  for (let id = 0; id < 30_000; id += 1) {
    events.add({ key: `end ${id}`, topics: ['event'], payload: 'x'.repeat(500) });
    sent.splice(0).forEach(({ answer }) => {
      answer(true);
    });
  }
  expect(events.count).toBe(0);
  expect(statSync(path).size).toBeLessThan(2 * 1024 * 1024);
});

test.each([
  { left: '{"add":3,"at":1,"key":null,"top', damaged: 0 },
  { left: 'rubbish\n[]\n', damaged: 2 },
])('a file that published in $left loses no other event', async ({ left, damaged }) => {
  const path = join(await folder(), 'events.jsonl');
  const first = createEvents(path);
  first.events.add(finished(1));
  first.events.end();
  appendFileSync(path, left);
  const second = createEvents(path);
  second.events.add(finished(2));
  second.events.end();
  expect(second.warnings).toHaveLength(damaged > 0 ? 1 : 0);
  expect(createEvents(path).events.count).toBe(2);
});

test('while the disk cannot be written events are kept in memory, delivered, and written as soon as possible', async () => {
  const inTheWay = join(await folder(), 'file');
  const path = join(inTheWay, 'events.jsonl');
  const { events, sent, warnings } = createEvents(path);
  writeFileSync(inTheWay, '');
  for (let id = 1; id <= 3; id += 1) events.add(finished(id));
  expect(warnings).toHaveLength(1);
  events.open();
  sent[0]?.answer(true);
  sent[1]?.answer(true);
  unlinkSync(inTheWay);
  await until(() => statSync(path, { throwIfNoEntry: false }) !== undefined);
  expect(createEvents(path).events.count).toBe(2);
  expect(warnings).toHaveLength(1);
});

let runs = 0;

/** One run of a bridge's publisher and undelivered events, until it is ended or killed. */
function startRun(
  path: string,
  wire: Pick<MqttProxy, 'url' | 'drop'>,
  root: string,
  onDelivered: (payload: string) => void = () => undefined,
) {
  const publisher = new Publisher();
  const events = new UndeliveredEvents({
    openJournal: journalAt(path),
    send: (message, answer) => {
      publisher.publishEvent({ ...message, topic: `${root}/${message.topic}` }, (isAccepted) => {
        if (isAccepted) onDelivered(message.payload);
        answer(isAccepted);
      });
    },
  });
  events.load();
  let isOver = false;
  const bridge = new MqttConnection({
    broker: { url: wire.url, clientId: `run-${(runs += 1)}`, protocolVersion: 5, keepaliveSeconds: 60 },
    will: null,
    onSession: (session) => {
      publisher.setSession(session);
      events.open();
    },
    onProblem: () => {
      if (isOver) return;
      events.close();
      publisher.clearSession();
    },
    onMessage: () => undefined,
    random: () => 0,
  });
  bridge.open();
  return {
    events,
    /** Like a stop of Node-RED: waits for messages in flight. */
    end: async () => {
      isOver = true;
      events.close();
      publisher.clearSession();
      await bridge.close([]);
      events.end();
    },
    kill: () => {
      isOver = true;
      publisher.clearSession();
      wire.drop();
      void bridge.close([]).then(() => {
        events.end();
      });
    },
  };
}

describeWith('mosquitto', 'delivery to a broker', (path) => {
  test('5,000 finished backups of one turn arrive, each once, in order', async () => {
    const broker = await mosquitto(path, { config: ['max_queued_messages 0'] });
    const watcher = await other(broker.url);
    await watcher.subscribe('x/event');
    const { events } = startRun(join(await folder(), 'events.jsonl'), { url: broker.url, drop: () => undefined }, 'x');
    for (let id = 0; id < 5000; id += 1) events.add(finished(id));
    // A slow machine is no failure; no progress is.
    for (let left = events.count; left > 0; left = events.count) {
      await until(() => events.count < left);
    }
    await until(() => watcher.messages.length >= 5000);
    await watcher.caughtUp();
    expect(watcher.messages.map(({ payload }) => (JSON.parse(payload) as { id: number }).id)).toEqual(
      Array.from({ length: 5000 }, (_, id) => id),
    );
  }, 240_000);

  const SEQUENCES = 200;
  const SEED = Number(process.env['SEED'] ?? 20261128);
  test(`over ${SEQUENCES} sequences of deploys, restarts, kills and outages (seed ${SEED}) every event arrives, and twice only where its acknowledgement was lost`, async () => {
    const broker = await mosquitto(path, { config: ['max_queued_messages 0'] });
    const watcher = await other(broker.url);
    await watcher.subscribe('+/event');
    const root = await folder();
    let published = 0;
    let repeated = 0;
    const sequence = async (number: number): Promise<void> => {
      const dice = createRandom(SEED + number);
      const chance = (): number => dice.fraction();
      const wire = await proxy(broker);
      const name = `s${number}`;
      let file = join(root, `${name}-0`);
      let next = 0;
      const mayRepeat = new Set<number>();
      const pending = new Set<number>();
      const start = (): ReturnType<typeof startRun> => startRun(file, wire, name, (id) => pending.delete(Number(id)));
      let bridge = start();
      const cut = (): void => {
        for (const id of pending) mayRepeat.add(id);
      };
      let lastPoll: number[] = [];
      const poll = (ids: number[]): void => {
        for (const id of ids) {
          pending.add(id);
          bridge.events.add({ key: `end ${id}`, topics: ['event'], payload: String(id) });
        }
        lastPoll = ids;
      };
      for (let step = 0; step < 8; step += 1) {
        poll(Array.from({ length: Math.floor(chance() * 6) }, () => (next += 1)));
        const what = chance();
        if (what < 0.25) await new Promise((resolve) => setTimeout(resolve, chance() * 30));
        else if (what < 0.5) {
          await bridge.end();
          bridge = start();
        } else if (what < 0.75) {
          await new Promise((resolve) => setTimeout(resolve, chance() * 20));
          // The next run reads the file as it is now; the monitor repeats its last poll.
          const copy = join(root, `${name}-${step + 1}`);
          if (statSync(file, { throwIfNoEntry: false }) !== undefined) copyFileSync(file, copy);
          cut();
          bridge.kill();
          file = copy;
          bridge = start();
          poll(lastPoll);
        } else {
          await new Promise((resolve) => setTimeout(resolve, chance() * 20));
          cut();
          wire.drop();
        }
      }
      await until(() => bridge.events.count === 0, { timeout: 60_000 });
      await watcher.caughtUp();
      const got = watcher.messages
        .filter(({ topic }) => topic === `${name}/event`)
        .map(({ payload }) => Number(payload));
      const duplicates = got.filter((id, index) => got.indexOf(id) !== index);
      expect(
        [...new Set(got)].sort((a, b) => a - b),
        name,
      ).toEqual(Array.from({ length: next }, (_, i) => i + 1));
      expect(
        duplicates.filter((id) => !mayRepeat.has(id)),
        name,
      ).toEqual([]);
      published += next;
      repeated += duplicates.length;
      await bridge.end();
    };
    for (let first = 0; first < SEQUENCES; first += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => sequence(first + index)));
    }
    console.log(
      `${published} published over ${SEQUENCES} sequences: 0 lost, ${repeated} twice (cut off before the acknowledgement)`,
    );
  }, 240_000);
});

test('events that could not be written before a deploy are kept for the bridge after it, and written when the disk can', async () => {
  const path = join(await folder(), 'missing', 'events.jsonl');
  writeFileSync(join(path, '..'), ''); // a file where the folder should be: every write fails
  const first = createEvents(path);
  first.events.add(finished(1));
  first.events.end();
  expect(first.events.areStored).toBe(false);
  const second = createEvents(path);
  expect([second.events.count, second.events.areStored]).toEqual([1, false]);
  unlinkSync(join(path, '..'));
  await until(() => second.events.areStored);
  second.events.end();
  const third = createEvents(path);
  third.events.open();
  expect(third.sent.map(({ payload }) => payload)).toEqual(['{"id":1}', '{"id":1}']);
});

test('the file is readable by its owner alone', async () => {
  const path = join(await folder(), 'events.jsonl');
  createEvents(path).events.add(finished(1));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8').endsWith('\n')).toBe(true);
});
