/**
 * Receives log lines for diagnosis. A line never holds a secret, and of user input only values known to be harmless:
 * names of APIs and methods, ids, numbers, codes.
 */
export interface Logger {
  /** A normal step, or a failure that is reported to the user elsewhere. */
  debug(message: string): void;
  /** A problem for the user that is reported nowhere else. */
  warn(message: string): void;
}

/** Discards all lines. */
export const SILENT_LOGGER: Logger = {
  debug: () => undefined,
  warn: () => undefined,
};
