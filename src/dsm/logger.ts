/**
 * Takes lines for whoever looks for the cause of trouble. A line never holds a secret, and of what a person typed only what
 * was checked to be harmless: names of APIs and methods, ids, numbers, codes.
 */
export interface Logger {
  /** A step that went as it should, or a failure that somebody else reports to a person. */
  debug(message: string): void;
  /** Something that a person should know of and that nobody else reports. */
  warn(message: string): void;
}

/** Takes everything, and keeps nothing. */
export const SILENT_LOGGER: Logger = {
  debug: () => undefined,
  warn: () => undefined,
};
