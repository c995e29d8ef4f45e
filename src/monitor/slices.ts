/** Steps between which other work may run; the result follows the last one. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Steps that run without a pause: a step takes about 0.1 ms, and a pause must not keep other work waiting for 10 ms. */
const STEPS_PER_SLICE = 50;

/** Runs all steps at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Runs the steps in slices, so that a list of thousands of tasks does not hold the event loop. */
export async function inSlices<T>(steps: Steps<T>): Promise<T> {
  for (let count = 1; ; count += 1) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (count % STEPS_PER_SLICE === 0) await pause();
  }
}

/** Resolves in the next turn of the event loop. */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
