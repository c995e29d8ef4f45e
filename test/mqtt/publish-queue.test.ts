import { expect, test } from 'vitest';
import { PublishQueue, type QueueEntry, type QueuedEvent } from '../../src/mqtt/publish-queue';
import { createRandom } from '../nas/random';

const event = (topic: string): QueuedEvent => ({
  message: { topic, payload: 'x', retain: false },
  onAnswered: () => undefined,
});

test('the first entry is the one that was added first, whatever was removed, added again or moved', () => {
  const random = createRandom(7);
  const events = Array.from({ length: 5 }, (_, index) => event(`event/${index}`));
  const names: QueueEntry[] = [...Array.from({ length: 20 }, (_, index) => `topic/${index}`), ...events];
  const queue = new PublishQueue(() => undefined);
  let expected: QueueEntry[] = [];
  for (let step = 0; step < 20_000; step += 1) {
    const entry = random.fraction() < 0.4 ? (queue.first ?? random.pick(names)) : random.pick(names);
    const chance = random.fraction();
    if (chance < 0.5) {
      queue.add(entry);
      if (!expected.includes(entry)) expected.push(entry);
    } else if (chance < 0.97) {
      queue.remove(entry);
      expected = expected.filter((each) => each !== entry);
    } else if (chance < 0.98) {
      queue.retainedFirst();
      const isTopic = (each: QueueEntry): boolean => typeof each === 'string';
      expected = [...expected.filter(isTopic), ...expected.filter((each) => !isTopic(each))];
    } else if (chance < 0.99) {
      queue.dropEvents();
      expected = expected.filter((each) => typeof each === 'string');
    } else {
      queue.requeue([]);
      expected = [];
    }
    expect(queue.first, `step ${step}`).toBe(expected[0]);
  }
});
