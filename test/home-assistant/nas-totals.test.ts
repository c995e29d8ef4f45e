import { expect, test } from 'vitest';
import { nasTotals, ProtectionTotalsInParts, TaskTotalsInParts } from '../../src/home-assistant/nas-totals';
import type { Protection } from '../../src/monitor/protection-types';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { createRandom } from '../nas/random';
import { randomSnapshot } from './snapshots';

const POOL = Array.from({ length: 40 }, (_, seed) => randomSnapshot(seed, 6));
const TASKS = POOL.flatMap(({ tasks }) => tasks ?? []);
const PROTECTIONS = POOL.flatMap(({ protections }) => protections ?? []);
const WORDS: readonly Protection[] = ['late', 'failing', 'never', 'unprotected', 'protected', 'unknown'];

test.each([0, 1, 15, 16, 17, 255, 256, 257, 600])(
  'totals of %i tasks and devices of which some are replaced equal those of the whole',
  (count) => {
    const random = createRandom(count);
    const task = (id: number) => {
      const any = random.pick(TASKS);
      return { ...any, task: { ...any.task, id } };
    };
    // Often `unknown` alone, of which the totals are null.
    const words = random.fraction() < 0.5 ? WORDS : (['unknown', 'unprotected'] as const);
    const protection = (id: number) => {
      const any = random.pick(PROTECTIONS);
      return { ...any, device: { ...any.device, id }, protection: random.pick(words) };
    };
    const tasks = Array.from({ length: count }, (_, id) => task(id));
    const protections = Array.from({ length: count }, (_, id) => protection(id));
    const taskTotals = new TaskTotalsInParts(tasks);
    const protectionTotals = new ProtectionTotalsInParts(protections);
    for (let step = 0; step < 50; step += 1) {
      const snapshot: NasSnapshot = { ...randomSnapshot(1), tasks, protections };
      const whole = nasTotals(snapshot);
      expect({ step, totals: taskTotals.totals }).toEqual({ step, totals: whole.tasks });
      expect({ step, totals: protectionTotals.totals }).toEqual({ step, totals: whole.protections });
      if (count === 0) return;
      const index = random.integer(0, count - 1);
      taskTotals.replace(index, (tasks[index] = task(index)));
      protectionTotals.replace(index, (protections[index] = protection(index)));
    }
  },
);
