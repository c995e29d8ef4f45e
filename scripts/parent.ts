/** Interval of the check whether the parent process is still running. */
const CHECK_MS = 300;

/**
 * Calls `stop` once when the parent process has ended. A program that npm runs ends with npm in this way: npm sends a signal to
 * the shell in between, which does not pass it on.
 */
export function whenParentEnds(stop: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, CHECK_MS);
  timer.unref();
}
