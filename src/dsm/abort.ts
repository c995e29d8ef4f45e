import { setMaxListeners } from 'node:events';

/**
 * One signal out of several reasons to stop: the callers' signals and a time limit. `AbortSignal.any` would do, but on
 * Node 20 it keeps every signal it has made alive as long as its longest-lived source.
 */
export interface Timeout {
  readonly signal: AbortSignal;
  /** Whether the time limit was what ended it. */
  readonly timedOut: boolean;
  /** Lets go of the timer and of the sources. */
  clear(): void;
}

/** Starts a deadline of `timeoutMs` that also follows `sources`. Whoever starts it clears it. */
export function startTimeout(timeoutMs: number, sources: readonly (AbortSignal | undefined)[]): Timeout {
  const controller = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    controller.abort();
  }, timeoutMs);
  const unfollow = forwardAbort(controller, sources);
  return {
    signal: controller.signal,
    get timedOut() {
      return timedOut;
    },
    clear() {
      clearTimeout(timer);
      unfollow();
    },
  };
}

/** Aborts `controller` with the first of `sources`. @returns what lets go of the sources */
export function forwardAbort(controller: AbortController, sources: readonly (AbortSignal | undefined)[]): () => void {
  const abort = (): void => {
    controller.abort();
  };
  for (const source of sources) {
    if (source?.aborted === true) abort();
    else source?.addEventListener('abort', abort, { once: true });
  }
  return () => {
    for (const source of sources) source?.removeEventListener('abort', abort);
  };
}

/** Waits for `promise`, but not beyond `signal`: then rejects with the signal's reason. The promise itself goes on. */
export function waitOrAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) {
      promise.catch(() => undefined);
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}

/** A controller whose signal any number of calls may wait on at once, without Node taking them for a leak. */
export function createSharedAbortController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
