import { expect, test } from 'vitest';
import { atOnce, inSlices, type Steps } from '../../src/monitor/slices';

function* counting(steps: number, onStep: (step: number) => void): Steps<string> {
  for (let step = 1; step <= steps; step += 1) {
    onStep(step);
    yield;
  }
  return `${steps} steps`;
}

test('other work runs after every 50 steps, so that no step waits for a list of thousands', async () => {
  let done = 0;
  const seen: number[] = [];
  const watch = (): void => {
    seen.push(done);
    if (done < 120) setImmediate(watch);
  };
  setImmediate(watch);
  expect(await inSlices(counting(120, (step) => (done = step)))).toBe('120 steps');
  expect(seen).toEqual([50, 100]);
});

test('fewer than 50 steps run without a pause', async () => {
  let isPaused = false;
  setImmediate(() => (isPaused = true));
  expect(await inSlices(counting(49, () => undefined))).toBe('49 steps');
  expect(isPaused).toBe(false);
});

test('at once, or in slices: the same result', async () => {
  expect(atOnce(counting(200, () => undefined))).toBe(await inSlices(counting(200, () => undefined)));
});

test('an error of a step reaches the caller', async () => {
  const failing = (): Steps<string> =>
    counting(3, (step) => {
      if (step === 2) throw new RangeError('step 2');
    });
  expect(() => atOnce(failing())).toThrow('step 2');
  await expect(inSlices(failing())).rejects.toThrow('step 2');
});
