import { setMaxListeners } from 'node:events';

/**
 * One signal from several reasons to stop: the callers' signals and a time limit. `AbortSignal.any` is not used because
 * on Node 20 it keeps each signal it creates alive as long as its longest-lived source.
 */
export interface Timeout {
  readonly signal: AbortSignal;
  /** True when the time limit aborted the signal. */
  readonly timedOut: boolean;
  /** Stops the timer and removes the listeners from the sources. */
  clear(): void;
}

/** Starts a time limit of `timeoutMs` whose signal also follows `sources`. The caller must call `clear`. */
export function startTimeout(timeoutMs: number, sources: readonly (AbortSignal | undefined)[]): Timeout {
  const controller = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    controller.abort();
  }, timeoutMs);
  const stopForwarding = forwardAbort(controller, sources);
  return {
    signal: controller.signal,
    get timedOut() {
      return timedOut;
    },
    clear() {
      clearTimeout(timer);
      stopForwarding();
    },
  };
}

/** Aborts `controller` with the first of `sources` that aborts. @returns a function that removes the listeners */
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

/**
 * Waits for `promise` until `signal` aborts, then rejects with the signal's reason. The promise itself is not
 * cancelled.
 */
export function waitOrAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(reasonOf(signal));
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

/** A controller whose signal may have any number of listeners without Node's warning about a leak. */
export function createSharedAbortController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

function reasonOf({ reason }: { readonly reason: unknown }): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
